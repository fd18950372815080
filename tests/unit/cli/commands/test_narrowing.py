"""Flags that name resources, held against those that there are."""

import pytest

from meta_prefect.cli.commands.narrowing import check_narrowing, list_narrowing
from meta_prefect.cli.main import run
from meta_prefect.cli.options import Operating
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from tests.support.fake_project import FakeProject, build_screen
from tests.views import recordings

NAMES = ("my_flow", "my_flow/deployment", "work-pool/process/pool")


@pytest.mark.parametrize("pattern", ["my_flow", "my_flow/*", "work-pool/process", "**/pool"])
def test_what_there_is(pattern):
    """A name, a pattern and what a resource is inside of are all understood."""
    check_narrowing([pattern], NAMES, "look")

    assert list_narrowing(Operating(only=(pattern,)), declares=True) == (pattern,)


def test_what_there_is_not():
    """A mistyped name is refused, with the nearest ones."""
    with pytest.raises(MetaPrefectError, match="MP1318") as caught:
        check_narrowing(["my_flow/deploymnet"], NAMES, "look")

    assert "did you mean my_flow/deployment" in caught.value.diagnostic.why
    assert caught.value.diagnostic.fixes == ("look",)


def test_what_a_program_leaves_out_may_show_nowhere():
    """`--except` is held against what is stored, where no program declares more."""
    flags = Operating(excluded=("a",), replaced=("b",))

    assert list_narrowing(flags, declares=True) == ("b",)
    assert list_narrowing(flags, declares=False) == ("b", "a")


@pytest.mark.parametrize(
    ("words", "recording"),
    [
        (["up", "my_flow", "--only", "nothing"], recordings.FIRST_UP),
        (["diff", "my_flow", "--replace", "nothing"], recordings.FIRST_UP),
        (["destroy", "my_flow", "--except", "nothing"], recordings.DESTROYED),
    ],
)
def test_nothing_is_done_for_a_name_that_is_not_there(words, recording):
    """Every operation refuses it after its preview."""
    fake = FakeProject(recording=recording)
    screen = build_screen(fake)

    code = run([*words, *([] if words[0] == "diff" else ["--yes"])], screen.context)

    assert code == ExitCode.NOT_FOUND
    assert not fake.operation.applied
    assert "there is no resource nothing" in screen.err
