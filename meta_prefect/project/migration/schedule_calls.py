"""
Schedules of prefect.yaml as calls of builders: `cron`, `interval`, `rrule`.

Source: `RawScheduleConfig` in `prefect.cli.deploy._models` of Prefect 3.8.8. Files of older
versions have more keys, which that refuses; here they are findings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from meta_prefect.project.migration.expressions import Call, Code, evaluate
from meta_prefect.project.migration.marked_yaml import MarkedList, MarkedMap
from meta_prefect.project.migration.templates import MISSING, convert_value
from meta_prefect.project.migration.trial import try_call
from meta_prefect.provider.schedules import parse_duration

_MODULE: Final = "meta_prefect.implementations.schedule"
SCHEDULES: Final = ("cron", "interval", "rrule")
_COMMON: Final = ("timezone", "active", "parameters", "slug")
_SAFELY_IGNORED: Final = frozenset({"replaces"})


class ScheduleConverter:
    """
    Converts the schedules of one deployment.

    say: told a line and what cannot be converted.
    deployed: rows of the schedules in Prefect.
    """

    def __init__(self, say: Any, deployed: list[Mapping[str, Any]]) -> None:
        """Keep what is known."""
        self._say = say
        self._deployed = deployed

    def convert(self, values: MarkedMap) -> Iterator[Call]:
        """Give a call for each schedule."""
        single, several = values.get("schedule"), values.get("schedules")
        if single and several is not None:
            self._say(values.lines["schedule"], "schedule and schedules are both there")
        found = several if several is not None else [single] if single else []
        if not isinstance(found, list):
            self._say(values.lines["schedules"], "schedules is no list")
            return
        for at, item in enumerate(found):
            line = found.lines[at] if isinstance(found, MarkedList) else values.lines["schedule"]
            if isinstance(item, MarkedMap) and item:
                yield from self._try_one(item)
            elif item:
                self._say(line, f"a schedule is a mapping, not {item!r}")

    def _try_one(self, item: MarkedMap) -> Iterator[Call]:
        try:
            calls = list(self._convert_one(item))
        except ValueError as error:
            self._say(item.line, f"a schedule cannot be read: {error}: left out")
            return
        for call in calls:
            yield from try_call(call, self._say, item.line)

    def _convert_one(self, item: MarkedMap) -> Iterator[Call]:
        kinds = [kind for kind in SCHEDULES if item.get(kind) is not None]
        if len(kinds) != 1:
            self._say(item.line, "a schedule has one of cron, interval and rrule")
            return
        values: dict[str, Any] = dict(item)
        if kinds[0] == "rrule":
            values |= _read_rrule(str(item["rrule"]))
        rule, options = self._build_rule(kinds[0], item, values)
        for key in _COMMON:
            value = self._take(item, values, key)
            if value not in (None, {}, MISSING):
                options[key] = value
        known = (*_COMMON, kinds[0], *_SAFELY_IGNORED, "day_or", "anchor_date")
        for key in item:
            if key not in known and item[key] not in (None, False):
                self._say(item.lines[key], f"a schedule has no {key} in Prefect 3: left out")
        yield Call(kinds[0], _MODULE, (rule,), options)

    def _build_rule(
        self, kind: str, item: MarkedMap, values: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        options: dict[str, Any] = {}
        if kind == "cron" and values.get("day_or") is False:
            options["day_or"] = False
        if kind != "interval":
            return self._take(item, values, kind), options
        seconds = _read_seconds(values["interval"])
        anchor = values.get("anchor_date") or self._find_anchor(seconds)
        if anchor:
            text = str(anchor).replace("Z", "+00:00")
            moment = datetime.fromisoformat(text)
            options["anchor"] = Code(f'datetime.fromisoformat("{text}")', "datetime", moment)
        return seconds, options

    def _find_anchor(self, seconds: float) -> str:
        """Give the moment that Prefect chose at the deployment, as the file names none."""
        for rule in (row["schedule"] for row in self._deployed):
            if rule.get("interval") == seconds:
                return str(rule.get("anchor_date") or "")
        return ""

    def _take(self, item: MarkedMap, values: Mapping[str, Any], key: str) -> Any:
        line = item.lines.get(key, item.line)
        value = convert_value(values.get(key), MISSING, self._say, line)
        if key == "active" and isinstance(value, str | Code):
            return self._read_switch(evaluate(value), line)
        return value

    def _read_switch(self, value: Any, line: int) -> Any:
        """Read what a template gives for a switch; one that only a worker resolves is not set."""
        words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
        read = words.get(str(value).strip().lower())
        text = "read once, now" if read is not None else "left to whoever switches it by hand"
        self._say(line, f"active is a template: {text}")
        return read


def _read_seconds(value: Any) -> float:
    if isinstance(value, int | float):
        return value
    return parse_duration(str(value))


def _read_rrule(text: str) -> dict[str, Any]:
    """Read a rule, which may be JSON with a time zone."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return dict(found) if isinstance(found, dict) else {}
