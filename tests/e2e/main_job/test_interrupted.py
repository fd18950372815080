"""`up` killed in the middle, and a machine that does not play along: nothing is lost or doubled."""

import shutil
import time
from pathlib import Path

import pytest

from tests.support.by_hand import connect
from tests.support.command import CommandLine
from tests.support.processes import end_processes, list_processes

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 60


@pytest.fixture
def project(tmp_path):
    """The example in a project folder of its own; whatever a test leaves running is ended."""
    shutil.copytree(ROOT / "examples", tmp_path / "project" / "examples")
    command = CommandLine(tmp_path / "project", tmp_path / "home")
    yield command
    command.run("destroy", "--all", "--yes")
    end_processes(command.folder)


def kill_when(command, condition):
    """Start `up` and kill it with SIGKILL as soon as something holds."""
    running = command.start("up", "my_flow", "--yes")
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition() and running.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    assert running.poll() is None, running.communicate()[0]
    running.kill()
    running.communicate()


def test_up_goes_on_where_it_was_killed(project):
    """Killed while the server starts, then while the worker does: `up` ends with one of each."""
    home = project.folder / ".meta_prefect" / "prefect"
    kill_when(project, lambda: list_processes(project.folder, "server start"))
    kill_when(project, lambda: list_processes(project.folder, "worker start"))

    project.succeed("up", "my_flow", "--yes")
    again = project.succeed("up", "my_flow", "--yes", "--json").document
    shown = project.succeed("show", "--json").document["resources"]
    result = project.succeed("run", "my_flow", "-p", "x=1", "-p", "y=2").stdout.strip()

    (url,) = [item["outputs"]["url"] for item in shown if item["type"] == "prefect:local:Server"]
    with connect(url) as client:
        deployments = client.post("/deployments/filter", json={}).json()
    assert (again["result"], result) == ("no-changes", "3")
    assert len(list_processes(project.folder, "server start")) == 1
    assert len(list_processes(project.folder, "worker start")) == 1
    assert len(deployments) == 1
    assert (home / "prefect.db").exists()
    locks = project.folder / ".meta_prefect" / "state" / ".pulumi" / "locks"
    assert not [path for path in locks.rglob("*") if path.is_file()]


def test_a_folder_that_cannot_be_written_is_one_diagnostic(project):
    """State has no place: one error that names it, and nothing was started."""
    (project.folder / ".meta_prefect").write_text("a file stands in the way")

    answer = project.run("up", "my_flow", "--yes")

    assert answer.code == 1
    assert answer.stderr.count("error MP4") == 1
    assert "Traceback" not in answer.stderr
    assert list_processes(project.folder) == []
    (project.folder / ".meta_prefect").unlink()
