"""Every builder has a case with its effect, refuses a bad value, and is in the README."""

from importlib import import_module
from pathlib import Path

import pytest

from meta_prefect.cli.builder_help import list_builders
from tests.support.builder_cases import CASES, build_flow_file

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def test_no_builder_is_without_a_case():
    """A builder that is added needs a case; a case is of a builder that is there."""
    assert sorted(case.builder for case in CASES) == sorted(list_builders())


def test_no_builder_is_missing_in_the_readme():
    """The table of builders names each of them."""
    assert [name for name in list_builders() if f"`{name}`" not in README] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.builder)
def test_a_bad_value_is_refused_where_it_is_written(case):
    """The expression of the case raises, with the builder's name unless Python itself refuses."""
    names = {name: getattr(import_module(module), name) for name, module in list_builders().items()}

    with pytest.raises((ValueError, TypeError), match=case.builder):
        eval(case.bad, names)


def test_the_flow_file_with_all_of_them_is_one():
    """The cases make a file that compiles."""
    compile(build_flow_file(), "cases.py", "exec")
