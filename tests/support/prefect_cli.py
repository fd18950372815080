"""Prefect's own command line, in a process of its own."""

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
        [sys.executable, "-m", "prefect", "--no-prompt", *words],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{words}: {done.stdout}\n{done.stderr}"
