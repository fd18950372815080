"""
A project's Python files: which there are, and what a file depends on.

Reads folders and files as data; runs nothing.
"""

from __future__ import annotations

import ast
import hashlib
import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

_NEVER: Final = frozenset({"node_modules", "__pycache__", "site-packages", "build", "dist", "venv"})
_HASH_LENGTH: Final = 12


def list_sources(root: Path, excludes: tuple[str, ...] = ()) -> Iterator[Path]:
    """
    Give every Python file of the project, sorted.

    Leaves out hidden folders, virtual environments, build results, and what `excludes` names:
    globs or folders below the root.
    """
    for folder, names, files in os.walk(root):
        here = Path(folder)
        names[:] = sorted(name for name in names if _is_wanted(here / name, root, excludes))
        for file in sorted(files):
            path = here / file
            if file.endswith(".py") and not _is_excluded(path, root, excludes):
                yield path


def is_source(path: Path, root: Path, excludes: tuple[str, ...] = ()) -> bool:
    """Say whether a Python file below the root is one that `list_sources` gives."""
    folders = [folder for folder in path.parents if root in folder.parents]
    wanted = all(_is_wanted(folder, root, excludes) for folder in folders)
    return wanted and not _is_excluded(path, root, excludes)


def _is_wanted(folder: Path, root: Path, excludes: tuple[str, ...]) -> bool:
    if folder.name.startswith(".") or folder.name in _NEVER:
        return False
    return not (folder / "pyvenv.cfg").exists() and not _is_excluded(folder, root, excludes)


def _is_excluded(path: Path, root: Path, excludes: tuple[str, ...]) -> bool:
    relative = path.relative_to(root).as_posix()
    return any(fnmatch(relative, pattern.rstrip("/")) for pattern in excludes)


def hash_content(file: Path, root: Path) -> str:
    """
    Hash a flow's file and every module of the project that it imports, directly or not.

    Gives hex text that depends on contents and names below the root, not on where the root lies.
    """
    digest = hashlib.sha256()
    for path in list_content(file, root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:_HASH_LENGTH]


def list_content(file: Path, root: Path) -> list[Path]:
    """Give a flow's file and every module of the project that it imports, directly or not."""
    seen: set[Path] = set()
    waiting = [file]
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting.extend(_imported_files(path, root))
    return sorted(seen)


def _imported_files(file: Path, root: Path) -> Iterator[Path]:
    try:
        tree = ast.parse(file.read_bytes())
    except SyntaxError:
        return
    for node in ast.walk(tree):
        for module, level in _imported_modules(node):
            found = find_module(module, level, file, root)
            if found is not None:
                yield found


def _imported_modules(node: ast.AST) -> Iterator[tuple[str, int]]:
    """Give (dotted name, level) of what a statement may import; level as in `ImportFrom`."""
    if isinstance(node, ast.Import):
        yield from ((alias.name, 0) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = node.module or ""
        yield module, node.level
        yield from ((f"{module}.{alias.name}".strip("."), node.level) for alias in node.names)


def find_module(module: str, level: int, importer: Path, root: Path) -> Path | None:
    """
    Find the file of an imported module inside the project; None when it is not there.

    level: dots in front of a relative import, 0 for an absolute one, which is looked for beside the
        importing file, below the root and below `src`.
    """
    if level:
        folders = [importer.parents[level - 1]] if level <= len(importer.parents) else []
    else:
        folders = [importer.parent, root, root / "src"]
    for folder in folders:
        base = folder.joinpath(*module.split(".")) if module else folder
        for path in (base.with_name(f"{base.name}.py"), base / "__init__.py"):
            if path.is_file() and path.is_relative_to(root):
                return path
    return None
