"""
The disk: every write of the state room, atomic or append-only, and durable when it returns.

Its errors are `MetaPrefectError`s with a cure. Knows bytes and paths, no formats. Tests hand in one
that dies at a chosen write.
"""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from meta_prefect.interfaces.diagnostics import MetaPrefectError

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class Disk:
    """The file system of this machine."""

    def read(self, path: Path) -> bytes | None:
        """Read a file; None when there is none."""
        with explain_errors(path, "read"):
            try:
                return path.read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def write(self, path: Path, data: bytes) -> None:
        """Put a file in place, whole or not at all."""
        with explain_errors(path, "written"):
            path.parent.mkdir(parents=True, exist_ok=True)
            # Another process may write the same file; each has a draft of its own.
            temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            self._sync_folder(path.parent)

    def append(self, path: Path, data: bytes) -> None:
        """Add to the end of a file; on failure the file is cut back to what it was."""
        with explain_errors(path, "written"):
            path.parent.mkdir(parents=True, exist_ok=True)
            is_new = not path.exists()
            with path.open("ab", buffering=0) as file:
                _append_all(file.fileno(), data)
            if is_new:
                self._sync_folder(path.parent)

    def copy(self, source: Path, target: Path) -> None:
        """
        Make `target` hold what `source` holds.

        A second name for the same file where the disk can do that: nobody writes into these files,
        they are only ever replaced.
        """
        with explain_errors(target, "written"):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            try:
                target.hardlink_to(source)
            except OSError:
                shutil.copyfile(source, target)

    def remove(self, path: Path) -> None:
        """Take a file away; one that is not there is fine."""
        with explain_errors(path, "removed"):
            path.unlink(missing_ok=True)

    def _sync_folder(self, folder: Path) -> None:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _append_all(handle: int, data: bytes) -> None:
    size = os.fstat(handle).st_size
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fdatasync(handle)
    except OSError:
        with suppress(OSError):
            os.ftruncate(handle, size)
        raise


@contextmanager
def explain_errors(path: Path, action: str) -> Iterator[None]:
    """
    Turn errors of the operating system into ones for the user.

    Raises:
        MetaPrefectError: MP4105, no permission; MP4106, the disk is full; MP4104, anything else.
    """
    try:
        yield
    except OSError as error:
        raise _explain(error, path, action) from error


def _explain(error: OSError, path: Path, action: str) -> MetaPrefectError:
    summary = f"{path.name} cannot be {action}"
    why = f"{error.strerror or error}: {path}"
    if error.errno in _FORBIDDEN:
        return MetaPrefectError("MP4105", summary, why=why, fixes=(f"ls -ld {path.parent}",))
    if error.errno in _FULL:
        return MetaPrefectError("MP4106", summary, why=why, fixes=(f"df -h {path.parent}",))
    return MetaPrefectError("MP4104", summary, why=why)
