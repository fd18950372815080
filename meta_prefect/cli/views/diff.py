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
from meta_prefect.cli.views.text import BLANK, Line, Span, count_noun, cut, line, pad
from meta_prefect.cli.views.theme import Glyphs, Sign, Style
from meta_prefect.cli.views.words import say_property, say_type

_NAME_WIDTH: Final = 32
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
    rows = picture.changes
    if not rows:
        return [line("nothing differs")]
    inside = [row for row in rows if row.sign not in _WHOLE or style.full]
    lines: list[Line] = []
    for row in inside:
        lines += [*_draw_row(row, style), BLANK]
    whole = [] if style.full else [row for row in rows if row.sign in _WHOLE]
    for sign in _WHOLE:
        named = [row for row in whole if row.sign is sign]
        lines += [*_draw_whole(sign, named, style), BLANK] if named else []
    verb = "differs" if len(rows) == 1 else "differ"
    return [*lines, line(f"{count_noun(len(rows), 'resource')} {verb}")]


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
        inner = "    "
        if parent:
            yield line(f"    {_say_path(parent)}")
            inner = "      "
        for change in group:
            yield from _draw_change(change, inner, style, signed=bool(parent))


def _reason(row: Row) -> str:
    if row.sign is not Sign.REPLACE:
        return ""
    keys = ", ".join(say_property(key) for key in row.step.keys)
    return f"replaced because of {keys}" if keys else "replaced on request"


def _draw_change(
    change: PropertyChange, indent: str, style: DiffStyle, *, signed: bool
) -> Iterator[Line]:
    """Draw one property; one inside another gets a sign of its own."""
    sign = _SIGNS[change.kind]
    name = str(change.path[-1]) if signed else say_property(str(change.path[-1]))
    mark = f"{style.glyphs.signs[sign]} " if signed or change.kind != "update" else ""
    start = pad(f"{indent}{mark}{name}", len(indent) + _NAME_WIDTH - (2 if signed else 0))
    texts = _say_sides(change, style)
    arrow = f"  {style.glyphs.arrow}  "
    end = "          replaces" if change.replaces else ""
    room = style.width - len(start) - len(end)
    if style.full and any("\n" in text for text in texts):
        yield line(Span(start.rstrip(), sign.style), Span(end, Style.MAGENTA))
        for text, kind in zip(texts, _sides(change), strict=True):
            shown = style.glyphs.signs[kind]
            yield from (
                line(Span(f"{indent}  {shown} {row}", kind.style)) for row in text.split("\n")
            )
        return
    if not style.full:
        each = (room - len(arrow) * (len(texts) - 1)) // len(texts)
        texts = [
            cut(text.partition("\n")[0], max(each, 8), style.glyphs.ellipsis) for text in texts
        ]
    yield line(Span(start, sign.style), arrow.join(texts), Span(end, Style.MAGENTA))


def _sides(change: PropertyChange) -> list[Sign]:
    both = ((change.old, Sign.DELETE), (change.new, Sign.CREATE))
    return [sign for value, sign in both if value is not MISSING]


def _say_sides(change: PropertyChange, style: DiffStyle) -> list[str]:
    return [
        say_value(value, full=style.full)
        for value in (change.old, change.new)
        if value is not MISSING
    ]


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
