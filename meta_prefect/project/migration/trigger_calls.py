"""
Triggers of prefect.yaml as calls of `automation`.

Each runs the deployment. Source: `prefect.events.schemas.deployment_triggers` of Prefect 3.8.8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from meta_prefect.project.migration.expressions import Call, Code, evaluate
from meta_prefect.project.migration.marked_yaml import MarkedList, MarkedMap
from meta_prefect.project.migration.templates import MISSING, convert_value
from meta_prefect.project.migration.trial import find_fault
from meta_prefect.provider.schedules import read_interval

_MODULE: Final = "meta_prefect.implementations.automations"
_ACTION: Final = ("parameters", "job_variables", "schedule_after")
_OWN: Final = ("name", "description", "enabled", *_ACTION)
_THIS: Final = Code("THIS_DEPLOYMENT", _MODULE, "{this-deployment}")

Say = Callable[[int, str], None]


def convert_triggers(values: MarkedMap, name: str, say: Say) -> Iterator[tuple[str, Call]]:
    """
    Give each automation's name in Prefect, and the call that makes it.

    name: of the deployment. say: told a line and what cannot be converted.
    """
    triggers = values.get("triggers") or MarkedList(values.line)
    for at, trigger in enumerate(triggers, start=1):
        if not isinstance(trigger, MarkedMap):
            say(values.lines["triggers"], f"a trigger is a mapping, not {trigger!r}")
            continue
        label = str(trigger.get("name") or f"{name}__automation_{at}")
        try:
            call = _convert(trigger, label, f"trigger {at}", say)
            fault = find_fault(call)
        except (TypeError, ValueError) as error:
            fault = str(error)
        if fault:
            say(trigger.line, f"a trigger cannot be read: {fault}: left out")
        else:
            yield label, call


def _convert(trigger: MarkedMap, label: str, name: str, say: Say) -> Call:
    def take(key: str) -> Any:
        return convert_value(trigger[key], MISSING, say, trigger.lines[key])

    rule = {key: take(key) for key in trigger if key not in _OWN}
    rule = {key: value for key, value in rule.items() if value is not MISSING}
    rule = _complete(rule)
    action: dict[str, Any] = {
        "type": "run-deployment",
        "source": "selected",
        "deployment_id": _THIS,
    }
    action |= {key: trigger[key] for key in _ACTION if trigger.get(key) is not None}
    options: dict[str, Any] = {"trigger": rule, "actions": [action], "label": label}
    if trigger.get("description"):
        options["description"] = trigger["description"]
    enabled = evaluate(take("enabled")) if "enabled" in trigger else True
    if enabled is False:
        options["enabled"] = False
    elif enabled is not True:
        say(trigger.lines["enabled"], "enabled is a template: left to whoever switches it by hand")
    return Call("automation", _MODULE, (name,), options)


def _complete(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Add what a trigger of a file may leave out, and one of the API may not."""
    kind = rule.get("type") or _find_type(rule)
    found = {"type": kind, **({"posture": "Reactive"} if kind == "event" else {}), **rule}
    if not isinstance(found.get("within", 0), int | float):
        found["within"] = read_interval(found["within"])
    if isinstance(found.get("triggers"), list):
        found["triggers"] = [_complete(item) for item in found["triggers"]]
    return found


def _find_type(rule: Mapping[str, Any]) -> str:
    """Give the type of a trigger that names none, as Prefect does."""
    if rule.get("posture") == "Metric":
        return "metric"
    if "triggers" in rule:
        return "compound" if "require" in rule else "sequence"
    return "event"
