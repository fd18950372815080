"""The help of builders, of the catalogue and of a team's own."""

import subprocess
import sys
from importlib import import_module

import pytest

from meta_prefect.cli.builder_help import find_builder, list_builders
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface

OWN = '''
from meta_prefect.implementations.deployments import compose
from meta_prefect.implementations.metadata import labels, tags


class team:
    """Do what the team does."""

    def __init__(self, size=1, *names):
        """Choose a size."""


class plain:
    """Need nothing."""


preset = compose(tags("a"), labels(b=1))


def sized(size: int = 1, *names):
    """Make one of a size."""
'''


def test_every_builder_of_the_catalogue_has_help(tmp_path):
    """Each has a text with an example, and what its arguments mean."""
    for name, module in list_builders().items():
        found = find_builder(name, tmp_path)

        assert found is not None, name
        assert (found.name, found.module) == (name, module)
        assert name in found.text.replace("@", ""), name
        assert found.details or not found.arguments, name


def test_builders_are_listed_by_their_text():
    """What the list names are the builders and references that the modules have."""
    others = {"block", "secret", "variable"}

    for name, module in list_builders().items():
        found = getattr(import_module(module), name)
        assert issubclass(found, FlowBuilderInterface) or name in others, name
    assert {"cron", "local_deployer", "deployment", "S3Filesystem"} <= list_builders().keys()


def test_arguments_are_shown_as_they_are_written(tmp_path):
    """Names, types and defaults; options that several share are shown one by one."""
    cron = find_builder("cron", tmp_path)

    assert cron.arguments[:3] == ("expression: str", "day_or: bool = True", "timezone: str")
    assert "active_in: the stacks in which it is active" in cron.details


def test_a_builder_of_ones_own(tmp_path, monkeypatch):
    """It is found by module and name, below the project's folder."""
    (tmp_path / "own_builders.py").write_text(OWN)

    team = find_builder("own_builders.team", tmp_path)
    preset = find_builder("own_builders.preset", tmp_path)
    plain = find_builder("own_builders.plain", tmp_path)

    assert team.arguments == ("size = 1", "*names")
    assert (team.text, team.details) == ("Do what the team does.", "Choose a size.")
    assert (preset.arguments, plain.arguments, plain.details) == ((), (), "")
    assert preset.text.endswith("the first applies first: tags, labels")
    assert sys.path[0] != str(tmp_path)


def test_a_function_that_makes_builders(tmp_path):
    """Its help is its docstring, with all of its arguments."""
    (tmp_path / "own_makers.py").write_text(OWN)

    sized = find_builder("own_makers.sized", tmp_path)

    assert sized.arguments == ("size: int = 1", "*names")
    assert sized.text == "Make one of a size."


@pytest.mark.parametrize("name", ["nothing", "no_such_module.team", "own_builders.nothing"])
def test_what_is_no_builder(tmp_path, name):
    """A name that leads nowhere is none."""
    assert find_builder(name, tmp_path) is None


def test_only_the_builders_own_module_is_loaded():
    """Help of one builder loads neither the others nor a heavy library."""
    statement = (
        "import sys; from pathlib import Path; from meta_prefect.cli.builder_help import *; "
        "find_builder('parameters', Path('.')); "
        "print([m for m in sys.modules if m in ('prefect', 'pulumi', 'rich', "
        "'meta_prefect.implementations.schedule')])"
    )

    done = subprocess.run(
        [sys.executable, "-c", statement], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
