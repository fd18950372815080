"""
Property paths: parsed, matched and used to put old values back.

A path is `a.b[0]["quoted.key"]`; `*` and `[*]` stand for any key or index. Pure. Not to be confused
with `diff`, which finds out where two values differ.

Source: `sdk/go/common/resource/property_path.go` of Pulumi 3.260.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final, TypeAlias

from meta_prefect.interfaces.values import PropertyMap, PropertyValue, Secret


class Wildcard(Enum):
    """The part of a path that stands for any key or index."""

    ANY = "*"


ANY: Final = Wildcard.ANY
Part: TypeAlias = str | int | Wildcard
Path: TypeAlias = tuple[Part, ...]

_PART: Final = re.compile(
    r"""\.?(?P<name>[^.\[\]"]+)
      | \[(?P<index>\d+)\]
      | \[(?P<any>\*)\]
      | \.?\["(?P<quoted>(?:[^"\\]|\\.)*)"\]""",
    re.VERBOSE,
)


class _Missing(Enum):
    VALUE = "missing"


_MISSING: Final = _Missing.VALUE


class _OtherShape(Exception):
    """A path cannot be followed on both sides."""


def parse_path(text: str) -> Path:
    """
    Take a path apart.

    Raises:
        ValueError: the text is no path.
    """
    parts: list[Part] = []
    position = 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None:
            raise ValueError(f"not a property path: {text!r}")
        parts.append(_build_part(match))
        position = match.end()
    return tuple(parts)


def _build_part(match: re.Match[str]) -> Part:
    if match["index"] is not None:
        return int(match["index"])
    if match["any"] is not None or match["name"] == "*":
        return ANY
    if match["quoted"] is not None:
        return re.sub(r"\\(.)", r"\1", match["quoted"])
    return match["name"]


def build_path(parts: Sequence[str | int]) -> str:
    """Write a path; keys that are no plain words are quoted."""
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        elif re.search(r'[.\[\]"]', part) or not part:
            escaped = part.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{escaped}"]'
        else:
            text += f".{part}" if text else part
    return text


def covers(pattern: Path, path: Path) -> bool:
    """Say whether a path is the pattern's place or lies under it."""
    return len(pattern) <= len(path) and all(
        ours is ANY or ours == theirs for ours, theirs in zip(pattern, path, strict=False)
    )


def restore(
    paths: Sequence[str], olds: PropertyMap, news: PropertyMap
) -> tuple[PropertyMap, tuple[str, ...]]:
    """
    Give `news` with the values of `olds` at the given paths, and the paths where that cannot be.

    What only one side has is put back or taken out, as long as both have what holds it.
    """
    failed = []
    for text in paths:
        try:
            news = _restore(parse_path(text), olds, news)
        except (_OtherShape, ValueError):
            failed.append(text)
    return news, tuple(failed)


def _restore(path: Path, old: PropertyValue, new: PropertyValue) -> PropertyValue:
    if not path or (old is _MISSING and new is _MISSING):
        return old
    old = old.value if isinstance(old, Secret) else old
    if isinstance(new, Secret):
        return Secret(_restore(path, old, new.value))
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return _restore_keys(path, old, new)
    if isinstance(old, list) and isinstance(new, list):
        return _restore_items(path, old, new)
    raise _OtherShape


def _restore_keys(path: Path, old: PropertyMap, new: PropertyMap) -> PropertyMap:
    head, *rest = path
    keys = [*old, *(key for key in new if key not in old)] if head is ANY else [str(head)]
    restored = dict(new)
    for key in keys:
        value = _restore(tuple(rest), old.get(key, _MISSING), new.get(key, _MISSING))
        if value is _MISSING:
            restored.pop(key, None)
        else:
            restored[key] = value
    return restored


def _restore_items(
    path: Path, old: list[PropertyValue], new: list[PropertyValue]
) -> list[PropertyValue]:
    head, *rest = path
    if head is ANY and not rest:
        return list(old)
    if isinstance(head, str):
        raise _OtherShape
    restored = list(new)
    for index in range(max(len(old), len(new))) if head is ANY else [int(head)]:
        value = _restore(tuple(rest), _item(old, index), _item(new, index))
        if value is _MISSING:
            del restored[index:]
        elif index < len(restored):
            restored[index] = value
        else:
            restored.append(value)
    return restored


def _item(items: list[PropertyValue], index: int) -> PropertyValue:
    return items[index] if index < len(items) else _MISSING
