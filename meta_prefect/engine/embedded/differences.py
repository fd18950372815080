"""
Differences: what the change from a record to a goal asks for; first answer wins.

Turns a provider's answer into the engine's words and lays `replaceOnChanges` over it. Pure; asking
is the generator's part, and comparing values `engine.diff`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from meta_prefect.engine import paths
from meta_prefect.engine.diff import compare, is_same, list_changed_keys
from meta_prefect.engine.embedded.providers import asks_replacement
from meta_prefect.engine.embedded.steps import UNCHANGED, Difference
from meta_prefect.engine.state.checkpoint import ResourceState
from meta_prefect.interfaces.events import DiffKind, PropertyDiff
from meta_prefect.interfaces.provider import Changes, DiffResponse
from meta_prefect.interfaces.values import (
    PropertyMap,
    PropertyValue,
    has_unknowns,
    without_secrets,
)

_INIT_ERROR: Final = "#initerror"
_INIT_ERROR_PATHS: Final = frozenset({_INIT_ERROR, "*"})


def build_forced(*keys: str) -> Difference:
    """Ask for a replacement for a reason of the engine's own."""
    return Difference(changed=True, replace=True, keys=keys)


def is_triggered(old: PropertyValue, new: PropertyValue) -> bool:
    """
    Say whether a replacement trigger has changed; one that is not known has.

    One that is not set on both sides has not.
    """
    if has_unknowns(old) or has_unknowns(new):
        return True
    if old is None or new is None:
        return False
    return not is_same(without_secrets(old), without_secrets(new))


def compare_component(old: PropertyMap, new: PropertyMap) -> Difference:
    """Compare the inputs of a component, which has no provider to ask."""
    return UNCHANGED if is_same(old, new) else Difference(changed=True)


def read_answer(response: DiffResponse, old: PropertyMap, new: PropertyMap) -> Difference:
    """Take a provider's answer; one that does not know lets the inputs decide."""
    if response.changes is Changes.NONE:
        return Difference(changed=False, is_detailed=response.detailed_diff is not None)
    if response.changes is Changes.UNKNOWN and not asks_replacement(response):
        keys = list_changed_keys(old, new)
        return Difference(bool(keys), diffs=keys, detailed_diff=compare(old, new))
    return Difference(
        changed=True,
        replace=asks_replacement(response),
        keys=tuple(response.replaces),
        diffs=tuple(response.diffs),
        detailed_diff=response.detailed_diff or {},
        is_detailed=response.detailed_diff is not None,
        delete_first=response.delete_before_replace,
    )


def apply_replace_on_changes(
    difference: Difference, old: ResourceState, patterns: Sequence[str]
) -> Difference:
    """Turn changes under the given paths into replacements."""
    if old.init_errors and not _INIT_ERROR_PATHS.isdisjoint(patterns):
        difference = _blame_init_errors(difference)
    if not difference.changed or not patterns:
        return difference
    wanted = [paths.parse_path(text) for text in patterns if text != _INIT_ERROR]
    detailed = {
        path: replace(item, kind=item.kind.as_replace) if _is_under(path, wanted) else item
        for path, item in difference.detailed_diff.items()
    }
    touched = [key for key in difference.diffs if _is_under(key, wanted)]
    keys = tuple(dict.fromkeys((*difference.keys, *touched)))
    replaces = bool(keys) or any(item.kind.replaces for item in detailed.values())
    return replace(
        difference, replace=difference.replace or replaces, keys=keys, detailed_diff=detailed
    )


def _blame_init_errors(difference: Difference) -> Difference:
    detailed = difference.detailed_diff
    if difference.is_detailed:
        place = PropertyDiff(DiffKind.UPDATE_REPLACE, input_diff=False)
        detailed = {**detailed, _INIT_ERROR: place}
    keys = (*difference.keys, _INIT_ERROR)
    return replace(difference, changed=True, replace=True, keys=keys, detailed_diff=detailed)


def _is_under(path: str, patterns: Sequence[paths.Path]) -> bool:
    parts = paths.parse_path(path)
    return any(paths.covers(pattern, parts) for pattern in patterns)
