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


OnWait: TypeAlias = Callable[[LockHolder], bool]
"""Called about once a second while somebody else holds the lock; False gives up."""


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

    async def acquire(self, on_wait: OnWait | None = None) -> None:
        """
        Take the lock.

        Raises:
            MetaPrefectError: MP4201, somebody else holds it and `on_wait` does not want to wait.
        """
        collisions = 0
        while (holder := self._try()) is not None:
            collisions += 1
            if collisions < _ATTEMPTS and self._wrote_at_once(holder):
                await asyncio.sleep(
                    random.uniform(0, _LONGEST_PAUSE_SECONDS)  # noqa: S311 - spreads two retries
                )
            elif on_wait is not None and on_wait(holder):
                await asyncio.sleep(_WAIT_SECONDS)
            else:
                raise self._locked_by(holder)

    def acquire_now(self) -> None:
        """
        Take the lock without waiting for anything.

        Raises:
            MetaPrefectError: MP4201, somebody else holds it.
        """
        holder = self._try()
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
        holders = self.list_holders()
        for holder in holders:
            self._disk.remove(holder.path)
        return holders

    def _try(self) -> LockHolder | None:
        """Take the lock, or give who else has it; two at once may both lose."""
        holder = self._find_living()
        if holder is None:
            self._disk.write(self._own, _build_content())
            holder = self._find_living()
            if holder is not None:
                self.release()
        return holder

    def _find_living(self) -> LockHolder | None:
        for holder in self.list_holders():
            if self._is_alive(holder):
                return holder
            self._disk.remove(holder.path)
        return None

    def _wrote_at_once(self, holder: LockHolder) -> bool:
        return time.time() - holder.timestamp < _LONGEST_PAUSE_SECONDS * _ATTEMPTS

    def _locked_by(self, holder: LockHolder) -> MetaPrefectError:
        who = f"{holder.username}@{holder.hostname}, process {holder.pid}"
        return MetaPrefectError(
            "MP4201",
            f"stack {self._stack} is locked",
            why=f"by {who}, started {_render_age(holder.timestamp)} ago",
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
        started = psutil.Process(holder.pid).create_time()
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
    return started <= holder.timestamp + _CLOCK_SLACK_SECONDS


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
