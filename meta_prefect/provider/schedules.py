"""
Schedules of deployments: one canonical form, and what is sent for it.

A schedule's identity is its slug; the server renews ids with every write of the deployment. Pure.

Source of forms and defaults: `prefect/server/schemas/schedules.py` of Prefect 3.8.8.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

_KINDS: Final = ("cron", "interval", "rrule")
_COMMON: Final = ("slug", "timezone", "active", "parameters", "maxScheduledRuns")
_OWN: Final = {"cron": ("dayOr",), "interval": ("anchorDate",), "rrule": ()}
DEFAULT_ANCHOR: Final = "2020-01-01T00:00:00Z"
_DEFAULT_START: Final = "DTSTART:20200101T000000"
_LONGEST_RRULE: Final = 6500
_MOST_SCHEDULED_RUNS: Final = 50
_ISO_DURATION: Final = re.compile(
    r"P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
_CLOCK_DURATION: Final = re.compile(r"(?P<hours>\d+):(?P<minutes>[0-5]\d):(?P<seconds>[0-5]\d)")
_UNIT_SECONDS: Final = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}
_CRON: Final = re.compile(r"@\w+|\S+(?:\s+\S+){4,5}")

Schedule = dict[str, Any]


def read_schedules(values: Sequence[Any]) -> list[Schedule]:
    """
    Give a list of schedules in canonical form, sorted by slug.

    Raises:
        ValueError: one of them will not do, or two have one slug.
    """
    schedules = [_read_numbered(at, value) for at, value in enumerate(values)]
    slugs = [schedule["slug"] for schedule in schedules]
    for slug in slugs:
        if slugs.count(slug) > 1:
            raise ValueError(f"two schedules have the slug {slug!r}")
    return sorted(schedules, key=lambda schedule: str(schedule["slug"]))


def slug_of(schedule: Schedule) -> str:
    """Give what a schedule is told apart by."""
    return str(schedule["slug"])


def align_schedules(
    wanted: Sequence[Schedule] | None, actual: Sequence[Schedule] | None
) -> list[Schedule] | None:
    """Drop `active` from what is there where the wanted schedule leaves it to people."""
    if not isinstance(wanted, list) or not isinstance(actual, list):
        return actual if actual is None else list(actual)
    quiet = {item.get("slug") for item in wanted if "active" not in item}
    return [
        {key: value for key, value in item.items() if key != "active" or item["slug"] not in quiet}
        for item in actual
    ]


def keep_active(wanted: Sequence[Schedule] | None, actual: Sequence[Schedule]) -> list[Schedule]:
    """Fill in `active` from what is there where it is left to people; None wants what is there."""
    if wanted is None:
        return list(actual)
    known = {item["slug"]: {"active": item["active"]} for item in actual}
    return [{**known.get(item["slug"], {}), **item} for item in wanted]


def build_schedule(schedule: Schedule) -> dict[str, Any]:
    """Build what is sent for one schedule."""
    body: dict[str, Any] = {"slug": schedule["slug"], "schedule": _build_rule(schedule)}
    body["parameters"] = schedule.get("parameters") or {}
    body["active"] = schedule.get("active", True)
    if schedule.get("maxScheduledRuns") is not None:
        body["max_scheduled_runs"] = schedule["maxScheduledRuns"]
    return body


def parse_schedule(row: Mapping[str, Any]) -> Schedule:
    """Read what the server has; one without a slug gets the one that check would make."""
    rule = row["schedule"]
    kind = next(kind for kind in _KINDS if kind in rule)
    value: dict[str, Any] = {
        kind: rule[kind],
        "timezone": rule.get("timezone"),
        "active": row.get("active", True),
        "parameters": row.get("parameters"),
        "slug": row.get("slug"),
        "maxScheduledRuns": row.get("max_scheduled_runs"),
        "dayOr": rule.get("day_or") if kind == "cron" else None,
        "anchorDate": rule.get("anchor_date") if kind == "interval" else None,
    }
    return read_schedule(value)


def read_schedule(value: Any) -> Schedule:
    """
    Give one schedule in canonical form: defaults filled in but for `active`.

    Raises:
        ValueError: it will not do.
    """
    if not isinstance(value, Mapping):
        raise ValueError("must be an object")  # noqa: TRY004 - failures of values are ValueErrors
    given = {key: item for key, item in value.items() if item is not None}
    kind = _find_kind(given)
    for key in given:
        if key not in (kind, *_COMMON, *_OWN[kind]):
            raise ValueError(f"{key} does not belong to a schedule by {kind}")
    schedule: Schedule = {kind: _READERS[kind](given[kind])}
    if kind == "cron":
        schedule["dayOr"] = bool(given.get("dayOr", True))
    if kind == "interval":
        schedule["anchorDate"] = read_instant(given.get("anchorDate", DEFAULT_ANCHOR))
    return {**schedule, **_read_common(given), "slug": given.get("slug") or _slug(kind, schedule)}


def _read_numbered(at: int, value: Any) -> Schedule:
    try:
        return read_schedule(value)
    except ValueError as error:
        raise ValueError(f"[{at}]: {error}") from None


def _find_kind(given: Mapping[str, Any]) -> str:
    kinds = [kind for kind in _KINDS if kind in given]
    if len(kinds) != 1:
        raise ValueError("needs exactly one of cron, interval and rrule")
    return kinds[0]


def _read_common(given: Mapping[str, Any]) -> Schedule:
    common: Schedule = {"timezone": read_zone(given.get("timezone", "UTC"))}
    common["parameters"] = dict(given.get("parameters") or {})
    if "active" in given:
        common["active"] = bool(given["active"])
    if given.get("maxScheduledRuns") is not None:
        common["maxScheduledRuns"] = read_run_count(given["maxScheduledRuns"])
    return common


def read_zone(name: Any) -> str:
    """
    Give the name of a time zone.

    Raises:
        ValueError: there is none of this name.
    """
    try:
        return ZoneInfo(name).key
    except (KeyError, OSError, TypeError, ValueError):
        raise ValueError(f"there is no time zone {name!r}") from None


def read_run_count(value: Any) -> int:
    """
    Give how many runs are made ahead.

    Raises:
        ValueError: the server does not take it.
    """
    if not 1 <= value <= _MOST_SCHEDULED_RUNS:
        raise ValueError(f"maxScheduledRuns must be between 1 and {_MOST_SCHEDULED_RUNS}")
    return int(value)


def _slug(kind: str, schedule: Schedule) -> str:
    text = json.dumps(schedule, sort_keys=True)
    return f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def read_cron(value: Any) -> str:
    """
    Give a cron rule with single blanks.

    Raises:
        ValueError: it has neither five nor six parts, nor is it like `@daily`.
    """
    text = " ".join(str(value).split())
    if not _CRON.fullmatch(text):
        raise ValueError(f"cron {text!r} must have five or six parts, or be like @daily")
    return text


def read_interval(value: Any) -> float:
    """
    Give an interval in seconds.

    value: seconds, or text like `PT1H` or `01:00:00`.

    Raises:
        ValueError: it is none of these, or not above 0.
    """
    seconds = value if isinstance(value, int | float) else parse_duration(str(value))
    if seconds <= 0:
        raise ValueError("interval must be above 0 seconds")
    return float(seconds)


def parse_duration(text: str) -> float:
    """
    Read seconds from text like `PT1H` or `01:00:00`.

    Raises:
        ValueError: it is neither.
    """
    found = _CLOCK_DURATION.fullmatch(text) or _ISO_DURATION.fullmatch(text)
    parts = {
        unit: int(count) for unit, count in (found.groupdict() if found else {}).items() if count
    }
    if not parts:
        raise ValueError(f"{text!r} must be seconds, like PT1H or like 01:00:00")
    return float(sum(_UNIT_SECONDS[unit] * count for unit, count in parts.items()))


def read_instant(value: Any) -> str:
    """
    Give an instant in UTC; one without an offset is in UTC already.

    Raises:
        ValueError: it is no date and time.
    """
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"anchorDate {value!r} is not a date and time") from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat().replace("+00:00", "Z")


def read_rrule(value: Any) -> str:
    """
    Give a rule of iCalendar with a start and with its parts sorted.

    Raises:
        ValueError: it has no `FREQ`, or is too long.
    """
    lines = [_read_rrule_line(line) for line in str(value).split()]
    if not any(line.startswith("DTSTART") for line in lines):
        lines.insert(0, _DEFAULT_START)
    if not any("FREQ=" in line for line in lines):
        raise ValueError("rrule must have a FREQ")
    text = "\n".join(lines)
    if len(text) > _LONGEST_RRULE:
        raise ValueError(f"rrule is longer than {_LONGEST_RRULE} characters")
    return text


def _read_rrule_line(line: str) -> str:
    rule = line.removeprefix("RRULE:")
    return ";".join(sorted(rule.split(";"))) if "FREQ=" in rule and ":" not in rule else rule


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "cron": read_cron,
    "interval": read_interval,
    "rrule": read_rrule,
}


def _build_rule(schedule: Schedule) -> dict[str, Any]:
    kind = _find_kind(schedule)
    rule = {kind: schedule[kind], "timezone": schedule["timezone"]}
    if kind == "cron":
        rule["day_or"] = schedule["dayOr"]
    if kind == "interval":
        rule["anchor_date"] = schedule["anchorDate"]
    return rule


def find_schedule_changes(
    old: Mapping[str, Schedule], new: Mapping[str, Schedule]
) -> Iterator[tuple[str, str]]:
    """
    Say what to do with each slug: `create`, `change`, `delete` or `remake`.

    old: what is there; `remake` where the server cannot clear a value.
    """
    for slug in sorted(old.keys() | new.keys()):
        before, after = old.get(slug), new.get(slug)
        if before is None:
            yield slug, "create"
        elif after is None:
            yield slug, "delete"
        elif before.get("maxScheduledRuns") and not after.get("maxScheduledRuns"):
            yield slug, "remake"
        elif align_schedules([after], [before]) != [after]:
            yield slug, "change"
