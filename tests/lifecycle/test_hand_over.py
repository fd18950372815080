"""
A stack goes from one engine to the other and back, as its owners like.

Nothing here runs without a `pulumi` on PATH: the test session says so. What the executable wrote is
given to the embedded engine in `test_automation`, where it is written anyway.
"""

import json
import re
from pathlib import Path

import pytest

from tests.lifecycle.automation_stack import AutomationStack
from tests.lifecycle.replay import EmbeddedStack, build_last_preview, replay_step
from tests.support.conformance.compare import differences
from tests.support.pulumi_cli import NEEDS_PULUMI
from tests.support.scenarios import build_scenario

CASES = Path(__file__).parents[1] / "cases" / "conformance"
NAMED = json.loads((CASES / "recorded-named.json").read_text())
ALTERNATING_SEEDS = (825, 834, 852)  # nothing in them fails
OPERATIONS = 10

pytestmark = NEEDS_PULUMI


@pytest.mark.parametrize("scenario", NAMED, ids=[scenario["name"] for scenario in NAMED])
def test_the_executable_goes_on_where_the_embedded_engine_ended(scenario, served, tmp_path):
    """It exports what our engine exports, and plans what our engine plans on its own state."""
    provider, port = served
    provider.reset()
    own = EmbeddedStack(tmp_path, port)
    for step in scenario["steps"]:
        replay_step(step, own, provider)
    other = AutomationStack(tmp_path, port, own.config)
    exported = other.export_by_executable()
    preview = build_last_preview(scenario)
    planned = [replay_step(preview, stack, provider)["actual"] for stack in (own, other)]
    hard, loose = differences(planned[1], planned[0])

    assert exported == own.export()
    assert hard == []
    assert loose == [] or planned[1]["result"] == "failed"  # what else was done is chance


@pytest.mark.parametrize("seed", ALTERNATING_SEEDS)
def test_operations_alternate(seed, served, tmp_path):
    """A stack that goes to and fro for ten operations becomes what it would have been."""
    provider, port = served
    steps = build_scenario(seed, failures=False)["steps"]
    steps = [*steps, *steps[1:]][:OPERATIONS]
    done = []
    for alternates in (False, True):
        provider.reset()
        own = EmbeddedStack(tmp_path / str(alternates), port)
        other = AutomationStack(own.folder, port, own.config) if alternates else own
        done.append(
            [
                replay_step(step, (own, other)[number % 2], provider)["actual"]
                for number, step in enumerate(steps)
            ]
        )

    found = [differences(*pair) for pair in zip(*done, strict=True)]

    assert [hard for hard, _ in found if hard] == []


def test_secrets_of_the_executable_stay_encrypted_as_they_are(served, tmp_path):
    """An operation of ours that changes nothing about a resource keeps its ciphertexts."""
    provider, port = served
    provider.reset()
    (scenario,) = (item for item in NAMED if item["name"] == "secret-input-and-output")
    other = AutomationStack(tmp_path, port)
    for step in scenario["steps"]:
        replay_step(step, other, provider)
    own = EmbeddedStack(tmp_path, port, other.config)
    before = _list_ciphertexts(own)
    step = {**scenario["steps"][-1], "op": "up", "exports": {"new": 1}}
    replay_step(step, own, provider)

    assert before
    assert before <= _list_ciphertexts(own)


def _list_ciphertexts(stack):
    text = json.dumps([item for item in stack.read_resources() if item.get("parent")])
    return set(re.findall(r"v1:[^\"]+", text))
