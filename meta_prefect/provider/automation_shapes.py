"""
The triggers and actions that an automation may have, with the server's defaults.

Keys have the API's own spelling, as they are JSON. Pure.

Source: `prefect/events/schemas/automations.py`, `prefect/events/actions.py` and
`prefect/server/events` of Prefect 3.8.8; the metric trigger and the incident are Cloud's and were
never tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from meta_prefect.interfaces.values import UNKNOWN
from meta_prefect.provider.automation_values import (
    one_of,
    read_count,
    read_flag,
    read_id,
    read_match,
    read_match_related,
    read_metric_seconds,
    read_number,
    read_object,
    read_payload,
    read_require,
    read_seconds,
    read_set,
    read_template,
    read_templates,
    read_text,
)
from meta_prefect.provider.shapes import Failure, Family, Misfit, Part, Shape
from meta_prefect.provider.world import is_uuid

_SHORTEST_PROACTIVE_SECONDS: Final = 10.0
_DEFAULT_METRIC_SECONDS: Final = 300.0
_STATES: Final = (
    "SCHEDULED",
    "PENDING",
    "RUNNING",
    "COMPLETED",
    "FAILED",
    "CANCELLED",
    "CRASHED",
    "PAUSED",
    "CANCELLING",
)
_METRIC: Final = {
    "name": Part(one_of("lateness", "duration", "successes"), required=True),
    "threshold": Part(read_number, required=True),
    "operator": Part(one_of("<", "<=", ">", ">="), required=True),
    "range": Part(read_metric_seconds, default=_DEFAULT_METRIC_SECONDS),
    "firing_for": Part(read_metric_seconds, default=_DEFAULT_METRIC_SECONDS),
}


def _read_metric(value: Any) -> dict[str, Any]:
    given = read_object(value)
    if strangers := sorted(given.keys() - _METRIC.keys()):
        raise Misfit(f"has no key {strangers[0]!r}: {', '.join(_METRIC)}")
    if missing := [key for key, part in _METRIC.items() if part.required and key not in given]:
        raise Misfit(f"needs {missing[0]!r}")
    return {key: part.read(given.get(key, part.default)) for key, part in _METRIC.items()}


def _finish_event(value: dict[str, Any]) -> dict[str, Any]:
    if value["posture"] == "Proactive" and not value["within"]:
        return {**value, "within": _SHORTEST_PROACTIVE_SECONDS}
    return value


def _judge_event(value: Mapping[str, Any]) -> Iterator[Failure]:
    within = value["within"]
    if value["posture"] != "Proactive" or within is UNKNOWN:
        return
    if within < _SHORTEST_PROACTIVE_SECONDS:
        reason = f"must be {_SHORTEST_PROACTIVE_SECONDS:g} seconds or more of a Proactive trigger"
        yield ("within",), reason


def _judge_compound(value: Mapping[str, Any]) -> Iterator[Failure]:
    yield from _judge_composite(value)
    require, triggers = value["require"], value["triggers"]
    if isinstance(require, int) and isinstance(triggers, list) and require > len(triggers):
        yield ("require",), f"asks for {require} of {len(triggers)} triggers"


def _judge_composite(value: Mapping[str, Any]) -> Iterator[Failure]:
    if value["triggers"] == []:
        yield ("triggers",), "must not be empty: it would never fire, or always"


_RESOURCES: Final = {
    "match": Part(read_match, default={}),
    "match_related": Part(read_match_related, default={}),
}
_COMPOSITE: Final = {
    "triggers": Part(lambda value: value, required=True, nested=True),
    "within": Part(read_seconds),
}

TRIGGERS: Final = Family(
    "trigger",
    {
        "event": Shape(
            {
                **_RESOURCES,
                "after": Part(read_set, default=[]),
                "expect": Part(read_set, default=[]),
                "for_each": Part(read_set, default=[]),
                "posture": Part(one_of("Reactive", "Proactive"), required=True),
                "threshold": Part(read_count, default=1),
                "within": Part(read_seconds, default=0.0),
            },
            judge=_judge_event,
            finish=_finish_event,
        ),
        "compound": Shape(
            {**_COMPOSITE, "require": Part(read_require, required=True)}, judge=_judge_compound
        ),
        "sequence": Shape(_COMPOSITE, judge=_judge_composite),
        "metric": Shape(
            {
                **_RESOURCES,
                "posture": Part(one_of("Metric"), default="Metric"),
                "metric": Part(_read_metric, required=True),
            },
            cloud_only=True,
        ),
    },
    default="event",
)


def _on(kind: str, **parts: Part) -> Shape:
    """Make the shape of an action on a thing that is selected, or inferred from the event."""
    key = f"{kind}_id"

    def judge(value: Mapping[str, Any]) -> Iterator[Failure]:
        if value["source"] == "selected" and value[key] is None:
            yield (key,), "is required when the source is selected, as it is by default"
        if value["source"] == "inferred" and value[key] is not None:
            yield (key,), "is not allowed when the source is inferred"

    source = Part(one_of("selected", "inferred"), default="selected")
    return Shape({"source": source, key: Part(read_id), **parts}, judge=judge)


_BLOCK: Final = Part(read_id, required=True)

ACTIONS: Final = Family(
    "action",
    {
        "do-nothing": Shape({}),
        "run-deployment": _on(
            "deployment",
            parameters=Part(read_templates),
            job_variables=Part(read_object),
            schedule_after=Part(read_seconds, default=0.0),
        ),
        "pause-deployment": _on("deployment"),
        "resume-deployment": _on("deployment"),
        "pause-work-pool": _on("work_pool"),
        "resume-work-pool": _on("work_pool"),
        "pause-work-queue": _on("work_queue"),
        "resume-work-queue": _on("work_queue"),
        "pause-automation": _on("automation"),
        "resume-automation": _on("automation"),
        "cancel-flow-run": Shape({}),
        "delete-flow-run": Shape({}),
        "suspend-flow-run": Shape({}),
        "resume-flow-run": Shape({}),
        "change-flow-run-state": Shape(
            {
                "name": Part(read_text),
                "state": Part(one_of(*_STATES), required=True),
                "message": Part(read_text),
                "force": Part(read_flag, default=False),
            }
        ),
        "send-notification": Shape(
            {
                "block_document_id": _BLOCK,
                "subject": Part(read_template, default="Prefect automated notification"),
                "body": Part(read_template, required=True),
            }
        ),
        "call-webhook": Shape(
            {"block_document_id": _BLOCK, "payload": Part(read_payload, default="")}
        ),
        "declare-incident": Shape({}, cloud_only=True),
    },
)


def matches_everything(trigger: Any) -> bool:
    """Say whether a trigger fires for each event there is, its own automation's among them."""
    if not isinstance(trigger, Mapping) or trigger.get("posture") != "Reactive":
        return False
    return not any(trigger.get(key) for key in ("expect", "match", "match_related"))


def list_references(actions: Any) -> Iterator[tuple[int, str, str]]:
    """Give index, key and id of the things that actions are about, as far as they are known."""
    for at, action in enumerate(actions if isinstance(actions, list) else ()):
        if isinstance(action, Mapping):
            for key, value in action.items():
                if key.endswith("_id") and isinstance(value, str) and is_uuid(value):
                    yield at, key, value
