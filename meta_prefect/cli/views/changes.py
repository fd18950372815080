"""
Property changes of a row: which properties differ, and their values on both sides.

Pure. Opens what engines give as one change: maps, lists and JSON kept as text are compared inside.
Text and JSON views are both made from it. Values are masked already.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from meta_prefect.cli.views.picture import Row
from meta_prefect.cli.views.theme import Sign
from meta_prefect.engine.diff import compare, is_same
from meta_prefect.engine.paths import build_path, parse_path
from meta_prefect.interfaces.events import DiffKind, Op, PropertyDiff, StepMetadata
from meta_prefect.interfaces.values import PropertyMap, PropertyValue

SECRET: Final = "[secret]"  # noqa: S105 - what engines put in a secret's place
UNKNOWN: Final = "[unknown]"
_DIFFERING: Final = (Sign.CHANGE, Sign.REPLACE, Sign.DRIFT)
_INTERNAL: Final = "__"  # keys of the protocol, no user's property


class _Missing:
    """Stands for a value that one side does not have."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """
    One property that differs.

    path: keys and indices from the resource's properties inwards.
    old, new: `MISSING` where a side has none.
    replaces: the resource must be made anew for it.
    """

    path: tuple[str | int, ...]
    old: PropertyValue
    new: PropertyValue
    replaces: bool = False

    @property
    def kind(self) -> str:
        """One of `add`, `delete`, `update`."""
        if self.old is MISSING:
            return "add"
        return "delete" if self.new is MISSING else "update"

    @property
    def text(self) -> str:
        """The path as Pulumi writes it."""
        return build_path(self.path)


def list_changes(row: Row) -> tuple[PropertyChange, ...]:
    """List what differs in a resource that is changed or replaced; empty for all others."""
    step = row.step
    differs = row.sign in _DIFFERING or (row.sign is Sign.IMPORT and step.op is Op.UPDATE)
    if not (differs and step.old and step.new):
        return ()
    found = [_read(step, path, item) for path, item in _differences(step).items()]
    opened = [part for change in found for part in _open(change)]
    return tuple(change for change in opened if not _is_internal(change))


def list_properties(row: Row) -> tuple[PropertyChange, ...]:
    """List the properties of a resource that comes or goes, as additions or deletions."""
    view = row.step.new or row.step.old
    inputs: PropertyMap = view.inputs if view is not None else {}
    gone = row.step.new is None
    return tuple(
        PropertyChange((key,), value if gone else MISSING, MISSING if gone else value)
        for key, value in inputs.items()
        if not key.startswith(_INTERNAL) and value is not None
    )


def _differences(step: StepMetadata) -> Mapping[str, PropertyDiff]:
    if step.detailed_diff:
        return step.detailed_diff
    keys = tuple(dict.fromkeys((*step.keys, *step.diffs)))
    if keys:
        replaced = dict.fromkeys(step.keys, DiffKind.UPDATE_REPLACE)
        return {build_path([key]): PropertyDiff(replaced.get(key, DiffKind.UPDATE)) for key in keys}
    assert step.old is not None
    assert step.new is not None
    return compare(step.old.inputs, step.new.inputs)


def _read(step: StepMetadata, text: str, item: PropertyDiff) -> PropertyChange:
    """Look a change's values up; a change of the world compares outputs on the old side."""
    assert step.old is not None
    assert step.new is not None
    path = _split(text)
    olds = step.old.inputs if item.input_diff else step.old.outputs
    old, new = _find(olds, path), _find(step.new.inputs, path)
    if new is MISSING and not item.input_diff:
        new = _find(step.new.outputs, path)
    return PropertyChange(path, old, new, item.kind.replaces)


def _split(text: str) -> tuple[str | int, ...]:
    try:
        parts = parse_path(text)
    except ValueError:
        return (text,)
    return tuple(part if isinstance(part, str | int) else part.value for part in parts)


def _find(values: Any, path: tuple[str | int, ...]) -> Any:
    """Follow a path; a property that is set to nothing is not there."""
    for part in path:
        match values:
            case Mapping() if part in values:
                values = values[part]
            case list() if isinstance(part, int) and part < len(values):
                values = values[part]
            case _:
                return MISSING
    return MISSING if values is None else values


def _open(change: PropertyChange) -> Iterator[PropertyChange]:
    """Give the places inside a change where its two sides differ."""
    old, new = _decode(change.old), _decode(change.new)
    both_maps = isinstance(old, Mapping) and isinstance(new, Mapping)
    if not (both_maps or (isinstance(old, list) and isinstance(new, list))):
        yield change
        return
    # A whole list says more than its indices when something moved.
    if isinstance(old, list) and len(old) != len(new):
        yield PropertyChange(change.path, old, new, change.replaces)
        return
    keys = list(dict.fromkeys([*old, *new])) if both_maps else range(len(old))
    for key in keys:
        sides = _find(old, (key,)), _find(new, (key,))
        if MISSING in sides or not is_same(*sides):
            yield from _open(PropertyChange((*change.path, key), *sides, change.replaces))


def _decode(value: Any) -> Any:
    """Read JSON that is kept as text."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _is_internal(change: PropertyChange) -> bool:
    return str(change.path[0]).startswith(_INTERNAL)
