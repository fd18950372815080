"""
The files of a project that go into an image, and the hash that names them.

Docker is sent these files and no others, so that the hash is of what is in the image, and a `.env`
is not. Reads folders and files; runs nothing. Not to be confused with `project.sources`, which is
about the Python files of flows.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from meta_prefect.components.platform.ignored import Ignored

_IGNORE_FILE: Final = ".dockerignore"
_HASH_LENGTH: Final = 16
_EXECUTABLE: Final = 0o755
_PLAIN: Final = 0o644


def list_files(root: Path) -> Iterator[Path]:
    """
    Give every file and every link below a root, sorted.

    Leaves out what `.dockerignore` names, and unless that brings them back: hidden files, virtual
    environments, build results.
    """
    file = root / _IGNORE_FILE
    ignored = Ignored.parse(file.read_text("utf-8") if file.is_file() else "")
    for folder, names, files in os.walk(root):
        here = Path(folder)
        links = [name for name in names if (here / name).is_symlink()]
        names[:] = sorted(name for name in names if _is_entered(here / name, root, ignored))
        for path in sorted(here / name for name in (*files, *links)):
            if not ignored.leaves_out(path.relative_to(root).as_posix()) and _is_packable(path):
                yield path


def hash_files(root: Path, *more: str) -> str:
    """Hash a project's files, names and modes as well, and other texts; not where the root lies."""
    digest = hashlib.sha256()
    for path in list_files(root):
        mode = "link" if path.is_symlink() else f"{_find_mode(path):o}"
        digest.update(f"{path.relative_to(root).as_posix()}\0{mode}\0".encode())
        digest.update(hashlib.sha256(_read(path)).digest())
    for text in more:
        digest.update(hashlib.sha256(text.encode()).digest())
    return digest.hexdigest()[:_HASH_LENGTH]


def pack_files(root: Path, **more: str) -> bytes:
    """
    Pack a project's files as Docker takes them on its input: an archive without times and owners.

    more: texts of further files, by their names.
    """
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as packed:
        for path in list_files(root):
            entry = tarfile.TarInfo(path.relative_to(root).as_posix())
            if path.is_symlink():
                entry.type, entry.linkname = tarfile.SYMTYPE, str(path.readlink())
                packed.addfile(entry)
            else:
                entry.mode = _find_mode(path)
                _add(packed, entry, path.read_bytes())
        for name, text in more.items():
            _add(packed, tarfile.TarInfo(name), text.encode())
    return archive.getvalue()


def _add(packed: tarfile.TarFile, entry: tarfile.TarInfo, content: bytes) -> None:
    entry.size = len(content)
    packed.addfile(entry, io.BytesIO(content))


def _is_entered(folder: Path, root: Path, ignored: Ignored) -> bool:
    if folder.is_symlink() or (folder / "pyvenv.cfg").exists():
        return False
    return not ignored.leaves_out_all(folder.relative_to(root).as_posix())


def _is_packable(path: Path) -> bool:
    """Leave out sockets and pipes."""
    return path.is_symlink() or path.is_file()


def _find_mode(path: Path) -> int:
    return _EXECUTABLE if path.stat().st_mode & stat.S_IXUSR else _PLAIN


def _read(path: Path) -> bytes:
    return os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
