"""
Threads: how the program's thread and the engine's share the interpreter.

The program computes while the engine waits for disks and providers. By default Python lets a busy
thread run for five milliseconds before another one gets its turn, after every single system call;
that would be most of an operation's time.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

_SWITCH_SECONDS: Final = 0.0005


class _Turns:
    """The interpreter's switch interval, which belongs to the whole process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._usual = 0.0

    @contextmanager
    def quick(self) -> Iterator[None]:
        with self._lock:
            if self._users == 0:
                self._usual = sys.getswitchinterval()
                sys.setswitchinterval(min(_SWITCH_SECONDS, self._usual))
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if self._users == 0:
                    sys.setswitchinterval(self._usual)


_TURNS: Final = _Turns()


def quick_turns() -> AbstractContextManager[None]:
    """Let threads take turns more often, until the last operation of the process has ended."""
    return _TURNS.quick()
