"""
Programs on both engines, one after the other: what they do, store and see is the same.

The comparison needs a `pulumi` on PATH; that every case runs on the embedded engine does not.
"""

import shutil

import pytest

from tests.lifecycle.programs import CASES
from tests.lifecycle.replay import EmbeddedStack, replay_scenario, serving
from tests.support.conformance.compare import differences


@pytest.fixture(scope="module")
def served():
    with serving() as provider_and_port:
        yield provider_and_port


def play(case, stack, provider):
    """Run a case; gives what each step did, and what the program noted."""
    notes = []
    done = replay_scenario({"steps": case(notes)}, stack, provider)
    return [step["actual"] for step in done["steps"]], sort_by_resource(notes)


def sort_by_resource(notes):
    """Put notes in order by what they are about; what is about one resource stays in order."""
    return sorted(notes, key=lambda note: note[0])


def list_errors(actual):
    """Give what a step complains of, in order; a list of one reason is the reason."""
    return [
        (event["urn"], event["message"].strip().removeprefix("1 error occurred:\n\t* "))
        for event in actual["events"]
        if event["event"] == "diagnostic" and event["severity"] in ("error", "warning")
    ]


@pytest.mark.pulumi
@pytest.mark.skipif(shutil.which("pulumi") is None, reason="there is no pulumi on PATH")
@pytest.mark.parametrize("case", CASES, ids=[case.__name__ for case in CASES])
def test_same_program(case, served, tmp_path):
    """Both engines do the same steps and calls, complain of the same and store the same."""
    from tests.lifecycle.pulumi_stack import PulumiStack

    provider, port = served
    (tmp_path / "theirs").mkdir()
    theirs, their_notes = play(case, PulumiStack(tmp_path / "theirs", port), provider)
    ours, our_notes = play(case, EmbeddedStack(tmp_path / "ours", port), provider)

    found = [differences(*both) for both in zip(theirs, ours, strict=True)]
    assert [hard + loose for hard, loose in found if hard + loose] == []
    assert our_notes == their_notes
    assert [list_errors(step) for step in ours] == [list_errors(step) for step in theirs]


@pytest.mark.parametrize("case", CASES, ids=[case.__name__ for case in CASES])
def test_embedded(case, served, tmp_path):
    """Every step of a case ends with a summary, and the last state has nothing pending."""
    provider, port = served
    steps, _ = play(case, EmbeddedStack(tmp_path, port), provider)

    assert {step["events"][-1]["event"] for step in steps} == {"summary"}
    assert steps[-1]["state"]["pending_operations"] == []
