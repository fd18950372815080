"""The README's Python runs as it is printed, and its command lines are understood."""

import re
import shlex
from pathlib import Path

import prefect
import pytest

from meta_prefect.cli.parser import parse
from meta_prefect.cli.table import COMMANDS
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from meta_prefect.testing import deployment_of, requirements_of

README = Path(__file__).parents[2] / "README.md"
PROGRAM = "meta_prefect.deploy("
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
LINES = sorted(set(re.findall(r"meta-prefect ([a-z][^`&#\n]*)", README.read_text("utf-8"))))


@pytest.fixture(scope="module")
def names():
    """Run all blocks but the Pulumi program, one after the other, as one file of a reader."""

    @prefect.flow
    def report() -> None: ...

    found = {"flow": prefect.flow, "report": report, "__name__": "readme"}
    for block in BLOCKS:
        if PROGRAM not in block:
            exec(compile(block, str(README), "exec"), found)
    return found


def test_every_block_runs(names):
    """The classes, flows and records of the README are there."""
    assert {"my_flow", "team_deployer", "load", "Topic", "with_alarm"} <= names.keys()
    assert sum(PROGRAM in block for block in BLOCKS) == 1


def test_its_test_passes(names):
    """The test that the README shows is a test that passes."""
    names["test_reports_of_the_team_are_tagged"]()


def test_its_builders_do_what_is_said(names):
    """A record of one's own is required; each of two deployments has its own part."""
    alarmed = names["with_alarm"]()(names["team_deployer"]())(prefect.flow)(lambda: None)
    load = names["load"]

    assert names["Topic"]("alarms") in requirements_of(alarmed)
    with pytest.raises(MetaPrefectError, match="MP1110"):
        deployment_of(load, deployment="weekly")
    nightly = deployment_of(load, deployment="nightly", stack="prod")
    assert nightly.schedules[0]["active"] is True
    assert deployment_of(load, deployment="sample").parameters == {"rows": 10}


@pytest.mark.parametrize("line", LINES)
def test_its_command_lines_are_understood(line):
    """Each names a command that there is, with flags and words that it takes."""
    assert parse(shlex.split(line)) is not None


def test_it_names_every_command():
    """Whoever looks for a command finds it in the README."""
    text = README.read_text("utf-8")

    assert [item.name for item in COMMANDS if f"`{item.name}" not in text] == []
