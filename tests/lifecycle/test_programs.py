"""
Programs on both engines, one after the other: what they do, store and see is the same.

The comparison needs a `pulumi` on PATH; that every case runs on the embedded engine does not.
"""

import re

import pytest

from tests.lifecycle.programs import CASES, everything, up
from tests.lifecycle.replay import EmbeddedStack, replay_scenario
from tests.support.components import serving_components
from tests.support.conformance.compare import differences
from tests.support.pulumi_cli import DROPS_PROGRAMS, NEEDS_PULUMI

pytestmark = DROPS_PROGRAMS
DECORATION = re.compile(
    r"1 error occurred:\n\t\* |python inline source runtime error: "
    r"|invocation of \S+ returned an error: "
)


def needs_pulumi(test):
    """Mark a test that drives Pulumi's executable."""
    for mark in NEEDS_PULUMI:
        test = mark(test)
    return test


@pytest.fixture(scope="module")
def served():
    with serving_components() as provider_and_port:
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
    """Give what a step complains of, in order."""
    return [
        (event["urn"], drop_decoration(event["message"]))
        for event in actual["events"]
        if event["event"] == "diagnostic" and event["severity"] in ("error", "warning")
    ]


def drop_decoration(message):
    """Leave of a message the reason, without what either engine wraps around it."""
    return DECORATION.sub("", message).strip().partition("\n  File ")[0]


@needs_pulumi
@pytest.mark.parametrize("case", CASES, ids=[case.__name__ for case in CASES])
def test_same_program(case, served, tmp_path):
    """Both engines do the same steps and calls, complain of the same and store the same."""
    from tests.lifecycle.pulumi_stack import PulumiStack

    provider, port = served
    (tmp_path / "theirs").mkdir()
    theirs, their_notes = play(case, PulumiStack(tmp_path / "theirs", port), provider)
    ours, our_notes = play(case, EmbeddedStack(tmp_path / "ours", port), provider)

    found = [differences(*both) for both in zip(theirs, ours, strict=True)]
    assert [hard for hard, _ in found if hard] == []
    assert our_notes == their_notes
    for our_step, their_step in zip(ours, theirs, strict=True):
        ours_said, theirs_said = list_errors(our_step), list_errors(their_step)
        assert ours_said == theirs_said[: len(ours_said)]
        # When Pulumi stops at once, the program may have time to complain of that, too.
        assert {urn for urn, _ in theirs_said[len(ours_said) :]} <= {None}


@needs_pulumi
def test_a_stack_goes_to_and_fro(served, tmp_path):
    """What either engine stores of hooks, components, stashes and archives the other one keeps."""
    from tests.lifecycle.automation_stack import AutomationStack

    provider, port = served
    provider.reset()
    stacks = [EmbeddedStack(tmp_path, port), AutomationStack(tmp_path, port)] * 2
    done = [stack.run(up(lambda: everything([]))) for stack in stacks]

    summaries = [event for step in done for event in step.events if event["event"] == "summary"]
    first, *others = [set(summary["changes"]) for summary in summaries]
    assert first == {"create"}
    assert others == [{"same"}] * 3


@pytest.mark.parametrize("case", CASES, ids=[case.__name__ for case in CASES])
def test_embedded(case, served, tmp_path):
    """Every step of a case ends with a summary, and the last state has nothing pending."""
    provider, port = served
    steps, _ = play(case, EmbeddedStack(tmp_path, port), provider)

    assert {step["events"][-1]["event"] for step in steps} == {"summary"}
    assert steps[-1]["state"]["pending_operations"] == []
