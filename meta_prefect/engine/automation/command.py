"""
Commands of the `pulumi` executable, run to their end or watched while they run.

A watched command is a process group of its own: an interrupt of the terminal reaches this process
only, which decides how often to pass it on (the executable stops gently at the first, at once at
the second).
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from meta_prefect.engine.automation.errors import build_error

_POLL_SECONDS: Final = 0.05
_PATIENCE_SECONDS: Final = (float("inf"), 10.0, 0.0)
"""How long it may take to stop after the first, second and third time that it was asked to."""
_GRACE_SECONDS: Final = 30.0
"""How long what runs may take to end after the operation's time is over."""


@dataclass(frozen=True, slots=True)
class Command:
    """What all commands of a workspace have in common."""

    path: str
    folder: Path
    environment: Mapping[str, str]

    def run(self, arguments: Sequence[str], stack: str, *, stdin: str = "") -> str:
        """
        Run a command to its end and give what it printed.

        Raises:
            MetaPrefectError: it failed.
        """
        done = subprocess.run(  # noqa: S603 - found on the user's PATH
            [self.path, *arguments, "--non-interactive", "--color", "never"],
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise build_error(arguments[:2], stack, done.returncode, done.stderr)
        return done.stdout

    def start(self, arguments: Sequence[str], event_log: Path) -> Child:
        """Start a command that writes events to a file."""
        event_log.touch()
        stderr = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - the child's own
        process = subprocess.Popen(  # noqa: S603 - found on the user's PATH
            [self.path, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,
        )
        return Child(process, event_log, stderr)


class Child:
    """A command that runs."""

    def __init__(self, process: subprocess.Popen[bytes], event_log: Path, stderr: IO[str]) -> None:
        """Watch a process that was started a moment ago, in a session of its own."""
        self._process = process
        self._event_log = event_log
        self._stderr = stderr
        self._lock = threading.Lock()
        self._interrupts = 0
        self._kill_at = float("inf")

    @property
    def exit_code(self) -> int:
        """How it ended; negative: the signal that ended it."""
        return self._process.returncode

    def interrupt(self) -> None:
        """Ask it to stop; asked twice, at once; it is killed when it takes long, or asked again."""
        with self._lock:
            self._interrupts += 1
            patience = _PATIENCE_SECONDS[min(self._interrupts, len(_PATIENCE_SECONDS)) - 1]
            self._kill_at = min(self._kill_at, time.monotonic() + patience)
            if self._process.poll() is None:
                self._process.send_signal(signal.SIGINT)

    def follow(self, limit_seconds: float, on_limit: Callable[[], None]) -> Iterator[str]:
        """
        Give the lines of its event log as they come, until it has ended.

        After `limit_seconds` (0: never) `on_limit` is called, and it is asked to stop.
        """
        limit = time.monotonic() + (limit_seconds or float("inf"))
        with self._event_log.open(encoding="utf-8") as log:
            while self._process.poll() is None:
                yield from _read_lines(log)
                if time.monotonic() > limit:
                    limit = float("inf")
                    on_limit()
                    self.interrupt()
                    self._kill_at = min(self._kill_at, time.monotonic() + _GRACE_SECONDS)
                if time.monotonic() > self._kill_at:
                    self._kill()
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(_POLL_SECONDS)
            yield from _read_lines(log)

    def read_stderr(self) -> str:
        """Give what it said on stderr; it must have ended."""
        self._stderr.seek(0)
        return self._stderr.read()

    def close(self) -> None:
        """Leave nothing behind, however it comes: kill what still runs."""
        if self._process.poll() is None:
            self._kill()
        self._process.wait()
        self._stderr.close()

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


def _read_lines(log: IO[str]) -> Iterator[str]:
    """Give the whole lines that are there; a line that is still being written stays for later."""
    while True:
        begin = log.tell()
        line = log.readline()
        if not line.endswith("\n"):
            log.seek(begin)
            return
        yield line
