"""
The lock of a stack: one file per holder in a folder, the same as the Pulumi command line's.

Advisory: whoever writes state takes it first; readers and previews do not. A lock of a process of
this host that no longer runs is taken over. Not to be confused with the fence (`codec.FENCE`),
which stays when a lock is removed by hand.

Source: `pkg/backend/diy/lock.go` of Pulumi 3.260.
"""

from __future__ import annotations

import asyncio
import getpass
import json
import os
import random
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeAlias

import psutil

from meta_prefect.engine.state.checkpoint import build_timestamp
from meta_prefect.engine.state.disk import Disk, explain_errors
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

_ATTEMPTS: Final = 8
_LONGEST_PAUSE_SECONDS: Final = 0.2
_WAIT_SECONDS: Final = 1.0
_CLOCK_SLACK_SECONDS: Final = 5.0
_SECONDS_PER_MINUTE: Final = 60
_SECONDS_PER_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class LockHolder:
    """
    Who holds a lock.

    timestamp: seconds since the epoch; 0 when the file does not say.
    path: of the lock's file.
    """

    pid: int
    username: str
    hostname: str
    timestamp: float
    path: Path


Notice: TypeAlias = Callable[[str], object]
"""Takes a sentence about the lock: whom it waits for, or from whom it was taken."""


class StackLock:
    """The lock of one stack; made free, `acquire` takes it."""

    def __init__(
        self,
        folder: Path,
        stack: str,
        disk: Disk,
        is_alive: Callable[[LockHolder], bool] | None = None,
    ) -> None:
        """`is_alive` says whether a holder's process runs, or may run."""
        self._folder = folder
        self._stack = stack
        self._disk = disk
        self._is_alive = is_alive or may_be_alive
        self._own = folder / f"{uuid.uuid4()}.json"

    async def acquire(self, on_wait: Notice | None = None, wait_seconds: float = 0.0) -> None:
        """
        Take the lock, or wait for it.

        Raises:
            MetaPrefectError: MP4201, somebody else holds it still.
        """
        notice = on_wait or _say_nothing
        deadline = time.monotonic() + wait_seconds
        collisions = 0
        told = False
        while (holder := self._try(notice)) is not None:
            collisions += 1
            if collisions < _ATTEMPTS and _is_fresh(holder):
                pause = random.uniform(0, _LONGEST_PAUSE_SECONDS)  # noqa: S311 - spreads retries
            elif time.monotonic() < deadline:
                pause = _WAIT_SECONDS
                if not told:
                    notice(f"waiting for the lock of stack {self._stack}, {_describe(holder)}")
                told = True
            else:
                raise self._locked_by(holder)
            await asyncio.sleep(pause)

    def acquire_now(self) -> None:
        """
        Take the lock without waiting for anything.

        Raises:
            MetaPrefectError: MP4201, somebody else holds it.
        """
        holder = self._try(_say_nothing)
        if holder is not None:
            raise self._locked_by(holder)

    def release(self) -> None:
        """Give the lock back; not holding it is fine."""
        self._disk.remove(self._own)

    def is_held(self) -> bool:
        """Say whether the lock is still ours: others may remove it by hand."""
        return self._own.exists()

    def list_holders(self) -> list[LockHolder]:
        """List everybody else who holds the lock, the living and the dead."""
        with explain_errors(self._folder, "read"):
            paths = sorted(self._folder.glob("*.json")) if self._folder.is_dir() else []
        return [holder for path in paths if path != self._own if (holder := read_holder(path))]

    def break_open(self) -> list[LockHolder]:
        """Take everybody's lock away, and say whose they were."""
        self._disk.remove_drafts(self._folder)
        holders = self.list_holders()
        for holder in holders:
            self._disk.remove(holder.path)
        return holders

    def _try(self, notice: Notice) -> LockHolder | None:
        """Take the lock, or give who else has it; two at once may both lose."""
        holder = self._find_living(notice)
        if holder is not None:
            return holder
        try:
            self._disk.write(self._own, _build_content())
            holder = self._find_living(notice)
        except BaseException:
            self.release()
            raise
        if holder is not None:
            self.release()
        return holder

    def _find_living(self, notice: Notice) -> LockHolder | None:
        # The Pulumi command line takes any file here for a lock.
        self._disk.remove_drafts(self._folder)
        for holder in self.list_holders():
            if self._is_alive(holder):
                return holder
            notice(f"taking over the lock of stack {self._stack}, {_describe(holder)}: it ended")
            self._disk.remove(holder.path)
        return None

    def _locked_by(self, holder: LockHolder) -> MetaPrefectError:
        return MetaPrefectError(
            "MP4201",
            f"stack {self._stack} is locked",
            why=_describe(holder),
            fixes=(f"if that run is dead: meta-prefect unlock -s {self._stack}",),
            exit_code=ExitCode.LOCKED,
        )


def read_holder(path: Path) -> LockHolder | None:
    """Read a lock's file; None when it is gone meanwhile."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return None
    try:
        content = json.loads(text)
        moment = datetime.fromisoformat(content["timestamp"]).timestamp()
        return LockHolder(content["pid"], content["username"], content["hostname"], moment, path)
    except (ValueError, KeyError, TypeError):
        return LockHolder(0, "somebody", "unknown", 0.0, path)


def may_be_alive(holder: LockHolder) -> bool:
    """Say whether a holder's process runs; on other hosts nobody here can tell, so it may."""
    if holder.hostname != socket.gethostname() or not holder.pid:
        return True
    try:
        process = psutil.Process(holder.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        started = process.create_time()
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
    return started <= holder.timestamp + _CLOCK_SLACK_SECONDS


def _say_nothing(text: str) -> None:  # noqa: ARG001 - nobody wants to know
    return None


def _is_fresh(holder: LockHolder) -> bool:
    """Say whether somebody wrote the lock just now: perhaps both of us are about to give up."""
    return time.time() - holder.timestamp < _LONGEST_PAUSE_SECONDS * _ATTEMPTS


def _describe(holder: LockHolder) -> str:
    who = f"{holder.username}@{holder.hostname}, process {holder.pid}"
    return f"by {who}, started {_render_age(holder.timestamp)} ago"


def _build_content() -> bytes:
    content = {
        "pid": os.getpid(),
        "username": getpass.getuser(),
        "hostname": socket.gethostname(),
        "timestamp": build_timestamp(),
    }
    return json.dumps(content).encode()


def _render_age(timestamp: float) -> str:
    seconds = max(0, int(datetime.now(UTC).timestamp() - timestamp))
    if seconds < _SECONDS_PER_MINUTE:
        return f"{seconds} s"
    if seconds < 2 * _SECONDS_PER_HOUR:
        return f"{seconds // _SECONDS_PER_MINUTE} min"
    return f"{seconds // _SECONDS_PER_HOUR} h"
