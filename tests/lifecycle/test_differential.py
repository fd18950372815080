"""
Programs that nobody wrote, on both engines.

Nothing here runs without a `pulumi` on PATH: the test session says so. More seeds:
`META_PREFECT_SEEDS=500-600 pytest tests/lifecycle/test_differential.py`. What the executable did
with many of them is in `tests/cases/conformance/recorded-differential.json`, for `test_recorded`.
"""

import os

import pytest

from tests.lifecycle.automation_stack import AutomationStack
from tests.lifecycle.replay import EmbeddedStack, replay_scenario
from tests.support.conformance.compare import differences
from tests.support.pulumi_cli import NEEDS_PULUMI
from tests.support.scenarios import build_scenario

FIRST, LAST = map(int, os.environ.get("META_PREFECT_SEEDS", "400-412").split("-"))

pytestmark = NEEDS_PULUMI


@pytest.mark.parametrize("seed", range(FIRST, LAST))
def test_both_engines_do_the_same(seed, served, tmp_path):
    """
    Steps, provider calls and state agree up to the first operation that fails on both.

    What else is done when something fails depends on the order of independent registrations.
    """
    provider, port = served
    scenario = build_scenario(seed, failures=seed % 3 == 0)
    stacks = (AutomationStack(tmp_path / "a", port), EmbeddedStack(tmp_path / "b", port))
    done = [replay_scenario(scenario, stack, provider)["steps"] for stack in stacks]

    for step, other in zip(*done, strict=True):
        expect, actual = step["actual"], other["actual"]
        assert actual["result"] == expect["result"], step["op"]
        if expect["result"] == "failed":
            break
        assert differences(expect, actual) == ([], []), step["op"]
