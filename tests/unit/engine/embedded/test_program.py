"""What is said of a program that failed."""

import asyncio
import contextlib

import pulumi
import pytest

from meta_prefect.engine.embedded import program
from meta_prefect.engine.embedded.program import describe_failure, is_users
from meta_prefect.interfaces.diagnostics import Diagnostic, MetaPrefectError


@pytest.mark.parametrize(
    ("error", "summary"),
    [
        (ValueError("no such bucket"), "ValueError: no such bucket"),
        (ValueError(), "ValueError"),
        (Exception("invoke failed"), "invoke failed"),
        (pulumi.RunError("not like this"), "not like this"),
    ],
)
def test_summary(error, summary):
    """A failure is named by kind and text, unless the kind says nothing."""
    assert describe_failure(error).summary == summary


def test_an_error_of_ours_keeps_its_cure():
    """It is said as it is, with all that was found in the same look."""
    other = Diagnostic("MP2121", "and this")
    error = MetaPrefectError("MP2125", "no agent", fixes=("install it",), others=(other,))

    failure = describe_failure(error)

    assert failure.diagnostics == (Diagnostic("MP2125", "no agent", fixes=("install it",)), other)
    assert failure.summary == "MP2125 no agent"


def test_any_other_error_has_the_one_code():
    """Its text and the user's frames are what there is to say."""
    (said,) = describe_failure(ValueError("no such bucket")).diagnostics

    assert (said.code, said.summary) == ("MP1201", "ValueError: no such bucket")


def test_frames():
    """Frames of Python, the SDK and the engine are left out; those of the user are kept."""
    assert is_users(__file__)
    assert is_users("/usr/lib/python3.11/site-packages/my_builders/bucket.py")
    assert not is_users(asyncio.__file__)
    assert not is_users(contextlib.__file__)
    assert not is_users(pulumi.__file__)
    assert not is_users(program.__file__)


def test_a_neighbour_of_the_package_is_the_users():
    """A folder whose name only begins like the package's is not the package."""
    folder = program.__file__.rpartition("/engine/")[0]

    assert is_users(f"{folder}_examples/flow.py")
