"""
Who runs a background process: a record in a file, from before its start until it is stopped.

`HOME/owner.lock` is the server's, `HOME/run/worker-NAME.json` a worker's. The record names the
token before the process exists, so that a command that is killed at any moment leaves nothing that
the next one does not find. Only the stack that is named in it may restart or stop the process; a
record whose process is dead binds nobody. Not to be confused with the lock of a stack's state.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.provider.folders import make_folder
from meta_prefect.provider.processes import (
    Launch,
    ProcessIdentity,
    build_token,
    find_by_token,
    has_processes,
    is_running,
    start_detached,
)

_PRIVATE_FILE: Final = 0o600


@dataclass(frozen=True, slots=True)
class Holder:
    """
    Who runs which process.

    urn: of the resource; stack and project are its first parts.
    process: what it runs; number and start time are empty just before the start.
    url: of the API that the process serves or works for.
    fingerprint: of the settings it runs with.
    """

    urn: str
    process: ProcessIdentity
    url: str
    fingerprint: str

    @property
    def owner(self) -> tuple[str, str]:
        """Project and stack."""
        return read_owner(self.urn)

    def describe(self) -> str:
        """Name the owner in a sentence."""
        project, stack = self.owner
        return f"stack {stack} of project {project}"


class HeldByOther(ProviderError):
    """Another stack runs a process here; `holder` is who."""

    def __init__(self, holder: Holder, path: Path) -> None:
        self.holder = holder
        super().__init__(f"{holder.describe()} runs process {holder.process.pid} here: {path}")


def read_holder(path: Path) -> Holder | None:
    """Read the record; None when there is none, or none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        process = ProcessIdentity(**found.pop("process"))
        return Holder(process=process, **found)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def find_living(path: Path) -> Holder | None:
    """
    Read the record and look at its process; None when that does not run.

    The process of a record that was written before its start is found by the token.
    """
    holder = read_holder(path)
    if holder is None or holder.process.pid:
        return holder if holder and is_running(holder.process) else None
    found = find_by_token(holder.process.token)
    return replace(holder, process=found) if found else None


def find_own(path: Path, urn: str) -> Holder | None:
    """
    Find what this stack runs already; None when nothing does.

    Raises:
        HeldByOther: another stack does.
    """
    holder = find_living(path)
    if holder is not None and holder.owner != read_owner(urn):
        raise HeldByOther(holder, path)
    return holder


def take_over(path: Path, urn: str) -> Holder | None:
    """
    Find what this stack runs already, and complete its record; None when nothing does.

    Raises:
        HeldByOther: another stack does.
    """
    if not path.exists():
        return None
    with _guarded(path.parent):
        holder = find_own(path, urn)
        if holder is not None:
            _write(path, holder)
    return holder


def find_to_stop(path: Path, urn: str) -> ProcessIdentity:
    """
    Find what is recorded and in this stack's way, be it dead with living children.

    Raises:
        HeldByOther: another stack runs a process here.
    """
    holder = find_own(path, urn) or read_holder(path)
    return holder.process if holder else ProcessIdentity(0, "", "")


def start_held(path: Path, launch: Launch, urn: str, url: str, fingerprint: str) -> Holder:
    """
    Start a process and record it; there is no moment at which it runs unrecorded.

    Raises:
        HeldByOther: another stack was faster.
        ProviderError: it cannot be started, or the folder cannot be written to.
    """
    holder = Holder(urn, ProcessIdentity(0, "", build_token()), url, fingerprint)
    with _guarded(path.parent):
        find_own(path, urn)
        _write(path, holder)
        holder = replace(holder, process=start_detached(launch, holder.process.token))
        _write(path, holder)
    return holder


def release(path: Path, urn: str) -> None:
    """Take the record away once its process is stopped; that of another stack stays."""
    with _guarded(path.parent):
        holder = read_holder(path)
        if holder is None or holder.owner == read_owner(urn) or not has_processes(holder.process):
            path.unlink(missing_ok=True)


def find_users(folder: Path, url: str, urn: str) -> list[Holder]:
    """Find living processes of other stacks, recorded in a folder, that work for a URL."""
    holders = [find_living(path) for path in sorted(folder.glob("*.json"))]
    return [
        holder
        for holder in holders
        if holder is not None and holder.url == url and holder.owner != read_owner(urn)
    ]


def read_owner(urn: str) -> tuple[str, str]:
    """Read project and stack from a URN."""
    stack, _, rest = urn.removeprefix("urn:pulumi:").partition("::")
    return rest.partition("::")[0], stack


@contextmanager
def _guarded(folder: Path) -> Iterator[None]:
    """Keep other commands out of a folder's records for some milliseconds."""
    make_folder(folder)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write(path: Path, holder: Holder) -> None:
    text = json.dumps(asdict(holder), indent=2)
    beside = path.with_name(f".{path.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)
