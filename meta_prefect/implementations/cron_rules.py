"""
Cron expressions as recurrence rules of calendars (RFC 5545), which can leave out days.

Pure. Only what every cron has: five parts of numbers, names, lists, ranges and steps, and words
like `@daily`. Not to be confused with `implementations.schedule`, whose builders use it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

_WORDS: Final[Mapping[str, str]] = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS: Final = (
    *("JAN", "FEB", "MAR", "APR", "MAY", "JUN"),
    *("JUL", "AUG", "SEP", "OCT", "NOV", "DEC"),
)
_DAYS: Final = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
_PARTS: Final = 5


def build_rules(expression: str, *, day_or: bool = True) -> str:
    """
    Give the rule of an expression; two lines where either of two kinds of days will do.

    Raises:
        ValueError: the expression has something that a rule cannot say.
    """
    parts = _WORDS.get(expression.strip().lower(), expression).split()
    if len(parts) != _PARTS:
        raise ValueError(f"{expression} cannot leave out days: write five parts, or use rrule")
    minutes = _read_part(parts[0], range(60))
    hours = _read_part(parts[1], range(24))
    days = _read_part(parts[2], range(1, 32))
    months = _read_part(parts[3], range(1, 13), _MONTHS, first=1)
    weekdays = _read_part(parts[4], range(8), _DAYS)
    common = {
        "BYMONTH": months,
        "BYHOUR": hours or tuple(range(24)),
        "BYMINUTE": minutes or tuple(range(60)),
        "BYSECOND": (0,),
    }
    by_day = {"BYDAY": tuple(dict.fromkeys(_DAYS[day % 7][:2] for day in weekdays))}
    if days and weekdays and day_or:
        return "\n".join(_render({**common, **kind}) for kind in ({"BYMONTHDAY": days}, by_day))
    return _render({**common, "BYMONTHDAY": days, **by_day})


def _read_part(
    text: str, allowed: range, names: Sequence[str] = (), *, first: int = 0
) -> tuple[int, ...]:
    """Give the numbers that a part means; none for `*`, which means all."""
    if text == "*":
        return ()
    found: set[int] = set()
    for piece in text.split(","):
        found.update(_read_piece(piece, allowed, names, first))
    return tuple(sorted(found))


def _read_piece(piece: str, allowed: range, names: Sequence[str], first: int) -> Iterator[int]:
    span, _, step = piece.partition("/")
    low, dash, high = span.partition("-")
    try:
        start = allowed.start if low == "*" else _read_number(low, names, first)
        is_open = low == "*" or (step and not dash)
        end = allowed.stop - 1 if is_open else _read_number(high, names, first) if dash else start
        every = int(step) if step else 1
    except ValueError:
        raise ValueError(f"{piece} cannot leave out days: use rrule") from None
    if not (start in allowed and end in allowed and start <= end and every > 0):
        raise ValueError(f"{piece} is no part of an expression that can leave out days: use rrule")
    yield from range(start, end + 1, every)


def _read_number(text: str, names: Sequence[str], first: int) -> int:
    return names.index(text.upper()) + first if text.upper() in names else int(text)


def _render(values: Mapping[str, Sequence[object]]) -> str:
    told = (f"{key}={','.join(map(str, value))}" for key, value in values.items() if value)
    return f"RRULE:{';'.join(('FREQ=DAILY', *told))}"
