"""
Comparing inputs as the official plugins do: JSON in strings by what it says, the rest by value.

Not to be confused with `engine.diff`, which compares what an engine stores.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from meta_prefect.interfaces.events import DiffKind, PropertyDiff
from meta_prefect.interfaces.provider import Changes, DiffResponse
from meta_prefect.interfaces.values import PropertyMap, PropertyValue, without_secrets

_REPLACING = {
    DiffKind.ADD: DiffKind.ADD_REPLACE,
    DiffKind.DELETE: DiffKind.DELETE_REPLACE,
    DiffKind.UPDATE: DiffKind.UPDATE_REPLACE,
}


def find_differences(old: PropertyMap, new: PropertyMap) -> dict[str, DiffKind]:
    """Give what happens to each property, by its path; unknown values count as different."""
    return dict(_compare(without_secrets(old), without_secrets(new), ""))


def answer_diff(
    old: PropertyMap,
    new: PropertyMap,
    replaces: Callable[[str], bool],
    ignored: Collection[str] = (),
) -> DiffResponse:
    """Make a provider's answer; `replaces` says of a path whether its change means a new object."""
    found = {
        path: _REPLACING[kind] if replaces(path) else kind
        for path, kind in find_differences(old, new).items()
        if not any(is_under(path, place) for place in ignored)
    }
    if not found:
        return DiffResponse(Changes.NONE)
    return DiffResponse(
        Changes.SOME,
        _list_tops(found),
        _list_tops(path for path, kind in found.items() if kind.replaces),
        {path: PropertyDiff(kind) for path, kind in found.items()},
    )


def is_under(path: str, place: str) -> bool:
    """Say whether a path is a place or inside of it."""
    return path == place or path.startswith((f"{place}.", f"{place}["))


def is_same(left: PropertyValue, right: PropertyValue) -> bool:
    """Say whether two plain values are the same, or say the same in JSON."""
    if left == right:
        return True
    if isinstance(left, str) and isinstance(right, str):
        parsed = _parse(left)
        return parsed is not None and parsed == _parse(right)
    return False


def _parse(text: str) -> object:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _compare(old: PropertyValue, new: PropertyValue, path: str) -> Iterator[tuple[str, DiffKind]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(old.keys() | new.keys()):
            yield from _compare(old.get(key), new.get(key), f"{path}.{key}" if path else key)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            pair = [items[index] if index < len(items) else None for items in (old, new)]
            yield from _compare(*pair, f"{path}[{index}]")
    elif not is_same(old, new):
        yield path, _find_kind(old, new)


def _find_kind(old: PropertyValue, new: PropertyValue) -> DiffKind:
    if old is None:
        return DiffKind.ADD
    return DiffKind.DELETE if new is None else DiffKind.UPDATE


def _list_tops(paths: Iterable[str]) -> tuple[str, ...]:
    tops = [path.partition(".")[0].partition("[")[0] for path in paths]
    return tuple(dict.fromkeys(tops))
