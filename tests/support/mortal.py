"""
Processes that die at a numbered moment: points to die at, and a system that passes them.

Every call that changes the disk has a point before it and one after it, a write one more in the
middle. Whoever else changes something lasting passes points too (`file_world`).
"""

from __future__ import annotations

import os
import signal
import threading

from meta_prefect.engine.state.disk import System


class Points:
    """Counts the moments of a process at which it may die; at number `last` it does."""

    def __init__(self, last=0):
        self.passed = 0
        self._last = last
        self._lock = threading.Lock()

    def pass_one(self):
        """Go by a point, or die at it as by `kill -9`."""
        with self._lock:
            self.passed += 1
            if self.passed == self._last:
                os.kill(os.getpid(), signal.SIGKILL)


class MortalSystem(System):
    """A system that passes points; who dies in the middle of a write has written `tear` bytes."""

    def __init__(self, points, tear=0):
        self._points = points
        self._tear = tear

    def write(self, handle, data):
        half = min(self._tear, len(data)) or len(data) // 2
        self._points.pass_one()
        written = super().write(handle, data[:half])
        self._points.pass_one()
        written += super().write(handle, data[half:])
        self._points.pass_one()
        return written

    def sync(self, handle):
        """Pass by; the page cache outlives a process, so that tests need not wait for disks."""
        self._points.pass_one()

    def sync_folder(self, handle):
        self._points.pass_one()

    def truncate(self, handle, size):
        self._points.pass_one()
        super().truncate(handle, size)
        self._points.pass_one()

    def rename(self, source, target):
        self._points.pass_one()
        super().rename(source, target)
        self._points.pass_one()

    def link(self, source, target):
        self._points.pass_one()
        super().link(source, target)
        self._points.pass_one()

    def unlink(self, path):
        self._points.pass_one()
        super().unlink(path)
        self._points.pass_one()
