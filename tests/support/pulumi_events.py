"""Events as the `pulumi` executable writes them, one JSON object each (`apitype/events.go`)."""

from __future__ import annotations

from meta_prefect.engine.urn import build_urn
from meta_prefect.interfaces import wire
from tests.support.state import PROJECT, STACK, STACK_URN, urn_of

THING = "test:index:Thing"
SECRET = {wire.SIGNATURE: wire.SECRET, "ciphertext": "[secret]"}


def step(kind, op, name, **fields):
    """Make an event about a step of a resource of the type `Thing`."""
    return {kind: {"metadata": build_metadata(op, urn_of(name), THING, **fields)}}


def stack_step(kind, op, outputs, **fields):
    """Make an event about a step of the stack."""
    side = {"urn": STACK_URN, "type": "pulumi:pulumi:Stack", "outputs": outputs, "inputs": {}}
    metadata = build_metadata(op, STACK_URN, side["type"], new=side, **fields)
    return {kind: {"metadata": metadata}}


def build_metadata(op, urn, type, **fields):
    return {"op": op, "urn": urn, "type": type, "provider": "", "logical": True, **fields}


def provider_urn(name="default"):
    return build_urn(STACK, PROJECT, "", "pulumi:providers:test", name)


def diagnostic(severity, message, urn=""):
    found = {"message": f"<{{%reset%}}>{message}<{{%reset%}}>\n", "color": "never"}
    return {"diagnosticEvent": {**found, "severity": severity, **({"urn": urn} if urn else {})}}


def summary(**changes):
    counts = {op.replace("_", "-"): number for op, number in changes.items()}
    return {"summaryEvent": {"durationSeconds": 2, "resourceChanges": counts}}


PRELUDE = {"preludeEvent": {"config": {}}}
END = {"cancelEvent": {}}


def build_up(*steps, outputs=None, **changes):
    """Make the events of an operation that succeeds: the stack around some steps."""
    return [
        PRELUDE,
        stack_step("resourcePreEvent", "create", {}),
        *steps,
        stack_step("resOutputsEvent", "create", outputs or {}),
        summary(**changes),
        END,
    ]
