"""
Differences of plain values, by path in Pulumi's spelling.

Structural, never by text: the key order of an object does not matter, an absent key equals null, a
whole float equals its integer. Not to be confused with the diffs that views draw.

Source of the spelling: `sdk/go/common/resource/property_path.go` of Pulumi 3.260.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from meta_prefect.interfaces.events import DiffKind

Path: TypeAlias = tuple[str | int, ...]

_PLAIN_KEY = re.compile(r"[A-Za-z_$][\w$]*")


def render_path(path: Path) -> str:
    """Spell a path: `schedules[0].cron`, `parameters["a.b"]`."""
    return "".join(_render_part(part, first=not at) for at, part in enumerate(path))


def _render_part(part: str | int, *, first: bool) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    if _PLAIN_KEY.fullmatch(part):
        return part if first else f".{part}"
    return f"[{json.dumps(part)}]"


def find_differences(old: Any, new: Any, path: Path = ()) -> Iterator[tuple[Path, DiffKind]]:
    """Give the innermost paths at which two values differ; an unknown value always does."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(old.keys() | new.keys()):
            yield from find_differences(old.get(key), new.get(key), (*path, key))
    elif isinstance(old, list) and isinstance(new, list):
        for at in range(max(len(old), len(new))):
            yield from find_differences(_item(old, at), _item(new, at), (*path, at))
    elif not _is_same(old, new):
        yield path, _kind(old, new)


def find_member_differences(
    old: list[Any], new: list[Any], identity: Callable[[Any], Any], path: Path = ()
) -> Iterator[tuple[Path, DiffKind]]:
    """
    Give the paths at which two lists differ whose members are told apart by an identity.

    A member that went has the index it had; one that came to the same index makes it an update.
    """
    before = {identity(item): at for at, item in enumerate(old)}
    after = {identity(item): at for at, item in enumerate(new)}
    gone = {at for key, at in before.items() if key not in after}
    came = {at for key, at in after.items() if key not in before}
    for at in sorted(gone | came):
        kind = DiffKind.UPDATE if at in gone & came else DiffKind.ADD
        yield (*path, at), DiffKind.DELETE if at in gone - came else kind
    for key in after.keys() & before.keys():
        yield from find_differences(old[before[key]], new[after[key]], (*path, after[key]))


def _item(values: list[Any], at: int) -> Any:
    return values[at] if at < len(values) else None


def _is_same(old: Any, new: Any) -> bool:
    # In Python True equals 1; in JSON they are two things.
    return bool(old == new) and isinstance(old, bool) == isinstance(new, bool)


def _kind(old: Any, new: Any) -> DiffKind:
    if old is None:
        return DiffKind.ADD
    return DiffKind.DELETE if new is None else DiffKind.UPDATE
