"""A real Prefect server on a free port; one on SQLite for a whole test session."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_READY_SECONDS = 120
_END_SECONDS = 20


@dataclass(frozen=True)
class PrefectServer:
    """
    A running server.

    url: of its API; home: its PREFECT_HOME.
    pid: of the process that all others of it come from.
    """

    url: str
    home: Path
    pid: int


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory):
    """Start a server before the first test that wants one, and end it after the last."""
    with run_prefect_server(tmp_path_factory.mktemp("prefect-server")) as server:
        yield server


@contextmanager
def run_prefect_server(home, database_url=""):
    """Run a server until the context ends; its database is SQLite if none is given."""
    port = find_free_port()
    command = ["-m", "prefect", "--no-prompt", "server", "start", "--no-ui"]
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *command, "--host", "127.0.0.1", "--port", str(port)],
            cwd=home,
            env=_environment(home, database_url),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    server = PrefectServer(f"http://127.0.0.1:{port}/api", home, process.pid)
    try:
        _wait_until_ready(server, process)
        yield server
    finally:
        _end(process)


def find_free_port():
    """Ask the kernel for a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _environment(home, database_url):
    database = {"PREFECT_API_DATABASE_CONNECTION_URL": database_url} if database_url else {}
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")}
    return kept | {
        **database,
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }


def _wait_until_ready(server, process):
    end = time.monotonic() + _READY_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{server.url}/ready", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    log = (server.home / "server.log").read_text(errors="replace")[-2000:]
    raise RuntimeError(f"the Prefect server did not become ready:\n{log}")


def _end(process):
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
