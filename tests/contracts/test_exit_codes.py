"""The table of exit codes, as scripts rely on it."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from meta_prefect.cli.main import run
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.interfaces.engine import Failure, OperationResult, Outcome
from tests.support.fake_project import FakeProject, build_screen
from tests.views import recordings


def failing(failure, outcome=Outcome.FAILED):
    return replace(recordings.FIRST_UP, result=OperationResult(outcome, failure=failure))


def refusing_steps():
    result = OperationResult(Outcome.FAILED, failure=Failure.REFUSED)
    return replace(recordings.FIRST_UP, preview_result=result)


def refusing(exit_code):
    error = MetaPrefectError("MP1301", "no", exit_code=exit_code)
    return {"recording": recordings.FIRST_UP, "error": error}


CASES = {
    "done": (0, "up f -y", {"recording": recordings.FIRST_UP}),
    "nothing to do": (0, "up f", {"recording": recordings.UNCHANGED}),
    "preview with changes": (0, "preview f", {"recording": recordings.FIRST_UP}),
    "help": (0, "--help", {}),
    "program failed": (1, "up f -y", {"recording": failing(Failure.PROGRAM)}),
    "doctor found an error": (
        1,
        "doctor",
        {"checks": [SimpleNamespace(status="error", what="x", found="y", fix="")]},
    ),
    "wrong flag": (2, "up f --nope", {}),
    "no such command": (2, "upp", {}),
    "no flow named": (2, "up", {"recording": recordings.FIRST_UP}),
    "nobody can answer": (2, "up f", {"recording": recordings.FIRST_UP}),
    "login": (3, "up f -y", refusing(ExitCode.AUTHENTICATION)),
    "resource failed": (4, "up f -y", {"recording": failing(Failure.RESOURCE)}),
    "cluster replaced": (5, "preview f", {"recording": refusing_steps()}),
    "no such flow": (6, "up f -y", refusing(ExitCode.NOT_FOUND)),
    "changes": (7, "preview f --expect-no-changes", {"recording": recordings.TAGS}),
    "interrupted": (8, "up f -y", {"recording": failing(Failure.NONE, Outcome.CANCELLED)}),
    "timed out": (9, "up f -y", {"recording": failing(Failure.TIMEOUT)}),
    "locked": (10, "up f -y", refusing(ExitCode.LOCKED)),
    "moved": (11, "up f -y", {"recording": failing(Failure.MOVED)}),
    "bug": (255, "up f -y", {"recording": recordings.FIRST_UP, "error": KeyError("x")}),
}


@pytest.mark.parametrize(("code", "words", "project"), CASES.values(), ids=CASES)
def test_exit_code(code, words, project, tmp_path):
    """Each way to end has its number."""
    screen = build_screen(FakeProject(**project), environment={"TMPDIR": str(tmp_path)})

    assert run(words.split(), screen.context) == code


def test_declined():
    """A no at the question exits 8."""
    screen = build_screen(FakeProject(recording=recordings.FIRST_UP), typed="n\n")

    assert run(["up", "f"], screen.context) == ExitCode.CANCELLED


@pytest.mark.parametrize("words", ["up f -y --json", "preview f --json", "up --json"])
def test_json_does_not_change_the_code(words):
    """The same ending has the same number, whatever the format."""
    codes = set()
    for form in (words, words.replace(" --json", "")):
        screen = build_screen(FakeProject(recording=failing(Failure.RESOURCE)))
        codes.add(run(form.split(), screen.context))

    assert len(codes) == 1
