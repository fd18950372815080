"""
Pace: settings of the interpreter that are other ones while operations run.

The program computes while the engine waits for disks and providers. By default Python lets a busy
thread run for five milliseconds before another one gets its turn, after every single system call;
that would be most of an operation's time. And a program makes many objects that stay until its
end, which the collector would look through again and again: more than half of the program's time.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Final

_SWITCH_SECONDS: Final = 0.0005
_THRESHOLDS: Final = (100_000, 20, 100)


@dataclass(frozen=True, slots=True)
class _Settings:
    """
    What belongs to the whole process.

    thresholds: of the collector, by generation.
    """

    switch_seconds: float
    thresholds: tuple[int, int, int]

    def apply(self) -> None:
        sys.setswitchinterval(self.switch_seconds)
        gc.set_threshold(*self.thresholds)


class _Pace:
    """Counts who works, and keeps what was usual before the first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._usual = _read_settings()

    @contextmanager
    def working(self) -> Iterator[None]:
        with self._lock:
            if self._users == 0:
                self._usual = _read_settings()
                _quicken(self._usual).apply()
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if self._users == 0:
                    self._usual.apply()


def _read_settings() -> _Settings:
    return _Settings(sys.getswitchinterval(), gc.get_threshold())


def _quicken(usual: _Settings) -> _Settings:
    """Give settings for work; a collector that is off, or lazier already, stays so."""
    first = usual.thresholds[0]
    thresholds = _THRESHOLDS if 0 < first < _THRESHOLDS[0] else usual.thresholds
    return _Settings(min(_SWITCH_SECONDS, usual.switch_seconds), thresholds)


_PACE: Final = _Pace()


def working_pace() -> AbstractContextManager[None]:
    """Let threads take turns often and the collector come seldom, until the last work is done."""
    return _PACE.working()
