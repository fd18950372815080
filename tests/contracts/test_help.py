"""What help promises, and what it may load."""

import json
import subprocess
import sys
from importlib import import_module
from inspect import signature

import pytest

from meta_prefect.cli.table import COMMANDS

HEAVY = ("prefect", "pulumi", "grpc", "boto3", "botocore", "rich", "httpx", "kubernetes")
LIGHTEST = (*HEAVY, "typer", "pydantic", "tomllib")
PROBE = """
import json, sys
sys.argv = ["meta-prefect", *json.loads(sys.argv[1])]
from meta_prefect.cli.main import main
try:
    main()
except SystemExit as end:
    code = end.code
print(json.dumps({"code": int(code), "modules": sorted(sys.modules)}), file=sys.stderr)
"""


def probe(*words):
    """Run a command line in a fresh interpreter; gives its output and what it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(words)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    report = json.loads(done.stderr.splitlines()[-1])
    assert report["code"] == 0
    return done.stdout, report["modules"]


def loaded(modules, names):
    return sorted({module.partition(".")[0] for module in modules} & set(names))


@pytest.mark.parametrize("words", [["--help"], ["up", "--help"], ["run", "-h"], []])
def test_help_loads_nothing_heavy(words):
    """Help imports neither a command nor Prefect, Pulumi, gRPC, a cloud or rich."""
    shown, modules = probe(*words)

    assert "Usage: meta-prefect" in shown
    assert loaded(modules, HEAVY) == []
    assert [name for name in modules if name.startswith("meta_prefect.cli.commands")] == []
    assert [name for name in modules if name.startswith("meta_prefect.project")] == []


@pytest.mark.parametrize(
    "words", [["version"], ["--version"], ["completion", "bash"], ["__complete", "up", "--"]]
)
def test_version_and_completion_load_no_parser(words):
    """A shell waits for these: they load not even typer."""
    _, modules = probe(*words)

    assert loaded(modules, LIGHTEST) == []


def test_explaining_loads_nothing_heavy():
    """A command that needs no project loads none."""
    _, modules = probe("explain", "MP1302")

    assert loaded(modules, HEAVY) == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_exists(command):
    """Each verb of the table has a module with a `run` that takes a call and a context."""
    module = import_module(f"meta_prefect.cli.commands.{command.module}")

    assert list(signature(module.run).parameters) == ["call", "context"]
    assert module.__doc__.startswith(f"`{command.name}`")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_fits_a_terminal(command):
    """A line of help fits 80 columns beside the command's name, and has no full stop."""
    assert len(command.help) <= 62
    assert not command.help.endswith(".")
