"""Automations as data: any trigger and action, and runs that follow events."""

from datetime import timedelta

import pytest

from meta_prefect.implementations.automations import THIS_DEPLOYMENT, automation, on_event
from meta_prefect.interfaces.automation import Automation
from meta_prefect.interfaces.components import Block, existing
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from tests.unit.implementations.specs import BASE

CRASH = {"type": "event", "expect": ["prefect.flow-run.Crashed"]}
PAUSE = {"type": "pause-deployment", "deployment_id": THIS_DEPLOYMENT}
ALERTS = Block("slack-webhook", existing("alerts"))
SEND = {"type": "send-notification", "block_document_id": ALERTS}


def test_an_automation_reaches_the_deployment():
    """Trigger and actions are kept as they are; blocks in them are needed."""
    spec = automation(
        "stop", trigger=CRASH, actions=[PAUSE], on_resolve=[SEND], enabled=False, owned=True
    ).update_deployment(BASE)

    assert spec.automations == (
        Automation("stop", CRASH, (PAUSE,), (), (SEND,), enabled=False, owned=True),
    )
    assert spec.needs == {ALERTS}


def test_a_run_follows_an_event():
    """The deployment itself is run, with what is given and nothing else."""
    build = on_event("a.*", "b", match={"x": "y"}, within=timedelta(minutes=1), parameters={"n": 1})

    (made,) = build.update_deployment(BASE).automations

    assert made.name == "on a.any, b"
    assert made.actions == (
        {
            "type": "run-deployment",
            "source": "selected",
            "deployment_id": THIS_DEPLOYMENT,
            "parameters": {"n": 1},
        },
    )
    assert made.trigger == {
        "type": "event",
        "posture": "Reactive",
        "expect": ["a.*", "b"],
        "after": [],
        "match": {"x": "y"},
        "match_related": {},
        "for_each": [],
        "threshold": 1,
        "within": 60,
    }


def test_two_automations_of_one_name_are_refused():
    """Names tell a deployment's automations apart; a name of one's own makes room."""
    spec = on_event("a").update_deployment(BASE)

    with pytest.raises(MetaPrefectError, match="MP2106 two automations of my-flow are called on a"):
        on_event("a").update_deployment(spec)
    assert len(on_event("a", name="again").update_deployment(spec).automations) == 2


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: automation("a/b", trigger=CRASH, actions=[PAUSE]), ValueError, "a/b"),
        (lambda: automation("a", trigger={}, actions=[PAUSE]), ValueError, "trigger"),
        (lambda: automation("a", trigger=CRASH, actions=[]), ValueError, "does nothing"),
        (lambda: automation("a", trigger=CRASH, actions=[{}]), ValueError, "has a type"),
        (
            lambda: automation("a", trigger={**CRASH, "x": {1}}, actions=[PAUSE]),
            TypeError,
            "trigger",
        ),
        (lambda: on_event("a", threshold=0), ValueError, r"on_event\(threshold=0\)"),
        (lambda: on_event("a", posture="odd"), ValueError, r'posture="odd"'),
        (lambda: on_event("a", posture="proactive", within=5), ValueError, "within=5"),
        (lambda: on_event("a", parameters={"x": {1}}), TypeError, "on_event: parameters"),
        (lambda: on_event("a", name="a/b"), ValueError, "a/b"),
    ],
)
def test_a_value_that_will_not_do_is_refused(make, error, message):
    """The message names the builder and the value."""
    with pytest.raises(error, match=message):
        make()
