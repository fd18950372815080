"""
Triggers of prefect.yaml as calls of `automation`.

Each runs the deployment. Source: `prefect.events.schemas.deployment_triggers` of Prefect 3.8.8.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from meta_prefect.project.migration.expressions import Call, Code, evaluate
from meta_prefect.project.migration.marked_yaml import MarkedMap
from meta_prefect.project.migration.templates import MISSING, convert_value
from meta_prefect.project.migration.trial import find_fault
from meta_prefect.provider.schedules import read_interval

_MODULE: Final = "meta_prefect.implementations.automations"
_ACTION: Final = ("parameters", "job_variables", "schedule_after")
_OWN: Final = ("name", "description", "enabled", *_ACTION)
_AT_DEPLOY: Final = re.compile(r"\{\{\s*prefect\.(blocks|variables)\.")
_THIS: Final = Code("THIS_DEPLOYMENT", _MODULE, "{this-deployment}")

Say = Callable[[int, str], None]


def convert_triggers(
    values: MarkedMap, name: str, deployed: Mapping[str, Mapping[str, Any]], say: Say
) -> Iterator[tuple[str, Call]]:
    """
    Give each automation's name in Prefect, and the call that makes it.

    name: of the deployment. deployed: its automations in Prefect, by name.
    say: told a line and what cannot be converted.
    """
    triggers = values.get("triggers") or []
    if not isinstance(triggers, list):
        say(values.lines["triggers"], "triggers is no list")
        return
    for at, trigger in enumerate(triggers, start=1):
        if not isinstance(trigger, MarkedMap):
            say(values.lines["triggers"], f"a trigger is a mapping, not {trigger!r}")
            continue
        label = str(trigger.get("name") or f"{name}__automation_{at}")
        try:
            call = _convert(trigger, label, f"trigger {at}", deployed.get(label, {}), say)
            fault = find_fault(call)
        except (TypeError, ValueError) as error:
            fault = str(error)
        if fault:
            say(trigger.line, f"a trigger cannot be read: {fault}: left out")
        else:
            yield label, call


def _convert(
    trigger: MarkedMap, label: str, name: str, deployed: Mapping[str, Any], say: Say
) -> Call:
    before = deployed.get("trigger") or {}

    def take(key: str) -> Any:
        line = trigger.lines[key]
        value = convert_value(trigger[key], MISSING, say, line)
        return _settle(value, before.get(key), partial(say, line))

    rule = {key: take(key) for key in trigger if key not in _OWN}
    rule = {key: value for key, value in rule.items() if value is not MISSING}
    rule = _complete(rule)
    action = _build_action(trigger, next(iter(deployed.get("actions") or ()), {}), say)
    options: dict[str, Any] = {"trigger": rule, "actions": [action], "label": label}
    if trigger.get("description"):
        options["description"] = trigger["description"]
    enabled = evaluate(take("enabled")) if "enabled" in trigger else True
    if enabled is False:
        options["enabled"] = False
    elif enabled is not True:
        say(trigger.lines["enabled"], "enabled is a template: left to whoever switches it by hand")
    return Call("automation", _MODULE, (name,), options)


def _build_action(trigger: MarkedMap, deployed: Mapping[str, Any], say: Say) -> dict[str, Any]:
    action: dict[str, Any] = {
        "type": "run-deployment",
        "source": "selected",
        "deployment_id": _THIS,
    }
    for key in _ACTION:
        if trigger.get(key) is not None:
            told = partial(say, trigger.lines[key])
            action[key] = _settle(trigger[key], deployed.get(key), told)
    return action


def _settle(value: Any, deployed: Any, say: Callable[[str], None]) -> Any:
    """
    Put in what `prefect deploy` put in for blocks and variables, as an automation resolves neither.

    deployed: the same value in Prefect; None: there is none.
    """
    match value:
        case Mapping():
            known = deployed if isinstance(deployed, Mapping) else {}
            return {key: _settle(item, known.get(key), say) for key, item in value.items()}
        case list():
            same = isinstance(deployed, list) and len(deployed) == len(value)
            others = deployed if same else [None] * len(value)
            return [_settle(item, other, say) for item, other in zip(value, others, strict=True)]
        case str() if _AT_DEPLOY.search(value):
            if isinstance(deployed, str):
                return deployed
            say(f"{value} is resolved by nobody in an automation: put the value in its place")
    return value


def _complete(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Add what a trigger of a file may leave out, and one of the API may not."""
    kind = rule.get("type") or _find_type(rule)
    found = {"type": kind, **({"posture": "Reactive"} if kind == "event" else {}), **rule}
    if not isinstance(found.get("within", 0), int | float):
        found["within"] = read_interval(found["within"])
    if isinstance(found.get("triggers"), list):
        found["triggers"] = [_complete_inner(item) for item in found["triggers"]]
    return found


def _complete_inner(rule: Any) -> dict[str, Any]:
    if not isinstance(rule, Mapping):
        raise TypeError(f"a trigger is a mapping, not {rule!r}")
    return _complete(rule)


def _find_type(rule: Mapping[str, Any]) -> str:
    """Give the type of a trigger that names none, as Prefect does."""
    if rule.get("posture") == "Metric":
        return "metric"
    if "triggers" in rule:
        return "compound" if "require" in rule else "sequence"
    return "event"
