"""
Background processes that outlive the command which starts them.

A process is told by number, start time and a token in its environment, never by its number alone:
numbers are used again. The token is inherited, so that a whole tree is found by it even when its
root is gone. Knows nothing of Prefect; ports and log files have modules of their own.

Source of the start time: `proc_pid_stat(5)` of Linux, field 22; psutil elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil

from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.provider.log_files import open_log

TOKEN_VARIABLE: Final = "META_PREFECT_TOKEN"  # noqa: S105 - a variable's name
_POLL_SECONDS: Final = 0.1
_SETTLE_SECONDS: Final = 0.2
_SETTLE_POLL_SECONDS: Final = 0.001
_KILL_SECONDS: Final = 10.0
_START_TIME_FIELD: Final = 22
_PRIVATE: Final = 0o077
_IS_LINUX: Final = platform.system() == "Linux"


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """
    One process, told from all others that ever have its number.

    pid: 0 when it is not known, or known to be gone.
    start_time: opaque; equal for equal processes of one boot.
    token: in its environment and in that of its children.
    """

    pid: int
    start_time: str
    token: str

    @classmethod
    def from_outputs(cls, outputs: Mapping[str, Any]) -> ProcessIdentity:
        """Read what `as_outputs` wrote; whatever is missing or unknown fits no process."""
        pid, start_time, token = (outputs.get(key) for key in ("pid", "startTime", "token"))
        return cls(
            pid if isinstance(pid, int) else 0,
            start_time if isinstance(start_time, str) else "",
            token if isinstance(token, str) else "",
        )

    def as_outputs(self) -> dict[str, Any]:
        """Write it as outputs of a resource."""
        return {"pid": self.pid, "startTime": self.start_time, "token": self.token}


@dataclass(frozen=True, slots=True)
class Launch:
    """
    What to start.

    environment: all of it; only the token is added.
    folder: where it runs.
    log_file: gets stdout and stderr, at its end.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    log_file: Path


def build_token() -> str:
    """Make a token that no other process has."""
    return secrets.token_hex(16)


def start_detached(launch: Launch, token: str) -> ProcessIdentity:
    """
    Start a process in a session of its own, so that no terminal ends it.

    It has no input, none of this process's open files, and makes private files.

    Raises:
        ProviderError: it cannot be started; names the command.
    """
    try:
        with open_log(launch.log_file) as log:
            child = subprocess.Popen(  # noqa: S603 - the command is the caller's purpose
                launch.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**launch.environment, TOKEN_VARIABLE: token},
                cwd=launch.folder,
                start_new_session=True,
                umask=_PRIVATE,
            )
    except OSError as error:
        raise ProviderError(f"cannot start {launch.command[0]}: {error}") from error
    _wait_for_environment(child.pid)
    identity = ProcessIdentity(child.pid, _read_start_time(child.pid), token)
    # It is not ours to wait for; without this, Popen complains when it is collected.
    child.returncode = 0
    return identity


