"""
The patterns of `.dockerignore`: which files of a project stay out of its image.

Pure. Rules: "Build context", .dockerignore files, docs.docker.com, 2026-01: later lines win, a
line with `!` brings back, a folder takes its content along. Beside them are our own, of what is
brought back only by a line that means just that, not by one for the folder around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final, Self

_NEVER: Final = frozenset({".git", "__pycache__"})
_OURS: Final = ("**/.*", "**/node_modules", "**/site-packages", "**/venv", "build", "dist")
_PIECE: Final = re.compile(r"\*\*/?|\*|\?|\[[^\]]*\]|\\.|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Rule:
    """text: without `!`; keeps: brings back what another rule left out."""

    text: str
    keeps: bool
    pattern: re.Pattern[str]

    def means(self, name: str) -> bool:
        """Say whether it is about exactly this file or folder."""
        return self.pattern.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Ignored:
    """What is left out; rules of the project, in their order."""

    rules: tuple[_Rule, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a `.dockerignore`."""
        lines = (line.strip() for line in text.splitlines())
        return cls(tuple(_build_rules(line for line in lines if line and line[0] != "#")))

    def leaves_out(self, path: str) -> bool:
        """Say whether a file or folder is left out; `path` below the root, with `/`."""
        whole = PurePosixPath(path)
        if not _NEVER.isdisjoint(whole.parts):
            return True
        names = [path, *(str(parent) for parent in whole.parents)][:-1]
        ours = [name for name in names if any(rule.means(name) for rule in _OUR_RULES)]
        if ours:
            inside = [name for name in names if len(name) >= len(ours[-1])]
            return self._leaves_out(inside, left_out=True)
        return self._leaves_out(names, left_out=False)

    def _leaves_out(self, names: Sequence[str], *, left_out: bool) -> bool:
        for rule in self.rules:
            if any(rule.means(name) for name in names):
                left_out = not rule.keeps
        return left_out

    def leaves_out_all(self, folder: str) -> bool:
        """Say whether nothing below a folder is wanted, so that nobody needs to look."""
        if not _NEVER.isdisjoint(PurePosixPath(folder).parts):
            return True
        kept = (rule.text for rule in self.rules if rule.keeps)
        return self.leaves_out(folder) and not any(_may_be_in(text, folder) for text in kept)


def _build_rules(lines: Iterable[str]) -> Iterable[_Rule]:
    for line in lines:
        keeps = line.startswith("!")
        text = line.removeprefix("!").strip().strip("/").removeprefix("./")
        if text not in ("", "."):
            yield _Rule(text, keeps, re.compile("".join(map(_translate, _PIECE.findall(text)))))


def _translate(piece: str) -> str:
    match piece:
        case "**/":
            return "(?:.*/)?"
        case "**":
            return ".*"
        case "*":
            return "[^/]*"
        case "?":
            return "[^/]"
    if piece.startswith("[") and len(piece) > 1:
        return piece.replace("\\", "\\\\")
    return re.escape(piece[-1])


def _may_be_in(text: str, folder: str) -> bool:
    """Say whether a pattern may mean something below a folder."""
    return text.startswith(("*", f"{folder}/"))


_OUR_RULES: Final = tuple(_build_rules(_OURS))
