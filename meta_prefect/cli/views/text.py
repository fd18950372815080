"""
Styled text as values: lines of spans, measured, cut and painted.

Pure. Views make lines, the terminal or rich paints them, so that a golden shows what a person sees.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final, TypeAlias

from meta_prefect.cli.views.theme import Style

_RESET: Final = "\x1b[0m"
_TEN: Final = 10
_MINUTE: Final = 60
_LONG_SECONDS: Final = 600
_HOUR: Final = 3600
_DAY: Final = 86400


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text in one style."""

    text: str
    style: Style = Style.PLAIN


Line: TypeAlias = tuple[Span, ...]

BLANK: Final[Line] = ()


def line(*parts: str | Span) -> Line:
    """Make a line of plain texts and spans."""
    return tuple(part if isinstance(part, Span) else Span(part) for part in parts)


def plain(parts: Line) -> str:
    """Give the text of a line without styles."""
    return "".join(part.text for part in parts)


def paint(parts: Line, *, color: bool) -> str:
    """Give a line as a terminal takes it; blanks at the end are dropped."""
    if not color:
        return plain(parts).rstrip()
    return "".join(_paint(part) for part in parts)


def _paint(part: Span) -> str:
    if part.style is Style.PLAIN or not part.text:
        return part.text
    return f"\x1b[{part.style.value}m{part.text}{_RESET}"


def measure(text: str) -> int:
    """Count the columns that a text takes."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, width: int) -> str:
    """Fill a text with blanks to a width."""
    return text + " " * max(0, width - measure(text))


def cut(text: str, width: int, ellipsis: str) -> str:
    """Shorten a text to a width; the ellipsis shows that something is missing."""
    if measure(text) <= width:
        return text
    kept = ""
    for character in text:
        if measure(kept + character) > width - measure(ellipsis):
            break
        kept += character
    return kept + ellipsis if width > measure(ellipsis) else kept


def say_seconds(seconds: float, unit: str = " s") -> str:
    """Say how long something took: `0.3 s`, `14 s`, `12 min`."""
    if seconds < _TEN:
        return f"{seconds:.1f}{unit}"
    if seconds < _LONG_SECONDS:
        return f"{seconds:.0f}{unit}"
    return f"{seconds / _MINUTE:.0f}{unit[:-1]}min"


def say_age(seconds: float) -> str:
    """Say how long ago something was."""
    for limit, size, unit in ((_MINUTE, 1, "s"), (_HOUR, _MINUTE, "min"), (_DAY, _HOUR, "h")):
        if seconds < limit:
            return f"{max(0, seconds) / size:.0f} {unit} ago"
    days = round(seconds / _DAY)
    return f"{days} day{'s' if days != 1 else ''} ago"


def count_noun(number: int, noun: str) -> str:
    """Say a number with its noun: `1 resource`, `2 resources`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
