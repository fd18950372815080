"""
Property paths: parsed, matched and used to put old values back.

A path is `a.b[0]["quoted.key"]`; `*` and `[*]` stand for any key or index. Pure. Not to be confused
with `diff`, which finds out where two values differ.

Source: `sdk/go/common/resource/properties_path.go` of Pulumi 3.260.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Final, TypeAlias

from meta_prefect.interfaces.values import PropertyMap, Secret


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
        elif re.search(r'[.\[\]"]', part) or part in ("", ANY.value):
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

    A key that only one side has is put back or taken out, as long as both have what holds it. Lists
    keep their length: of two that differ in it, the items that both have are put back, and the path
    is among those that cannot be. What is no path says nothing.
    """
    restored = _copy(news)
    failed = []
    for text in paths:
        try:
            path = parse_path(text)
        except ValueError:
            continue
        if path and not _restore(path, _Sides(olds, restored)):
            failed.append(text)
    return restored, tuple(failed)


def _copy(value: Any) -> Any:
    """Copy what holds values, so that it can be changed in place."""
    if isinstance(value, Secret):
        return Secret(_copy(value.value))
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


class _Sides:
    """Both sides at one place of a path, with secrets opened; `new` is changed in place."""

    def __init__(self, old: Any, new: Any, above: _Sides | None = None) -> None:
        self.old, old_hidden = _open(old)
        self.new, new_hidden = _open(new)
        self.hides_old: bool = old_hidden or (above is not None and above.hides_old)
        self.hides_new: bool = new_hidden or (above is not None and above.hides_new)

    def go_to(self, key: str | int) -> _Sides:
        return _Sides(self.old[key], self.new[key], self)

    def put_back(self, key: str | int) -> None:
        """Put an old value back; it stays secret where the new side would show it."""
        value = self.old[key]
        shows = self.hides_old and not self.hides_new and not isinstance(value, Secret)
        self.new[key] = Secret(value) if shows else value

    def are(self, kind: type) -> bool:
        return isinstance(self.old, kind) and isinstance(self.new, kind)

    def is_any(self, kind: type) -> bool:
        return isinstance(self.old, kind) or isinstance(self.new, kind)


def _open(value: Any) -> tuple[Any, bool]:
    return (value.value, True) if isinstance(value, Secret) else (value, False)


def _restore(path: Path, sides: _Sides) -> bool:
    """Put old values back along a path; says whether it could be followed on both sides."""
    head, rest = path[0], path[1:]
    if head is ANY:
        return _restore_all(rest, sides)
    if isinstance(head, int):
        return _restore_item(head, rest, sides)
    return _restore_key(str(head), rest, sides)


def _restore_key(key: str, rest: Path, sides: _Sides) -> bool:
    has_old = isinstance(sides.old, Mapping) and key in sides.old
    if not rest:
        if not has_old:
            if isinstance(sides.new, dict):
                sides.new.pop(key, None)
            return True
        if isinstance(sides.new, dict):
            sides.put_back(key)
        return isinstance(sides.new, dict)
    if not sides.are(Mapping):
        return not sides.is_any(Mapping)
    has_new = key in sides.new
    if has_old and has_new:
        return _restore(rest, sides.go_to(key))
    return not has_old and (not has_new or _restore(rest, _Sides(None, sides.new[key], sides)))


def _restore_item(index: int, rest: Path, sides: _Sides) -> bool:
    if not sides.are(list):
        return not sides.is_any(list)
    has_old, has_new = index < len(sides.old), index < len(sides.new)
    if not (has_old and has_new):
        return not rest and not has_old and not has_new
    if rest:
        return _restore(rest, sides.go_to(index))
    sides.put_back(index)
    return True


def _restore_all(rest: Path, sides: _Sides) -> bool:
    if isinstance(sides.new, dict) and not rest:
        if isinstance(sides.old, Mapping):
            for key in sides.old:
                sides.put_back(key)
            for key in [key for key in sides.new if key not in sides.old]:
                del sides.new[key]
        return True
    if isinstance(sides.new, list) and not rest and not isinstance(sides.old, list):
        return True
    if sides.are(list):
        both = range(min(len(sides.old), len(sides.new)))
        fine = all(_restore_item(index, rest, sides) for index in both)
        return fine and len(sides.old) == len(sides.new)
    if sides.are(Mapping):
        shared = all(key in sides.new for key in sides.old)
        return shared and all(_restore_key(key, rest, sides) for key in sides.old)
    return False
