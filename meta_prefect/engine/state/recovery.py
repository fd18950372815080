"""
Reading a stack's state, with what a killed operation left behind.

A checkpoint is plain, or it is fenced: then a journal beside it says what happened since. Readers
replay the journal in memory; `recover` does it on disk, under the lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from meta_prefect.engine.state.checkpoint import (
    ENGINE_VERSION,
    SecretsProvider,
    Snapshot,
    build_manifest,
    build_timestamp,
)
from meta_prefect.engine.state.codec import CheckpointFile, decode_file, encode_file
from meta_prefect.engine.state.fold import fold
from meta_prefect.engine.state.integrity import check_snapshot
from meta_prefect.engine.state.journal import read_lines
from meta_prefect.engine.state.properties import Crypter
from meta_prefect.engine.state.scribe import read_entries
from meta_prefect.engine.state.stack_files import StackFiles, digest
from meta_prefect.interfaces.diagnostics import Diagnostic, ExitCode, MetaPrefectError

_JOURNAL_FORMAT: Final = 1
_SHOWN_PROBLEMS: Final = 10

C = TypeVar("C", bound=Crypter)
CrypterFactory = Callable[[SecretsProvider | None], C]
"""Makes the crypter of a snapshot; called again when a journal says that secrets came later."""


@dataclass(frozen=True, slots=True)
class StackState(Generic[C]):
    """
    What is known of a stack.

    leftover: an operation that did not come to its end left a fence or a journal.
    """

    snapshot: Snapshot
    crypter: C
    leftover: bool = False


@dataclass(frozen=True, slots=True)
class _Stored:
    """
    A checkpoint's bytes and the journal beside it, as they were at one moment.

    header, lines: of the journal; the header is missing when its line is torn, or there is none.
    """

    data: bytes
    journal: bytes | None
    header: Mapping[str, Any] | None
    lines: Iterator[dict[str, Any]]

    def is_about(self, data: bytes) -> bool:
        """Say whether the journal says what happened to a checkpoint."""
        header = self.header
        return header is not None and digest(data) in (header["base"], header["fenced"])


def build_header(base: bytes, fenced: bytes) -> dict[str, Any]:
    """Make a journal's first document: which checkpoint it goes with, before and behind a fence."""
    return {
        "format": _JOURNAL_FORMAT,
        "base": digest(base),
        "fenced": digest(fenced),
        "engine": ENGINE_VERSION,
    }


def read_state(files: StackFiles, open_crypter: CrypterFactory[C]) -> StackState[C] | None:
    """
    Read a stack; writes nothing.

    Raises:
        MetaPrefectError: MP4101, the checkpoint is damaged; MP4107, the journal does not go with
            it.
    """
    stored = _read_files(files)
    if stored is None:
        return None
    crypters: list[C] = []

    def open_once(provider: SecretsProvider | None) -> C:
        crypters.append(open_crypter(provider))
        return crypters[-1]

    file, data = _decode(files, stored, open_once)
    snapshot = file.snapshot
    if stored.is_about(data):
        entries = read_entries(stored.lines, snapshot.resources, crypters[-1], open_once)
        snapshot = fold(snapshot, entries, build_manifest(build_timestamp()))
    elif file.fenced and stored.header is not None:
        raise _strange_journal(files)
    leftover = file.fenced or stored.journal is not None
    return StackState(snapshot, crypters[-1], leftover)


def _read_files(files: StackFiles) -> _Stored | None:
    """Read both files as they belong together: a reader has no lock, so they may change."""
    while True:
        before = files.identify_checkpoint()
        data = files.read_checkpoint()
        journal = files.disk.read(files.journal)
        if files.identify_checkpoint() == before:
            break
    if data is None:
        return None
    lines = read_lines(journal or b"")
    return _Stored(data, journal, next(lines, None), lines)


def _decode(
    files: StackFiles, stored: _Stored, open_crypter: CrypterFactory[C]
) -> tuple[CheckpointFile, bytes]:
    """
    Read the checkpoint, and give the bytes that were read.

    Where it is torn and its journal is still there, the copy made before the journal is as good.
    """
    try:
        return _read_file(files, stored.data, open_crypter), stored.data
    except MetaPrefectError as error:
        copy = files.read_copy()
        if error.diagnostic.code != "MP4101" or copy is None or not stored.is_about(copy):
            raise
        return _read_file(files, copy, open_crypter), copy


def _read_file(files: StackFiles, data: bytes, open_crypter: CrypterFactory[C]) -> CheckpointFile:
    text = files.decode(data)
    try:
        return decode_file(text, open_crypter)
    except ValueError as error:
        raise files.damaged(str(error)) from error


def _strange_journal(files: StackFiles) -> MetaPrefectError:
    return MetaPrefectError(
        "MP4107",
        f"the journal of stack {files.name} does not go with its state",
        why="the state was changed while an operation was running, or after it was killed",
        where=str(files.journal),
        fixes=("compare the two files, then remove the journal",),
    )


def recover(files: StackFiles, state: StackState[C]) -> None:
    """
    Write what a killed operation left behind into the checkpoint; under the lock only.

    Raises:
        MetaPrefectError: MP4201, the operation is still at work; MP4102, it makes no sense.
    """
    check_unattended(files)
    text = encode_file(files.full_name, state.snapshot, state.crypter)
    check_integrity(files.name, state.snapshot)
    files.write_checkpoint(files.encode(text))
    files.disk.remove(files.journal)


def check_unattended(files: StackFiles) -> None:
    """
    Refuse to touch a state that an operation of this host is at work on, locked or not.

    Raises:
        MetaPrefectError: MP4201.
    """
    if not files.disk.is_held(files.journal):
        return
    raise MetaPrefectError(
        "MP4201",
        f"stack {files.name} is locked",
        why="its lock was taken away, but the operation that had it is still at work",
        fixes=("wait until it has ended, or end it",),
        exit_code=ExitCode.LOCKED,
    )


def check_integrity(stack: str, snapshot: Snapshot) -> None:
    """
    Refuse a snapshot that breaks a rule.

    Raises:
        MetaPrefectError: MP4102, with the first few of what is wrong.
    """
    problems = check_snapshot(snapshot)
    if not problems:
        return
    others = tuple(
        Diagnostic("MP4102", problem.rule, where=problem.urn)
        for problem in problems[1:_SHOWN_PROBLEMS]
    )
    raise MetaPrefectError(
        "MP4102",
        f"the state of stack {stack} is not consistent",
        where=problems[0].urn,
        why=problems[0].rule,
        fixes=(f"meta-prefect state repair -s {stack}",),
        others=others,
    )
