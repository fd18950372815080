"""How a local server is started."""

import json
import subprocess
import sys

from meta_prefect.provider.server_plan import ServerPlan

INPUTS = {
    "host": "127.0.0.1",
    "databaseUrl": "sqlite+aiosqlite:///x.db",
    "ui": True,
    "python": sys.executable,
    "startTimeoutSeconds": 5,
}
SHOW = "import gc, json, sys; print(json.dumps([gc.get_threshold()[0], sys.argv[1:]]))"


def test_prefect_runs_with_its_arguments_and_a_rarer_collection(tmp_path):
    """
    What is started is `prefect server start`, with few collections.

    A collection in the wrong moment blocks a server on SQLite for a minute.
    """
    (tmp_path / "prefect").mkdir()
    (tmp_path / "prefect" / "__init__.py").touch()
    (tmp_path / "prefect" / "__main__.py").write_text(SHOW)
    launch = ServerPlan.read({**INPUTS, "home": str(tmp_path)}).launch({}, 4999)

    done = subprocess.run(
        launch.command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )

    threshold, arguments = json.loads(done.stdout)
    assert threshold > 10_000
    assert arguments[:3] == ["--no-prompt", "server", "start"]
    assert "4999" in arguments


def test_the_web_pages_are_told_where_the_api_is(tmp_path):
    """The pages would look at Prefect's default port otherwise."""
    launch = ServerPlan.read({**INPUTS, "home": str(tmp_path)}).launch({}, 4999)

    assert launch.environment["PREFECT_UI_API_URL"] == "http://127.0.0.1:4999/api"
