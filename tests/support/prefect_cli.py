"""
Prefect's own command line, in a process of its own.

Prefect 3.8.8 sends nulls when it asks for the workers of a pool. From FastAPI 0.151 on its own
server refuses them, and `prefect deploy` ends after its first deployment; so numbers are sent.
"""

from __future__ import annotations

import os
import subprocess
import sys

_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")


def run_prefect(folder, api_url, *words):
    """Run `prefect WORDS` in a folder; it must succeed. Its home is in that folder."""
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | {
        "PREFECT_API_URL": api_url,
        "PREFECT_HOME": str(folder / "prefect-home"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.prefect_cli", "--no-prompt", *words],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{words}: {done.stdout}\n{done.stderr}"


def _main():
    from prefect.cli import app
    from prefect.client.orchestration import PrefectClient

    # Of work_pool_name, worker_filter, offset and limit the last three.
    PrefectClient.read_workers_for_work_pool.__defaults__ = (None, 0, 200)
    app()


if __name__ == "__main__":
    _main()
