"""
The disk: every write of the state room, atomic or append-only, and durable when it returns.

Its errors are `MetaPrefectError`s with a cure. Knows bytes and paths, no formats. Tests hand in a
`System` that fails or dies at a chosen call.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psutil

from meta_prefect.interfaces.diagnostics import MetaPrefectError

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_sync_data: Final = getattr(os, "fdatasync", os.fsync)
"""The cheaper call, where the system has it."""
_DRAFT: Final = re.compile(r"\..+\.(\d+)\.\d+@(.+)\.tmp")


class System:
    """What the operating system does for a disk, one call each."""

    def open(self, path: Path, flags: int) -> int:
        """Open a file for writing."""
        return os.open(path, os.O_WRONLY | flags, 0o666)

    def write(self, handle: int, data: memoryview) -> int:
        """Write some of the data, and say how many bytes."""
        return os.write(handle, data)

    def sync(self, handle: int) -> None:
        """Have what was written to a file outlast the machine's end."""
        _sync_data(handle)

    def sync_folder(self, handle: int) -> None:
        """Have the names in a folder outlast the machine's end."""
        os.fsync(handle)

    def truncate(self, handle: int, size: int) -> None:
        """Cut a file off."""
        os.ftruncate(handle, size)

    def rename(self, source: Path, target: Path) -> None:
        """Put a file in another's place."""
        source.replace(target)

    def link(self, source: Path, target: Path) -> None:
        """Give a file a second name."""
        target.hardlink_to(source)

    def unlink(self, path: Path) -> None:
        """Take a name away; one that is not there is fine."""
        path.unlink(missing_ok=True)


class Disk:
    """The file system of this machine."""

    def __init__(self, system: System | None = None) -> None:
        """Work through a system's calls."""
        self._system = system or System()

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
            with self._draft(path) as draft:
                self._write_draft(draft, data)
                self._system.rename(draft, path)
            self._sync_folder(path.parent)

    def append(self, path: Path, data: bytes) -> None:
        """Add to the end of a file; on failure the file is cut back to what it was."""
        with explain_errors(path, "written"):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = self._system.open(path, os.O_CREAT | os.O_APPEND)
            try:
                size = os.fstat(handle).st_size
                self._append_all(handle, data, size)
            finally:
                os.close(handle)
            if not size:
                self._sync_folder(path.parent)

    def hold(self, path: Path) -> int:
        """
        Mark a file, made if need be, as being worked on, until the handle or the process ends.

        Gives the handle, for `os.close`.
        """
        with explain_errors(path, "written"):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = self._system.open(path, os.O_CREAT)
            with suppress(OSError):  # a file system without such marks has to do without
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return handle

    def is_held(self, path: Path) -> bool:
        """Say whether somebody on this host works on a file."""
        with explain_errors(path, "read"):
            try:
                handle = os.open(path, os.O_RDONLY)
            except FileNotFoundError:
                return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:
            return error.errno == errno.EWOULDBLOCK
        finally:
            os.close(handle)
        return False

    def measure(self, path: Path) -> int:
        """Give a file's size in bytes; 0 when there is none."""
        with explain_errors(path, "read"):
            try:
                return path.stat().st_size
            except FileNotFoundError:
                return 0

    def cut(self, path: Path, size: int) -> None:
        """Cut a file off behind its first `size` bytes."""
        with explain_errors(path, "written"):
            handle = self._system.open(path, 0)
            try:
                self._system.truncate(handle, size)
            finally:
                os.close(handle)

    def copy(self, source: Path, target: Path) -> None:
        """
        Make `target` hold what `source` holds.

        A second name for the same file where the disk can do that: nobody writes into these files,
        they are only ever replaced.
        """
        with explain_errors(target, "written"):
            target.parent.mkdir(parents=True, exist_ok=True)
            with self._draft(target) as draft:
                try:
                    self._system.link(source, draft)
                except OSError:
                    self._write_draft(draft, source.read_bytes())
                self._system.rename(draft, target)
                self._system.unlink(draft)  # it stays where the two were one file before

    def remove(self, path: Path) -> None:
        """Take a file away; one that is not there is fine."""
        with explain_errors(path, "removed"):
            self._system.unlink(path)

    def remove_drafts(self, folder: Path) -> None:
        """Take away what killed processes of this host left half-written in a folder."""
        with explain_errors(folder, "read"):
            paths = sorted(folder.glob(".*.tmp"))
        for path in paths:
            draft = _DRAFT.fullmatch(path.name)
            if draft and draft[2] == socket.gethostname() and not psutil.pid_exists(int(draft[1])):
                self.remove(path)

    @contextmanager
    def _draft(self, path: Path) -> Iterator[Path]:
        """Name what becomes a file when it is whole; others may write the same file at once."""
        writer = f"{os.getpid()}.{threading.get_ident()}@{socket.gethostname()}"
        draft = path.with_name(f".{path.name}.{writer}.tmp")
        try:
            yield draft
        except OSError:
            with suppress(OSError):
                self._system.unlink(draft)
            raise

    def _write_draft(self, draft: Path, data: bytes) -> None:
        handle = self._system.open(draft, os.O_CREAT | os.O_TRUNC)
        try:
            self._write_all(handle, data)
            self._system.sync(handle)
        finally:
            os.close(handle)

    def _append_all(self, handle: int, data: bytes, size: int) -> None:
        try:
            self._write_all(handle, data)
            self._system.sync(handle)
        except OSError:
            with suppress(OSError):
                self._system.truncate(handle, size)
            raise

    def _write_all(self, handle: int, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._system.write(handle, rest) :]

    def _sync_folder(self, folder: Path) -> None:
        handle = os.open(folder, os.O_RDONLY)
        try:
            self._system.sync_folder(handle)
        finally:
            os.close(handle)


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