def _wait_for_environment(pid: int) -> None:
    """Wait until the token can be seen: a new program has no environment for its first moment."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        while not process.environ() and time.monotonic() < deadline:
            time.sleep(_SETTLE_POLL_SECONDS)


def is_running(identity: ProcessIdentity) -> bool:
    """Say whether this very process runs; a zombie does not."""
    return _find_root(identity) is not None


def has_processes(identity: ProcessIdentity) -> bool:
    """Say whether anything of its tree is left, even without its root."""
    return next(_find_tree(identity), None) is not None


def find_by_token(token: str) -> ProcessIdentity | None:
    """Find the oldest process that carries the token, which is the one that was started with it."""
    found = list(_find_carriers(token))
    if not found:
        return None
    pid = min(found, key=_age_key).pid
    return ProcessIdentity(pid, _read_start_time(pid), token)


async def wait_until_alone(identity: ProcessIdentity, seconds: float) -> int:
    """Wait until nothing of a tree runs but its root; gives how many others are left in the end."""
    deadline = time.monotonic() + seconds
    while others := _count_others(identity):
        if time.monotonic() > deadline:
            break
        await asyncio.sleep(_POLL_SECONDS)
    return others


async def stop_tree(identity: ProcessIdentity, grace_seconds: float) -> None:
    """
    Ask the root and its group to end, wait for the root, and kill what is left of the tree.

    Returns when nothing of it runs any more; at once when nothing does.

    Raises:
        ProviderError: something does not even end when killed.
    """
    root = _find_root(identity)
    if root is not None:
        _terminate_group(root.pid)
        await _wait_for_end(identity, grace_seconds)
    deadline = time.monotonic() + _KILL_SECONDS
    # Again and again, as one that is about to be killed may start another.
    while left := list(_find_tree(identity)):
        if time.monotonic() > deadline:
            pids = ", ".join(str(process.pid) for process in left)
            raise ProviderError(f"cannot end the processes {pids}")
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        await asyncio.sleep(_POLL_SECONDS)


async def _wait_for_end(identity: ProcessIdentity, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while is_running(identity):
        if time.monotonic() > deadline:
            return
        await asyncio.sleep(_POLL_SECONDS)


def _terminate_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        if os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGTERM)
        else:
            os.kill(pid, signal.SIGTERM)


def _find_root(identity: ProcessIdentity) -> psutil.Process | None:
    if not identity.pid or not identity.token:
        return None
    try:
        process = psutil.Process(identity.pid)
        if _is_zombie(process):
            return None
        same = _read_start_time(identity.pid) == identity.start_time
        return process if same and _may_carry(process, identity.token) else None
    except psutil.Error:
        return None


def _find_tree(identity: ProcessIdentity) -> Iterator[psutil.Process]:
    """Give the root, its descendants and all that carry the token; never this process."""
    seen = {os.getpid()}
    for process in (*_find_descendants(identity), *_find_carriers(identity.token)):
        if process.pid not in seen and not _is_zombie(process):
            seen.add(process.pid)
            yield process


def _count_others(identity: ProcessIdentity) -> int:
    return sum(process.pid != identity.pid for process in _find_tree(identity))


def _find_descendants(identity: ProcessIdentity) -> list[psutil.Process]:
    root = _find_root(identity)
    if root is None:
        return []
    with contextlib.suppress(psutil.Error):
        return [root, *root.children(recursive=True)]
    return [root]


def _find_carriers(token: str) -> Iterator[psutil.Process]:
    if not token:
        return
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(TOKEN_VARIABLE) == token:
                yield process


def _may_carry(process: psutil.Process, token: str) -> bool:
    # One that is about to end has lost its environment already, but still has its ports.
    try:
        environment = process.environ()
        return not environment or environment.get(TOKEN_VARIABLE) == token
    except psutil.NoSuchProcess:
        return psutil.pid_exists(process.pid)
    except psutil.AccessDenied:
        # macOS hides some environments even from their owner; Linux only those of others.
        return not _IS_LINUX


def _is_zombie(process: psutil.Process) -> bool:
    try:
        # With threads left, only the first one has ended: ports and files are still open.
        return process.status() == psutil.STATUS_ZOMBIE and process.num_threads() <= 1
    except psutil.NoSuchProcess:
        return True


def _age_key(process: psutil.Process) -> tuple[float, int]:
    with contextlib.suppress(psutil.Error):
        return process.create_time(), process.pid
    return float("inf"), process.pid


def _read_start_time(pid: int) -> str:
    """Read when a process started; empty when it is gone."""
    try:
        if _IS_LINUX:
            # The name, in brackets, may hold blanks; the state behind it is field 3.
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
            return stat.rpartition(")")[2].split()[_START_TIME_FIELD - 3]
        return f"{psutil.Process(pid).create_time():.2f}"
    except (OSError, psutil.Error):
        return ""
