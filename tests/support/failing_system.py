"""Systems whose disk is full, from a numbered call on, or may not be written at all."""

from __future__ import annotations

import errno
import os

from meta_prefect.engine.state.disk import System


class FullSystem(System):
    """
    A system without room from its call number `first` on, for `calls` calls.

    Counts what needs room. Of a write that does not fit, half of the data is written.
    """

    def __init__(self, first=0, calls=10**9):
        self.counted = 0
        self._refused = range(first, first + calls) if first else range(0)

    def _check(self):
        self.counted += 1
        if self.counted in self._refused:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def write(self, handle, data):
        try:
            self._check()
        except OSError:
            super().write(handle, data[: len(data) // 2])
            raise
        return super().write(handle, data)

    def sync(self, handle):
        self._check()

    def sync_folder(self, handle):
        self._check()

    def link(self, source, target):
        self._check()
        super().link(source, target)

    def rename(self, source, target):
        self._check()
        super().rename(source, target)


class StickySystem(FullSystem):
    """A full one on which half of a write cannot be taken back at once."""

    _stuck = 0

    def truncate(self, handle, size):
        if self.counted in self._refused and self.counted != self._stuck:
            self._stuck = self.counted
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        super().truncate(handle, size)


class ReadOnlySystem(System):
    """A system that nobody may write to."""

    def open(self, path, flags):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))
