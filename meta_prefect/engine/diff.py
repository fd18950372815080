"""
Structural comparison of property values.

Says whether two values are the same in the engine's sense, and where two maps differ. Pure; what a
difference means for a resource is the provider's business.

Source: `DeepEquals` and `Diff` in `sdk/go/common/resource` of Pulumi 3.260.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from meta_prefect.engine.paths import build_path
from meta_prefect.interfaces.events import DiffKind, PropertyDiff
from meta_prefect.interfaces.values import (
    Archive,
    Asset,
    PropertyMap,
    PropertyValue,
    ResourceReference,
    Secret,
    without_secrets,
)


def is_same(old: PropertyValue, new: PropertyValue) -> bool:
    """
    Compare two values.

    A secret equals only a secret, a resource reference is its URN and id, and an asset its hash.
    """
    if isinstance(old, bool) or isinstance(new, bool):
        return old is new
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return old.keys() == new.keys() and all(is_same(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(is_same, old, new))
    match old, new:
        case Secret(), Secret():
            return is_same(old.value, new.value)
        case ResourceReference(), ResourceReference():
            return (old.urn, old.id) == (new.urn, new.id)
        case (Asset(), Asset()) | (Archive(), Archive()) if old.hash and new.hash:
            return bool(old.hash == new.hash)
    return bool(old == new)


def compare(old: PropertyMap, new: PropertyMap) -> dict[str, PropertyDiff]:
    """Give the places where two maps differ, by path; secrets are looked through."""
    found = _compare_maps((), without_secrets(old), without_secrets(new))
    return {build_path(path): PropertyDiff(kind) for path, kind in found}


def list_changed_keys(old: PropertyMap, new: PropertyMap) -> tuple[str, ...]:
    """Give the top-level keys that differ, sorted; secrets are looked through."""
    old, new = without_secrets(old), without_secrets(new)
    return tuple(
        key
        for key in sorted(old.keys() | new.keys())
        if key not in old or key not in new or not is_same(old[key], new[key])
    )


def _compare_maps(
    path: tuple[str | int, ...], old: PropertyMap, new: PropertyMap
) -> Iterator[tuple[tuple[str | int, ...], DiffKind]]:
    for key in sorted(old.keys() | new.keys()):
        here = (*path, key)
        if key not in old:
            yield here, DiffKind.ADD
        elif key not in new:
            yield here, DiffKind.DELETE
        else:
            yield from _compare(here, old[key], new[key])


def _compare_lists(
    path: tuple[str | int, ...], old: list[PropertyValue], new: list[PropertyValue]
) -> Iterator[tuple[tuple[str | int, ...], DiffKind]]:
    shared = min(len(old), len(new))
    for index in range(shared):
        yield from _compare((*path, index), old[index], new[index])
    for index in range(shared, len(old)):
        yield (*path, index), DiffKind.DELETE
    for index in range(shared, len(new)):
        yield (*path, index), DiffKind.ADD


def _compare(
    path: tuple[str | int, ...], old: PropertyValue, new: PropertyValue
) -> Iterator[tuple[tuple[str | int, ...], DiffKind]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _compare_maps(path, old, new)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _compare_lists(path, old, new)
    elif not is_same(old, new):
        yield path, DiffKind.UPDATE
