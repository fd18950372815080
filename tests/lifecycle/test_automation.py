"""
Pulumi's own executable behind our contract: against the recordings, and handed a stack.

Nothing here runs without a `pulumi` on PATH.
"""

import json
import threading
from pathlib import Path

import pytest

from meta_prefect.interfaces.engine import OperationKind, OperationRequest, Outcome
from meta_prefect.interfaces.events import Op
from tests.lifecycle.replay import (
    PROJECT,
    STACK,
    EmbeddedStack,
    build_last_preview,
    replay_scenario,
    replay_step,
)
from tests.support.conformance.compare import differences
from tests.support.conformance.program import build
from tests.support.pulumi_cli import NEEDS_PULUMI
from tests.support.waiting import wait_until

CASES = Path(__file__).parents[1] / "cases" / "conformance"
NAMED = json.loads((CASES / "recorded-named.json").read_text())

pytestmark = NEEDS_PULUMI


def build_stack(folder, port):
    from tests.lifecycle.automation_stack import AutomationStack

    return AutomationStack(folder, port)


def list_wrong(done):
    """
    Give what differs from the recording, up to a failing step that had several right ends.

    Which of two independent registrations comes first is chance, in the executable too.
    """
    wrong = []
    for step in done["steps"]:
        hard, loose = differences(step["expect"], step["actual"])
        wrong += hard
        if loose:
            break
    return wrong


@pytest.mark.parametrize("scenario", NAMED, ids=[scenario["name"] for scenario in NAMED])
def test_named_scenario(scenario, served, tmp_path):
    """
    What was recorded of the executable is what it does when our engine drives it.

    And what it wrote is what the embedded engine takes over, with the same plans.
    """
    provider, port = served
    stack = build_stack(tmp_path, port)
    done = replay_scenario(scenario, stack, provider)
    preview = build_last_preview(scenario)
    stacks = (stack, EmbeddedStack(tmp_path, port, stack.config))
    planned, own = (replay_step(preview, each, provider)["actual"] for each in stacks)

    assert list_wrong(done) == []
    hard, loose = differences(planned, own)
    assert hard == []
    assert loose == [] or planned["result"] == "failed"  # what else was done is chance


def test_a_stack_can_be_handed_over_and_back(served, tmp_path):
    """Embedded, executable, embedded: after the first nobody finds anything to change."""
    provider, port = served
    provider.reset()
    step = {"op": "up", "program": NAMED[0]["steps"][0]["program"]}

    def up(stack):
        program = build(step)
        request = OperationRequest(OperationKind.UP, PROJECT, STACK, program)
        return stack._engine.run(request, lambda _: None)

    first = up(EmbeddedStack(tmp_path, port))
    others = [up(build_stack(tmp_path, port)), up(EmbeddedStack(tmp_path, port))]

    assert first.changes.keys() == {Op.CREATE}
    assert [result.outcome for result in others] == [Outcome.SUCCEEDED] * 2
    assert [set(result.changes) for result in others] == [{Op.SAME}] * 2


def test_a_failed_operation_leaves_no_program_behind(served, tmp_path):
    """The SDK would wait for ever for outputs of what was not made; the program is stopped."""
    provider, port = served
    (scenario,) = (each for each in NAMED if each["name"] == "create-fails")

    done = replay_scenario(scenario, build_stack(tmp_path, port), provider)

    assert "failed" in {step["actual"]["result"] for step in done["steps"]}
    wait_until(lambda: "pulumi-program" not in {each.name for each in threading.enumerate()})
