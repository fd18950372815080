"""
Watching: which of a project's files changed since the last look.

Reads names, times and sizes, never contents, and asks again each time: no service of the operating
system is needed. Not to be confused with `cli.watching`, which watches an operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeAlias

from meta_prefect.project.sources import list_sources

_SETTINGS: Final = "pyproject.toml"

_Looks: TypeAlias = Mapping[str, tuple[int, int]]
"""Time of change in nanoseconds and size, by path below the root."""


class SourceWatch:
    """The files of a project that flows and settings come from, as they were last seen."""

    def __init__(self, root: Path, excludes: tuple[str, ...] = ()) -> None:
        """Take a first look, from which changes count."""
        self._root = root
        self._excludes = excludes
        self._seen = self._look()

    def find_changes(self) -> tuple[str, ...]:
        """Give the files that came, went or changed since the last look, sorted."""
        before, self._seen = self._seen, self._look()
        names = sorted(before.keys() | self._seen.keys())
        return tuple(name for name in names if before.get(name) != self._seen.get(name))

    def _look(self) -> _Looks:
        looks = {}
        for path in (*list_sources(self._root, self._excludes), self._root / _SETTINGS):
            with suppress(FileNotFoundError):  # it went between the two questions
                found = path.stat()
                looks[path.relative_to(self._root).as_posix()] = (found.st_mtime_ns, found.st_size)
        return looks
