"""
The files of a project that go into an image, and the hash that names them.

Reads folders and files; runs nothing. Not to be confused with `project.sources`, which is about
the Python files of flows.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

_NEVER: Final = frozenset({"node_modules", "__pycache__", "site-packages", "build", "dist", "venv"})
_IGNORE_FILE: Final = ".dockerignore"
_HASH_LENGTH: Final = 16


def list_files(root: Path) -> Iterator[Path]:
    """
    Give every file below a root, sorted.

    Leaves out hidden ones, virtual environments, build results, and what `.dockerignore` names:
    globs of paths below the root.
    """
    patterns = _read_patterns(root)
    for folder, names, files in os.walk(root):
        here = Path(folder)
        names[:] = sorted(name for name in names if _is_wanted(here / name, root, patterns))
        for file in sorted(files):
            if _is_wanted(here / file, root, patterns):
                yield here / file


def hash_files(root: Path, *more: str) -> str:
    """Hash names and contents of a project's files, and other texts; not where the root lies."""
    digest = hashlib.sha256()
    for path in list_files(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for text in more:
        digest.update(hashlib.sha256(text.encode()).digest())
    return digest.hexdigest()[:_HASH_LENGTH]


def _is_wanted(path: Path, root: Path, patterns: Sequence[str]) -> bool:
    if path.name.startswith(".") or path.name in _NEVER or (path / "pyvenv.cfg").exists():
        return False
    relative = path.relative_to(root).as_posix()
    return not any(fnmatch(relative, pattern) for pattern in patterns)


def _read_patterns(root: Path) -> list[str]:
    file = root / _IGNORE_FILE
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    return [line.strip().rstrip("/") for line in lines if line and not line.startswith(("#", "!"))]
