"""
Property differences as text: for each resource that changes, what differs inside.

Pure. What comes or goes as a whole is named in one line, unless everything is wanted. Values are
masked already.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from meta_prefect.cli.views.changes import (
    MISSING,
    SECRET,
    UNKNOWN,
    PropertyChange,
    list_changes,
    list_properties,
)
from meta_prefect.cli.views.picture import Picture, Row
from meta_prefect.cli.views.text import BLANK, Line, Span, count_noun, cut, line, measure, pad
from meta_prefect.cli.views.theme import Glyphs, Sign, Style
from meta_prefect.cli.views.words import say_property, say_type

_NAME_WIDTH: Final = 36
_ARROW_WIDTH: Final = 6
_SHORTEST: Final = 8
_SIGNS: Final = {"add": Sign.CREATE, "delete": Sign.DELETE, "update": Sign.CHANGE}
_WHOLE: Final = {
    Sign.CREATE: "new",
    Sign.IMPORT: "imported",
    Sign.DELETE: "gone",
    Sign.FORGET: "forgotten",
}


@dataclass(frozen=True, slots=True)
class DiffStyle:
    """
    How differences are drawn.

    full: whole values, and the properties of what comes and goes.
    """

    width: int
    glyphs: Glyphs
    full: bool = False
    urns: bool = False


def draw_diff(picture: Picture, style: DiffStyle) -> list[Line]:
    """Draw all differences that a preview found."""
    rows = picture.work
    if not rows:
        return [line("nothing differs")]
    inside = [row for row in rows if style.full or not _is_whole(row)]
    lines: list[Line] = []
    for row in inside:
        lines += [*_draw_row(row, style), BLANK]
    whole = [] if style.full else [row for row in rows if _is_whole(row)]
    for sign in _WHOLE:
        named = [row for row in whole if row.sign is sign]
        lines += [*_draw_whole(sign, named, style), BLANK] if named else []
    verb = "differs" if len(rows) == 1 else "differ"
    return [*lines, line(f"{count_noun(len(rows), 'resource')} {verb}")]


def _is_whole(row: Row) -> bool:
    """Say whether a resource comes or goes as it is; an import may bring changes with it."""
    return row.sign in _WHOLE and not (row.sign is Sign.IMPORT and list_changes(row))


def _draw_row(row: Row, style: DiffStyle) -> Iterator[Line]:
    changes = list_changes(row) or (list_properties(row) if row.sign in _WHOLE else ())
    head = f"{style.glyphs.signs[row.sign]} {row.urn if style.urns else row.name}"
    reason = _reason(row)
    yield line(
        Span(f"{head}   ", row.sign.style),
        Span(say_type(row.step.type), Style.DIM),
        f"   {reason}" if reason else "",
    )
    for parent, group in groupby(changes, lambda change: change.path[:-1]):
        if parent:
            yield line(f"    {_say_path(parent)}")
        for change in group:
            yield from _draw_change(change, style)


def _reason(row: Row) -> str:
    if row.sign is not Sign.REPLACE:
        return ""
    keys = ", ".join(say_property(key) for key in row.step.keys)
    return f"replaced because of {keys}" if keys else "replaced on request"


def _draw_change(change: PropertyChange, style: DiffStyle) -> Iterator[Line]:
    """Draw one property on a line; a value of several lines below it, when all is wanted."""
    sign = _SIGNS[change.kind]
    start = Span(_draw_name(change, style.glyphs), sign.style)
    end = Span("          replaces" if change.replaces else "", Style.MAGENTA)
    sides = [
        (Span(say_value(value, full=style.full), kind.style), style.glyphs.signs[kind])
        for value, kind in ((change.old, Sign.DELETE), (change.new, Sign.CREATE))
        if value is not MISSING
    ]
    if any("\n" in side.text for side, _ in sides) and style.full:
        yield (Span(start.text.rstrip(), start.style), end)
        for side, mark in sides:
            yield from (
                line(Span(f"        {mark} {row}", side.style)) for row in side.text.split("\n")
            )
        return
    texts = _shorten([side.text for side, _ in sides], measure(start.text + end.text), style)
    yield line(start, f"  {style.glyphs.arrow}  ".join(texts), end)


def _draw_name(change: PropertyChange, glyphs: Glyphs) -> str:
    """Write a property's name; inside of others each has its own sign."""
    inside = len(change.path) > 1
    last = change.path[-1]
    name = f"[{last}]" if isinstance(last, int) else last if inside else say_property(last)
    mark = f"{glyphs.signs[_SIGNS[change.kind]]} " if inside or change.kind != "update" else ""
    return pad(f"{'      ' if inside else '    '}{mark}{name}", _NAME_WIDTH)


def _shorten(texts: Sequence[str], taken: int, style: DiffStyle) -> list[str]:
    """Give each side its part of what is left of the line, the first line of each."""
    if style.full:
        return list(texts)
    arrows = (len(texts) - 1) * _ARROW_WIDTH
    room = max((style.width - taken - arrows) // len(texts), _SHORTEST)
    ellipsis = style.glyphs.ellipsis
    firsts = [text.split("\n") for text in texts]
    return [cut(rows[0] + (ellipsis if len(rows) > 1 else ""), room, ellipsis) for rows in firsts]


def say_value(value: object, *, full: bool) -> str:
    """Write a value: texts as they are, the rest as JSON; large ones as their size."""
    match value:
        case str() if value == SECRET:
            return "(secret)"
        case str() if value == UNKNOWN:
            return "(known later)"
        case str():
            return value or '""'
    text = json.dumps(value, ensure_ascii=False, default=str, indent=2 if full else None)
    return text.replace(f'"{SECRET}"', "(secret)").replace(f'"{UNKNOWN}"', "(known later)")


def _draw_whole(sign: Sign, rows: Sequence[Row], style: DiffStyle) -> list[Line]:
    names = ", ".join(row.urn if style.urns else row.name for row in rows)
    properties = sum(len(list_properties(row)) for row in rows)
    tail = f", {count_noun(properties, 'property')} (--full)".replace("propertys", "properties")
    return [
        line(Span(f"{style.glyphs.signs[sign]} {names}", sign.style), f": {_WHOLE[sign]}{tail}")
    ]


def _say_path(path: Sequence[str | int]) -> str:
    first, *rest = path
    text = say_property(str(first))
    for part in rest:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text
