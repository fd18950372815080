"""The executable's events, in the shape of its event log."""

import json

import pytest

from meta_prefect.engine.automation.events import parse_event
from meta_prefect.interfaces import wire
from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.events import (
    Cancelled,
    DiagnosticEvent,
    DiffKind,
    Op,
    Prelude,
    PropertyDiff,
    ResourceFailed,
    ResourceOutputs,
    ResourcePre,
    Summary,
)
from tests.support.pulumi_events import SECRET, THING, diagnostic, step
from tests.support.state import STACK_URN, urn_of


def parse(document):
    return parse_event(json.dumps({"sequence": 3, "timestamp": 1, **document}))


def test_a_step_with_all_there_is_to_say():
    """Both sides, keys, diffs and the detailed diff arrive as they were sent."""
    old = {"id": "a-1", "parent": STACK_URN, "inputs": {"n": 1.0}, "outputs": {"n": 1}}
    new = {**old, "inputs": {"n": 2.5}, "protect": True}
    detailed = {"n": {"diffKind": "update-replace", "inputDiff": True}}
    document = step(
        "resourcePreEvent",
        "create-replacement",
        "a",
        old=old,
        new=new,
        keys=["n"],
        diffs=["n"],
        detailedDiff=detailed,
        provider="urn::id",
        logical=False,
    )

    event = parse(document)

    assert isinstance(event, ResourcePre)
    metadata = event.metadata
    assert (metadata.op, metadata.urn, metadata.type) == (
        Op.CREATE_REPLACEMENT,
        urn_of("a"),
        THING,
    )
    assert (metadata.old.id, metadata.old.inputs, metadata.new.inputs) == (
        "a-1",
        {"n": 1},
        {"n": 2.5},
    )
    assert (metadata.old.protect, metadata.new.protect) == (False, True)
    assert (metadata.parent, metadata.provider) == (STACK_URN, "urn::id")
    assert (metadata.keys, metadata.diffs) == (("n",), ("n",))
    assert metadata.detailed_diff == {"n": PropertyDiff(DiffKind.UPDATE_REPLACE)}
    assert not metadata.logical


def test_secrets_and_unknowns_are_masked():
    """What comes blinded or unknown is shown as such, at any depth."""
    inputs = {"key": SECRET, "in": {"list": [SECRET, wire.UNKNOWN_TEXT]}, "plain": "x"}

    event = parse(step("resOutputsEvent", "create", "a", new={"inputs": inputs}))

    assert isinstance(event, ResourceOutputs)
    assert event.metadata.new.inputs == {
        "key": "[secret]",
        "in": {"list": ["[secret]", "[unknown]"]},
        "plain": "x",
    }
    assert event.metadata.old is None


@pytest.mark.parametrize(
    ("document", "event"),
    [
        ({"preludeEvent": {"config": {"a:b": "c"}}}, Prelude({"a:b": "c"})),
        ({"preludeEvent": {"config": None}}, Prelude({})),
        (
            {"summaryEvent": {"durationSeconds": 4, "resourceChanges": {"same": 2}}},
            Summary(False, 4.0, {Op.SAME: 2}),
        ),
        ({"cancelEvent": {}}, Cancelled()),
        (diagnostic("error", "no"), DiagnosticEvent(Severity.ERROR, "", "no")),
        (diagnostic("info#err", "x", "u"), DiagnosticEvent(Severity.INFO, "u", "x")),
        (
            {"stdoutEvent": {"message": "hello\n", "color": "never"}},
            DiagnosticEvent(Severity.INFO, "", "hello"),
        ),
        (
            {"progressEvent": {"type": "plugin-download", "id": "aws", "message": "fetching aws"}},
            DiagnosticEvent(Severity.INFO, "", "fetching aws", ephemeral=True),
        ),
        ({"errorEvent": {"error": "lost"}}, DiagnosticEvent(Severity.ERROR, "", "lost")),
        (
            {
                "policyEvent": {
                    "policyName": "tags",
                    "message": "no owner",
                    "enforcementLevel": "mandatory",
                    "resourceUrn": "u",
                }
            },
            DiagnosticEvent(Severity.ERROR, "u", "policy tags: no owner"),
        ),
    ],
)
def test_other_events(document, event):
    """Every other kind becomes its record; colours are taken out of messages."""
    assert parse(document) == event


def test_a_failed_step():
    """A failure is about the step that failed."""
    event = parse(step("resOpFailedEvent", "update", "a", old={"id": "a-1"}))

    assert isinstance(event, ResourceFailed)
    assert event.metadata.op is Op.UPDATE


@pytest.mark.parametrize(
    "document",
    [
        {"policyLoadEvent": {}},
        step("resourcePreEvent", "teleport", "a"),
        {"diagnosticEvent": {"severity": "shout", "message": "x"}},
        {},
    ],
)
def test_what_nobody_knows_is_passed_over(document):
    """An event of a kind, or with a word, of a newer Pulumi stops nothing."""
    assert parse(document) is None
