"""
Comparison of a resource's inputs, by its kind's field table.

Says what differs and what that asks for; and what of the world counts as drift. Pure: warnings are
given back, not logged. `differences` compares single values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from meta_prefect.interfaces.events import DiffKind, PropertyDiff
from meta_prefect.interfaces.provider import Changes, DiffResponse
from meta_prefect.interfaces.values import has_unknowns
from meta_prefect.provider.differences import (
    Path,
    find_differences,
    find_member_differences,
    render_path,
)
from meta_prefect.provider.fields import DECLARED, Change, Field, FieldType, ResourceKind


@dataclass(frozen=True, slots=True)
class Difference:
    """
    One input that differs.

    parts: the innermost paths that differ, each with its kind.
    """

    field: Field
    parts: tuple[tuple[Path, DiffKind], ...]

    @property
    def is_ignored(self) -> bool:
        """Whether nothing can be done about it after the create."""
        return self.field.change is Change.CREATE_ONLY


def compare_inputs(
    kind: ResourceKind, old: Mapping[str, Any], new: Mapping[str, Any]
) -> tuple[Difference, ...]:
    """Find the inputs that differ, in the order of the table."""
    return tuple(_compare(kind, old, new))


def _compare(
    kind: ResourceKind, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Difference]:
    for item in kind.fields:
        after = new.get(item.name)
        if after is None and item.left_alone:
            continue
        before = item.align(after, _canonical(item, old))
        parts = tuple(_find_parts(item, before, after))
        if parts:
            yield Difference(item, parts)


def _find_parts(item: Field, before: Any, after: Any) -> Iterator[tuple[Path, DiffKind]]:
    path = (item.name,)
    tells_empty = item.left_alone or item.type is FieldType.ANY
    if not tells_empty and _is_empty(before) and _is_empty(after):
        return iter(())
    if item.identity is None or not isinstance(before, list) or not isinstance(after, list):
        return find_differences(before, after, path)
    if has_unknowns(after):
        return iter([(path, DiffKind.UPDATE)])
    return find_member_differences(before, after, item.identity, path)


def _is_empty(value: Any) -> bool:
    """Say whether a value is absent or holds nothing, which the server does not tell apart."""
    return value is None or value in ("", [], {})


def _canonical(item: Field, old: Mapping[str, Any]) -> Any:
    # State may have been written by a version of ours with another canonical form.
    value = old.get(item.name)
    try:
        return item.read(value)
    except ValueError:
        return value


def as_response(
    differences: tuple[Difference, ...], drift: frozenset[str] = frozenset()
) -> DiffResponse:
    """
    Say it in the protocol's words; what cannot be changed is left out.

    drift: outputs that hold no longer, each an update.
    """
    acted = [difference for difference in differences if not difference.is_ignored]
    detailed = {
        render_path(path): PropertyDiff(
            kind.as_replace if difference.field.change.replaces else kind
        )
        for difference in acted
        for path, kind in difference.parts
    }
    for name in sorted(drift):
        detailed[name] = PropertyDiff(DiffKind.UPDATE, input_diff=False)
    return DiffResponse(
        Changes.SOME if acted or drift else Changes.NONE,
        diffs=(*(item.field.name for item in acted), *sorted(drift)),
        replaces=tuple(item.field.name for item in acted if item.field.change.replaces),
        detailed_diff=detailed,
        delete_before_replace=any(
            item.field.change is Change.REPLACE_DELETE_FIRST for item in acted
        ),
    )


def merge_found(
    kind: ResourceKind, stored: Mapping[str, Any], found: Mapping[str, Any]
) -> dict[str, Any]:
    """
    Lay the world over stored inputs: declared keys take its value, the others keep theirs.

    A key that `found` does not have cannot be told by the server and keeps its value, too.
    """
    merged = dict(stored)
    declared = stored.get(DECLARED) or ()
    for item in kind.fields:
        if item.name in declared and item.name in found:
            merged[item.name] = item.align(stored.get(item.name), found[item.name])
    return {key: value for key, value in merged.items() if value is not None}


def declare_found(
    kind: ResourceKind, found: Mapping[str, Any], repeated: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """
    Make the inputs of an import: declared is what a program must say to get the same.

    repeated: inputs that need not be said, as others say the same.
    """
    values: dict[str, Any] = {}
    declared: list[str] = []
    for item in kind.fields:
        value = found.get(item.name)
        default = None if item.default is None else item.read(item.default)
        if item.required or (value is not None and value != default):
            values[item.name] = value
            if item.name not in repeated:
                declared.append(item.name)
        elif not item.left_alone:
            values[item.name] = default
    values = {key: value for key, value in values.items() if value is not None}
    return {**values, DECLARED: sorted(declared)}


def find_unsettled(
    kind: ResourceKind, asked: Mapping[str, Any], found: Mapping[str, Any]
) -> tuple[str, ...]:
    """Name the given inputs that are still different after a write."""
    declared = asked.get(DECLARED) or ()
    return tuple(
        difference.field.name
        for difference in compare_inputs(kind, found, asked)
        if difference.field.name in declared and difference.field.name in found
    )
