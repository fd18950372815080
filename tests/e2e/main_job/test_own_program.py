"""A flow inside a Pulumi program: the reference stack comes up, runs and goes."""

import shutil
from pathlib import Path

import pytest

from tests.support.command import CommandLine
from tests.support.processes import end_processes, list_processes

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[3]
PROGRAM = ("--program", "stacks/local")


@pytest.fixture
def project(tmp_path):
    """The reference stacks in a project of their own; what is left running is ended."""
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "stacks", folder / "stacks")
    (folder / "pyproject.toml").write_text('[project]\nname = "team"\nversion = "1"\n')
    command = CommandLine(folder, tmp_path / "home")
    yield command
    command.run("destroy", *PROGRAM, "--all", "--yes")
    end_processes(folder)


def test_a_program_brings_up_a_flow_that_runs(project):
    """Outputs name the deployment; a run completes; a second `up` and `destroy` leave nothing."""
    up = project.succeed("up", *PROGRAM, "--yes", "--json").document
    result = project.succeed("run", *PROGRAM, "count_letters", "-p", "text=four")
    scheduled = project.succeed("run", *PROGRAM, "count_letters/hourly")
    again = project.succeed("up", *PROGRAM, "--yes", "--expect-no-changes", "--json").document
    project.succeed("destroy", *PROGRAM, "--all", "--yes")

    assert up["outputs"]["deployment"] == "count-letters/dev"
    assert (result.stdout.strip(), scheduled.stdout.strip()) == ("4", "5")
    assert again["result"] == "no-changes"
    assert list_processes(project.folder) == []
