"""
JSON documents: one schema for each kind of answer, made from the same records as the text.

Pure: from reports to plain maps. Secrets are marker objects, `{"secret": true}`; so are values that
are only known while applying, `{"unknown": true}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from meta_prefect.cli.views.base import Report, Result
from meta_prefect.cli.views.changes import (
    MISSING,
    SECRET,
    UNKNOWN,
    PropertyChange,
    list_changes,
    list_properties,
)
from meta_prefect.cli.views.picture import Row, State
from meta_prefect.cli.views.theme import Sign
from meta_prefect.interfaces.diagnostics import Diagnostic
from meta_prefect.interfaces.engine import OutputValue
from meta_prefect.interfaces.events import (
    Cancelled,
    DiagnosticEvent,
    Event,
    ResourceFailed,
    ResourceOutputs,
    ResourcePre,
    Summary,
)
from meta_prefect.interfaces.values import Secret, Unknown

OPERATION_SCHEMA: Final = "meta-prefect.operation.v1"
EVENT_SCHEMA: Final = "meta-prefect.event.v1"
_OPS: Final = {Sign.CHANGE: "update", Sign.DRIFT: "refresh"}
_STATUS: Final = {ResourcePre: "started", ResourceOutputs: "done", ResourceFailed: "failed"}


def build_operation(report: Report, show_same: bool = False) -> dict[str, Any]:
    """Make the document of a preview or an operation."""
    subject, picture = report.subject, report.picture
    rows = [row for row in picture.rows if show_same or row.sign is not Sign.SAME]
    counts = picture.count(done_only=not picture.preview)
    return {
        "schema": OPERATION_SCHEMA,
        "command": report.command,
        "flow": subject.flows[0] if len(subject.flows) == 1 else None,
        "flows": list(subject.flows),
        "project": subject.project,
        "stack": subject.stack,
        "engine": subject.engine,
        "result": report.result.value,
        "applied": not picture.preview,
        "duration_seconds": round(report.seconds, 3),
        "counts": {_op(sign): number for sign, number in counts.items()},
        "resources": [_build_resource(row, preview=picture.preview) for row in rows],
        "outputs": {name: _build_output(value) for name, value in report.outputs.items()},
        "facts": [{"label": fact.label, "text": fact.text} for fact in report.facts],
        "kept": list(report.kept),
        "diagnostics": [
            *build_diagnostics(report.diagnostics),
            *(_build_message(item) for item in picture.messages if item.severity == "warning"),
        ],
        "next": [step.command for step in report.steps],
    }


def build_failure(command: str, diagnostics: Iterable[Diagnostic]) -> dict[str, Any]:
    """Make the document of what failed before it was an operation: the same envelope."""
    return {
        "schema": OPERATION_SCHEMA,
        "command": command,
        "result": Result.FAILED.value,
        "diagnostics": build_diagnostics(diagnostics),
    }


def build_diagnostics(diagnostics: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Make the list of what went wrong."""
    return [
        {
            "code": item.code,
            "severity": item.severity.value,
            "summary": item.summary,
            "detail": item.why,
            "where": item.where,
            "fix": list(item.fixes),
        }
        for item in diagnostics
    ]


def build_event(event: Event, row: Row | None, *, preview: bool) -> dict[str, Any] | None:
    """Make the line of an event; None for those that say nothing new."""
    start = {"schema": EVENT_SCHEMA, "phase": "preview" if preview else "apply"}
    match event:
        case ResourcePre() | ResourceOutputs() | ResourceFailed() if row is not None:
            status = _STATUS[type(event)]
            resource = _build_resource(row, preview=preview)
            return {**start, "event": "resource", **resource, "status": status}
        case DiagnosticEvent(ephemeral=True):
            return {**start, "event": "status", "urn": event.urn, "message": event.message}
        case DiagnosticEvent():
            return {**start, "event": "diagnostic", **_build_message(event)}
        case Summary(duration_seconds=seconds):
            return {**start, "event": "summary", "duration_seconds": round(seconds, 3)}
        case Cancelled():
            return {**start, "event": "cancelled"}
    return None


def build_result_event(document: Mapping[str, Any]) -> dict[str, Any]:
    """Make the last line of a stream: the document itself."""
    return {"event": "result", **document}


def build_value(value: Any) -> Any:
    """Put markers in the place of secrets and unknowns, at any depth."""
    match value:
        case Secret():
            return {"secret": True}
        case Unknown():
            return {"unknown": True}
        case str():
            return {SECRET: {"secret": True}, UNKNOWN: {"unknown": True}}.get(value, value)
        case Mapping():
            return {key: build_value(item) for key, item in value.items()}
        case Sequence():
            return [build_value(item) for item in value]
        case None | bool() | int() | float():
            return value
    return str(value)


def _build_resource(row: Row, *, preview: bool) -> dict[str, Any]:
    changes = list_changes(row) or (list_properties(row) if row.sign.is_change else ())
    document: dict[str, Any] = {
        "name": row.name,
        "urn": row.urn,
        "type": row.step.type,
        "op": _op(row.sign),
        "parent": row.step.parent or None,
        "diff": [_build_change(change) for change in changes],
    }
    if not preview:
        document["status"] = _say_state(row)
        document["duration_seconds"] = None if row.ended is None else _round(row)
        document["problem"] = row.problem or None
    return document


def _round(row: Row) -> float | None:
    seconds = row.seconds(row.ended or 0.0)
    return None if seconds is None else round(seconds, 3)


def _say_state(row: Row) -> str:
    match row.state:
        case State.WAITING:
            return "not started"
        case State.RUNNING:
            return "started"
        case State.DONE:
            return "done"
    return "failed"


def _build_change(change: PropertyChange) -> dict[str, Any]:
    return {
        "path": change.text,
        "kind": change.kind,
        "old": None if change.old is MISSING else build_value(change.old),
        "new": None if change.new is MISSING else build_value(change.new),
        "replaces": change.replaces,
    }


def _build_output(output: OutputValue) -> Any:
    return {"secret": True} if output.secret else build_value(output.value)


def _build_message(event: DiagnosticEvent) -> dict[str, Any]:
    return {
        "code": "",
        "severity": event.severity.value,
        "summary": event.message.strip(),
        "detail": "",
        "where": event.urn,
        "fix": [],
    }


def _op(sign: Sign) -> str:
    return str(_OPS.get(sign, sign.word))
