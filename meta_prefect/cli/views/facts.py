"""
The one fact that matters about a resource, for its line in the tree.

Pure. Before an operation it says what is about to happen, during and after it how far it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from meta_prefect.cli.views.changes import MISSING, SECRET, UNKNOWN, PropertyChange, list_changes
from meta_prefect.cli.views.picture import Row, State
from meta_prefect.cli.views.text import cut
from meta_prefect.cli.views.theme import Glyphs, Sign
from meta_prefect.cli.views.words import say_property

# The input that tells resources of a type apart best.
_TELLING: Final = {
    "prefect:index:WorkPool": "type",
    "prefect:index:Deployment": "entrypoint",
    "prefect:local:ProcessWorker": "name",
    "pulumi:providers:prefect": "apiUrl",
}
_SHOWN_PROPERTIES: Final = 3
_LONGEST_VALUE: Final = 16


def describe_plan(row: Row, glyphs: Glyphs) -> str:
    """Say what is about to happen to a resource, beyond its sign."""
    match row.sign:
        case Sign.CREATE:
            return _telling(row)
        case Sign.IMPORT:
            return _properties(list_changes(row), glyphs) or _telling(row)
        case Sign.REPLACE:
            return _reasons(row)
        case Sign.CHANGE | Sign.DRIFT:
            return _properties(list_changes(row), glyphs)
        case Sign.DELETE | Sign.FORGET if row.step.old is not None and row.step.old.protect:
            return "protected"
    return ""


def describe_progress(row: Row, frame: str, glyphs: Glyphs, *, over: bool) -> str:
    """
    Say how far the work on a resource is.

    frame: picture of the spinner at this moment. over: nothing more will happen.
    """
    if not row.sign.is_change:
        return ""
    match row.state:
        case State.FAILED:
            return "failed"
        case State.DONE:
            return row.sign.done
        case State.RUNNING if over:
            return "interrupted"
        case State.RUNNING:
            return f"{frame} {row.status or row.sign.doing}"
    return "not started" if over else f"{glyphs.waiting} waiting"


def _telling(row: Row) -> str:
    key = _TELLING.get(row.step.type, "")
    value = row.step.new.inputs.get(key) if row.step.new is not None else None
    return value if isinstance(value, str) and value not in (UNKNOWN, SECRET) else ""


def _reasons(row: Row) -> str:
    keys = row.step.keys or tuple(
        str(change.path[0]) for change in list_changes(row) if change.replaces
    )
    names = [say_property(key).replace("_", " ") for key in dict.fromkeys(keys)]
    if not names:
        return "asked to be made anew"
    return f"{_list_some(names)} changed, cannot change in place"


def _properties(changes: Sequence[PropertyChange], glyphs: Glyphs) -> str:
    groups: dict[str, list[PropertyChange]] = {}
    for change in changes:
        groups.setdefault(say_property(str(change.path[0])), []).append(change)
    texts = [f"{name}{_values(items, glyphs)}" for name, items in groups.items()]
    return _list_some(texts)


def _values(changes: Sequence[PropertyChange], glyphs: Glyphs) -> str:
    if len(changes) != 1 or len(changes[0].path) != 1:
        return ""
    sides = [_short(value) for value in (changes[0].old, changes[0].new)]
    return f" {sides[0]} {glyphs.arrow} {sides[1]}" if all(sides) else ""


def _short(value: object) -> str:
    """Write a value that is worth showing in a line; empty for all others."""
    if value is MISSING or not isinstance(value, str | int | float) or value in (SECRET, UNKNOWN):
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if cut(text, _LONGEST_VALUE, "") == text else ""


def _list_some(texts: Sequence[str]) -> str:
    shown = ", ".join(texts[:_SHOWN_PROPERTIES])
    more = len(texts) - _SHOWN_PROPERTIES
    return f"{shown} and {more} more" if more > 0 else shown
