"""
Events of the `pulumi` executable, turned into the records of `interfaces.events`.

Pure: one line of the event log in, one record out, or none for an event that says nothing to us.
Secrets come without their values, in tags that are taken away here. Not to be confused with
`operation`, which draws conclusions from the records.

Source: `sdk/go/common/apitype/events.go` and `pkg/backend/display/events.go` of Pulumi 3.260.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from meta_prefect.engine.masking import mask
from meta_prefect.engine.state.properties import UnreadSecrets, decode
from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.events import (
    Cancelled,
    DiagnosticEvent,
    DiffKind,
    Event,
    Op,
    Prelude,
    PropertyDiff,
    ResourceFailed,
    ResourceOutputs,
    ResourcePre,
    ResourceView,
    StepMetadata,
    Summary,
)
from meta_prefect.interfaces.values import PropertyMap

_LOGGER: Final = logging.getLogger(__name__)
_COLOUR: Final = re.compile(r"<\{%.*?%\}>")
_UNREAD: Final = UnreadSecrets()
_SEVERITIES: Final = {
    "debug": Severity.DEBUG,
    "info": Severity.INFO,
    "info#err": Severity.INFO,
    "warning": Severity.WARNING,
    "error": Severity.ERROR,
}

# Documents are what the executable wrote.
_Document = Mapping[str, Any]


def parse_event(line: str) -> Event | None:
    """Read a line of the event log; None for a kind, or a word in it, that nobody here knows."""
    document = json.loads(line)
    for kind, build in _BUILDERS.items():
        if kind in document:
            try:
                return build(document[kind])
            except (KeyError, ValueError):
                _LOGGER.debug("an event of a newer Pulumi: %s", line, exc_info=True)
    return None


def _build_prelude(document: _Document) -> Event:
    return Prelude(dict(document.get("config") or {}))


def _build_diagnostic(document: _Document) -> Event:
    return DiagnosticEvent(
        _SEVERITIES[document["severity"]],
        document.get("urn") or "",
        _clean(document["message"]),
        bool(document.get("ephemeral")),
    )


def _build_stdout(document: _Document) -> Event:
    return DiagnosticEvent(Severity.INFO, "", _clean(document["message"]))


def _build_error(document: _Document) -> Event:
    return DiagnosticEvent(Severity.ERROR, "", _clean(document["error"]))


def _build_progress(document: _Document) -> Event:
    return DiagnosticEvent(Severity.INFO, "", _clean(document["message"]), ephemeral=True)


def _build_policy(document: _Document) -> Event:
    mandatory = document.get("enforcementLevel") == "mandatory"
    message = f"policy {document['policyName']}: {_clean(document['message'])}"
    severity = Severity.ERROR if mandatory else Severity.WARNING
    return DiagnosticEvent(severity, document.get("resourceUrn") or "", message)


def _build_pre(document: _Document) -> Event:
    return ResourcePre(_build_metadata(document["metadata"]))


def _build_outputs(document: _Document) -> Event:
    return ResourceOutputs(_build_metadata(document["metadata"]))


def _build_failed(document: _Document) -> Event:
    return ResourceFailed(_build_metadata(document["metadata"]))


def _build_summary(document: _Document) -> Event:
    changes = document.get("resourceChanges") or {}
    return Summary(
        bool(document.get("isPreview")),
        float(document.get("durationSeconds", 0)),
        {Op(op): number for op, number in changes.items()},
    )


def _build_end(document: _Document) -> Event:  # noqa: ARG001 - it says nothing more
    return Cancelled()


_BUILDERS: Final[Mapping[str, Callable[[_Document], Event]]] = {
    "resourcePreEvent": _build_pre,
    "resOutputsEvent": _build_outputs,
    "resOpFailedEvent": _build_failed,
    "diagnosticEvent": _build_diagnostic,
    "preludeEvent": _build_prelude,
    "summaryEvent": _build_summary,
    "policyEvent": _build_policy,
    "stdoutEvent": _build_stdout,
    "progressEvent": _build_progress,
    "errorEvent": _build_error,
    "cancelEvent": _build_end,
}


def _build_metadata(document: _Document) -> StepMetadata:
    old, new = document.get("old"), document.get("new")
    return StepMetadata(
        Op(document["op"]),
        document["urn"],
        document["type"],
        _build_view(old),
        _build_view(new),
        (new or old or {}).get("parent") or "",
        document.get("provider") or "",
        tuple(document.get("keys") or ()),
        tuple(document.get("diffs") or ()),
        {
            path: PropertyDiff(DiffKind(diff["diffKind"]), bool(diff.get("inputDiff")))
            for path, diff in (document.get("detailedDiff") or {}).items()
        },
        bool(document.get("logical")),
    )


def _build_view(document: _Document | None) -> ResourceView | None:
    if document is None:
        return None
    return ResourceView(
        document.get("id") or "",
        _read_properties(document.get("inputs")),
        _read_properties(document.get("outputs")),
        bool(document.get("protect")),
    )


def _read_properties(document: _Document | None) -> PropertyMap:
    return mask({key: decode(value, _UNREAD) for key, value in (document or {}).items()})


def _clean(message: str) -> str:
    """Take away the names of colours, which stand in a message as `<{%reset%}>`."""
    return _COLOUR.sub("", message).rstrip("\n")
