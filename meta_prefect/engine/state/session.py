"""
A session: the writing half of a stack's state, for as long as one operation holds the lock.

It is told of every step, keeps the journal ahead of the world, and folds it into the checkpoint
once, at the end. Nothing is written before the first step that changes something. Not to be
confused with `backend`, which opens sessions and does everything that is not an operation.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from meta_prefect.engine.state.checkpoint import (
    ResourceState,
    Snapshot,
    build_manifest,
    build_timestamp,
)
from meta_prefect.engine.state.codec import encode_file, encode_record
from meta_prefect.engine.state.entries import (
    Begin,
    Entry,
    Failure,
    Mark,
    Outputs,
    Rebase,
    SecretsMade,
    Settle,
    Success,
)
from meta_prefect.engine.state.fold import fold, has_stale_operations
from meta_prefect.engine.state.integrity import drop_dangling
from meta_prefect.engine.state.journal import JournalWriter, render_line, taken_away
from meta_prefect.engine.state.lock import StackLock
from meta_prefect.engine.state.recovery import StackState, build_header, check_integrity
from meta_prefect.engine.state.scribe import Scribe
from meta_prefect.engine.state.secrets import PassphraseSecrets
from meta_prefect.engine.state.stack_files import StackFiles
from meta_prefect.interfaces.diagnostics import Diagnostic, ExitCode, MetaPrefectError
from meta_prefect.interfaces.engine import ConfigValue
from meta_prefect.interfaces.values import has_secrets

__all__ = ["Mark", "Operation", "Session"]

_HARMLESS: Final = frozenset({"reading", "importing"})
_INSIGNIFICANT: Final = frozenset(
    {"created", "modified", "sourcePosition", "stackTrace", "initErrors"}
)
_KINDS: Final = {"up": "update", "import": "resource-import"}
_NANOSECONDS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Operation:
    """
    What the history says about an operation.

    kind: in the words of `OperationKind`.
    started: nanoseconds since the epoch.
    """

    kind: str
    message: str
    started: int


class Session:
    """
    One operation's hold on a stack.

    base: what the operation starts from; `rebase` puts another in its place.
    """

    def __init__(
        self,
        files: StackFiles,
        lock: StackLock,
        state: StackState[PassphraseSecrets],
        operation: Operation,
    ) -> None:
        """Take over a lock that is held and a state without leftovers."""
        self.base = state.snapshot
        self._origin = state.snapshot
        self._files = files
        self._lock = lock
        self._secrets = state.crypter
        self._operation = operation
        self._journal = JournalWriter(files.journal, files.disk, self._open_journal)
        self._seen = files.identify_checkpoint()
        self._header: str | None = None
        self._scribe = Scribe(state.snapshot.resources, state.crypter)
        self._entries: list[Entry] = []
        self._written = 0
        self._durable = 0
        self._number = 0
        self._harmless: set[int] = set()
        self._dirty = False
        self._knows_secrets = state.snapshot.secrets_provider is not None

    @property
    def dirty(self) -> bool:
        """Whether anything happened that the checkpoint must show."""
        return self._dirty

    async def begin(self, kind: str, state: ResourceState) -> int:
        """
        Say that a step starts, and give its number; durable when it returns.

        `kind` is `creating`, `updating`, `deleting`, `reading` or `importing`; the last two change
        nothing in the world, and are not written.

        Raises:
            MetaPrefectError: it cannot be written; the step must not start.
        """
        self._number += 1
        entry = Begin(self._number, kind, state)
        if kind in _HARMLESS:
            self._harmless.add(self._number)
            self._entries.append(entry)
            return entry.number
        if not self._knows_secrets and has_secrets(state.inputs):
            # The salt has to stand in the journal before the first ciphertext that needs it.
            await asyncio.to_thread(self._secrets.open)
        try:
            await self._write(entry)
        except MetaPrefectError:
            self._entries.append(Failure(entry.number))  # the step must not start, so it did not
            raise
        return entry.number

    async def success(
        self,
        number: int | None,
        *,
        old: ResourceState | None,
        new: ResourceState | None,
        mark: Mark = Mark.CONSUME,
    ) -> None:
        """
        Say that a step ended well; durable when it returns.

        `number` is of its begin; None: it had none. A step without begin whose record says what the
        old one said is only kept in memory until something else happens.
        """
        if new is not None:
            self._store(new, old)
        entry = Success(number, old, new, mark)
        if self._is_harmless(number) and _changes_nothing(entry):
            self._entries.append(entry)
        else:
            await self._write(entry)

    async def failure(self, number: int) -> None:
        """Say that a step failed and changed nothing."""
        if self._is_harmless(number):
            self._entries.append(Failure(number))
        else:
            await self._write(Failure(number))

    async def keep_pending(self, number: int) -> None:
        """
        Leave a step among the pending operations: its outcome is unknown.

        Its begin is durable already, so nothing is written.
        """
        self._harmless.discard(number)

    async def outputs(self, state: ResourceState) -> None:
        """Store what changed in a record that is finished already, mostly its outputs."""
        before = state.stored
        state.stored = None
        state.stored = encode_record(state, self._secrets, before)
        if before is None or state.stored.text != before.text:
            await self._write(Outputs(state, state))

    async def rebase(self, resources: Sequence[ResourceState]) -> None:
        """
        Put what a refresh found in the place of all there was.

        References to what is gone are dropped, so look at `base.resources` afterwards. A record
        that says what the old one said is replaced by the old one.
        """
        olds = {(state.urn, state.delete): state for state in self.base.resources}
        found = [
            self._keep_or_store(state, olds.get((state.urn, state.delete)))
            for state in drop_dangling(resources)
        ]
        is_changed = len(found) != len(self.base.resources) or any(
            new is not old for new, old in zip(found, self.base.resources, strict=True)
        )
        self.base = replace(self.base, resources=found)
        if is_changed:
            await self._write(Rebase(tuple(found)))

    async def settle(self, urn: str) -> None:
        """Forget what earlier operations left pending for a URN: it is known now."""
        await self._write(Settle(urn))

    def snapshot(self) -> Snapshot:
        """Give the state as it would be written now."""
        return fold(self._origin, self._entries, build_manifest(build_timestamp()))

    async def close(
        self, *, result: str, changes: Mapping[str, int], config: Mapping[str, object]
    ) -> None:
        """
        Write the state if anything changed, then the history, and give the lock back.

        `config` is a `ConfigValue` or JSON by key; secrets in it are encrypted.

        Raises:
            MetaPrefectError: MP4102, the state would not be consistent: the journal is kept;
                MP4202, the lock was taken away meanwhile: the state is written nevertheless;
                MP4119, it was and somebody else has changed the state since, which is left alone;
                others, the disk. What is recorded nowhere is named.
        """
        held = self._lock.is_held()
        try:
            await asyncio.to_thread(self._finish, result, changes, config)
        except MetaPrefectError as error:
            await asyncio.to_thread(self._save_rest)
            error.others += self._list_unrecorded()
            raise
        finally:
            self._journal.close()
            self._lock.release()
        if not held:
            raise MetaPrefectError(
                "MP4202",
                f"the lock of stack {self._files.name} was taken away during the operation",
                why="somebody unlocked it; what this operation did has been written",
                fixes=(f"look at it: meta-prefect refresh -s {self._files.name}",),
                exit_code=ExitCode.LOCKED,
            )

    def _is_harmless(self, number: int | None) -> bool:
        return number is None or number in self._harmless

    def _store(self, new: ResourceState, old: ResourceState | None) -> None:
        """Encode a record once; fields and ciphertexts of the one it replaces stay."""
        if new.stored is not None:
            return
        if old is not None and not new.extra:
            new.extra = old.extra
        new.stored = encode_record(new, self._secrets, None if old is None else old.stored)

    def _keep_or_store(self, new: ResourceState, old: ResourceState | None) -> ResourceState:
        if new is old or old is None:
            self._store(new, None)
            return new
        if old.stored is None:
            old.stored = encode_record(old, self._secrets)
        self._store(new, old)
        assert new.stored is not None
        return old if new.stored.text == old.stored.text else new

    async def _write(self, entry: Entry) -> None:
        """
        Make an entry durable, with those before it that only waited for a reason.

        The first one asks for the passphrase: a wrong one stops an operation before it begins.
        """
        if not self._dirty:
            await asyncio.to_thread(self._secrets.check)
        self._dirty = True
        provider = self._secrets.provider
        if provider is not None and not self._knows_secrets:
            self._knows_secrets = True
            self._entries.append(SecretsMade(provider))
        self._entries.append(entry)
        waiting, end = self._entries[self._written :], len(self._entries)
        self._written = end
        await self._journal.append([render_line(self._scribe.write(item)) for item in waiting])
        self._durable = max(self._durable, end)

    def _save_rest(self) -> None:
        """Have at least the journal know what happened, where the whole state has no room."""
        with suppress(MetaPrefectError):
            self._journal.flush()
            self._durable = self._written

    def _list_unrecorded(self) -> tuple[Diagnostic, ...]:
        """Name what was made in the world and stands nowhere on disk."""
        return tuple(
            Diagnostic("MP4112", f"{new.urn} was made and is recorded nowhere", why=f"id {new.id}")
            for entry in self._entries[self._durable :]
            if isinstance(entry, Success) and (new := entry.new) is not None and new.id
        )

    def _open_journal(self) -> str:
        """Fence the checkpoint, and give the journal's header; may be tried again."""
        text = encode_file(self._files.full_name, self._origin, self._secrets, fenced=True)
        fenced = self._files.encode(text)
        if self._header is None:
            self._check_unchanged()
            self._files.keep_copy()
            self._files.disk.remove(self._files.journal)
            header = build_header(self._files.read_checkpoint() or b"", fenced)
            self._header = render_line(header)
        try:
            self._files.write_checkpoint(fenced)
        finally:
            self._seen = self._files.identify_checkpoint()
        return self._header

    def _check_unchanged(self) -> None:
        """
        Refuse to write over what somebody else wrote since this session looked.

        Raises:
            MetaPrefectError: MP4119.
        """
        if self._files.identify_checkpoint() != self._seen:
            raise taken_away(self._files.journal)

    def _finish(
        self, result: str, changes: Mapping[str, int], config: Mapping[str, object]
    ) -> None:
        changed = self._dirty or has_stale_operations(self._origin)
        shown = self._encode_config(config, may_begin=changed)
        if changed or self._files.find_checkpoint() is None:
            self._write_checkpoint()
        now = time.time_ns()
        record = {
            "version": 0,
            "kind": _KINDS.get(self._operation.kind, self._operation.kind),
            "startTime": self._operation.started // _NANOSECONDS,
            "message": self._operation.message,
            "environment": {},
            "config": shown,
            "result": result,
            "endTime": now // _NANOSECONDS,
            "resourceChanges": dict(changes),
        }
        self._files.write_history(now, record, changed=changed)
        # Last: as long as it is there, a checkpoint that turns out to be torn can be made again.
        self._files.disk.remove(self._files.journal)

    def _write_checkpoint(self) -> None:
        snapshot = self.snapshot()
        snapshot.secrets_provider = snapshot.secrets_provider or self._secrets.provider
        check_integrity(self._files.name, snapshot)
        self._check_unchanged()
        if self._header is None:
            self._files.keep_copy()
        text = encode_file(self._files.full_name, snapshot, self._secrets)
        self._files.write_checkpoint(self._files.encode(text))
        self._durable = len(self._entries)

    def _encode_config(self, config: Mapping[str, object], *, may_begin: bool) -> dict[str, Any]:
        """Write config; secrets only where the checkpoint says how they are encrypted."""
        shown: dict[str, Any] = {}
        for key, value in sorted(config.items()):
            if not isinstance(value, ConfigValue):
                shown[key] = value
            elif not value.secret:
                shown[key] = value.value
            elif may_begin or self._secrets.salt:
                shown[key] = {"secure": self._secrets.encrypt(value.value)}
        return shown


def _changes_nothing(step: Success) -> bool:
    old, new = step.old, step.new
    if old is None or new is None or step.mark is not Mark.CONSUME:
        return False
    return old is new or (old.stored is not None and _significant(new) == _significant(old))


def _significant(state: ResourceState) -> dict[str, Any]:
    """Give what a record says, without times, places in the program and orders of no meaning."""
    assert state.stored is not None
    document = {
        key: item for key, item in state.stored.document.items() if key not in _INSIGNIFICANT
    }
    document["dependencies"] = sorted(document.get("dependencies") or ())
    found = document.get("propertyDependencies") or {}
    document["propertyDependencies"] = {key: sorted(urns or ()) for key, urns in found.items()}
    return document
