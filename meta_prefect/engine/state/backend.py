"""
The file backend: the stacks of a project in a folder, in Pulumi's own layout.

Opens sessions for operations, and does what is done to a stack without one: look, export, import,
edit, remove, unlock. Not to be confused with `session`, which writes while an operation runs.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from meta_prefect.engine.state.checkpoint import (
    ResourceState,
    SecretsProvider,
    Snapshot,
    iterate_references,
)
from meta_prefect.engine.state.codec import (
    FEATURES_VERSION,
    KNOWN_FEATURES,
    PLAIN_VERSION,
    compute_features,
    decode_latest,
    decode_secrets_provider,
    encode_file,
    encode_latest,
    to_plain,
)
from meta_prefect.engine.state.disk import Disk
from meta_prefect.engine.state.integrity import repair
from meta_prefect.engine.state.location import (
    INSTALL_PULUMI,
    check_layout,
    find_root,
    list_stack_names,
)
from meta_prefect.engine.state.lock import LockHolder, Notice, StackLock
from meta_prefect.engine.state.properties import Crypter, UnreadSecrets, conceal, reveal
from meta_prefect.engine.state.recovery import (
    StackState,
    check_integrity,
    check_unattended,
    read_state,
    recover,
)
from meta_prefect.engine.state.secrets import PassphraseSecrets, PassphraseSource
from meta_prefect.engine.state.session import Operation, Session
from meta_prefect.engine.state.stack_files import StackFiles
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.interfaces.engine import HistoryRecord, ResourceRecord, StackRecord

Change = Callable[[Snapshot], Snapshot]
"""Makes another snapshot of one; records are replaced, not changed in place."""

_NOT_BUILT = frozenset({"views", "extensionParameterization", "snippets-prototype"})


class FileBackend:
    """Stacks of one project under a `file://` URL; also a `StackReader`."""

    def __init__(
        self,
        url: str,
        project: str,
        passphrase: PassphraseSource,
        *,
        disk: Disk | None = None,
        is_alive: Callable[[LockHolder], bool] | None = None,
    ) -> None:
        """
        Find the folder; touches nothing.

        `passphrase` is called when the first secret is read or written. `is_alive` says whether the
        holder of a lock may still run.

        Raises:
            MetaPrefectError: MP5201, the URL is not one of a folder.
        """
        self._root = find_root(url)
        self._project = project
        self._passphrase = passphrase
        self._disk = disk or Disk()
        self._is_alive = is_alive

    def for_project(self, project: str) -> FileBackend:
        """Give the stacks of another project under the same URL."""
        other = copy.copy(self)
        other._project = project  # noqa: SLF001 - it is of the same class
        return other

    def list_stacks(self) -> Sequence[str]:
        """List the names of the project's stacks, sorted."""
        check_layout(self._root)
        return list_stack_names(self._root, self._project)

    def read_stack(self, name: str) -> StackRecord | None:
        """Read a stack to look at it; needs no passphrase, takes no lock."""
        state = read_state(self._find(name), _leave_unread)
        return None if state is None else build_stack_record(name, state.snapshot)

    def read_history(self, name: str) -> Sequence[HistoryRecord]:
        """Read past operations, newest first."""
        return [_build_history_record(record) for record in self._find(name).read_history()]

    def load(self, stack: str) -> Snapshot | None:
        """
        Read a stack without a lock; a leftover journal is replayed in memory.

        What an operation that is still at work has begun is not among the pending operations: their
        end will be known.
        """
        files = self._find(stack)
        state = read_state(files, self._open_secrets())
        if state is None:
            return None
        check_integrity(stack, state.snapshot)
        if files.disk.is_held(files.journal):
            return replace(state.snapshot, pending_operations=[])
        return state.snapshot

    async def open_session(
        self,
        stack: str,
        *,
        kind: str,
        message: str,
        on_wait: Notice | None = None,
        wait_seconds: float = 0.0,
    ) -> Session:
        """
        Lock a stack, recover what was left over, check and load it; a missing stack begins empty.

        Waits `wait_seconds` for a lock that somebody else holds; `on_wait` is told so, and when the
        lock of a dead process is taken over.

        Raises:
            MetaPrefectError: MP4201, it is locked; others, its state is not fit to work with. The
                lock is free again then.
        """
        files = self._find(stack)
        lock = self._lock(files)
        await lock.acquire(on_wait, wait_seconds)
        try:
            state = self._load_to_write(files)
        except BaseException:
            lock.release()
            raise
        return Session(files, lock, state, Operation(kind, message, time.time_ns()))

    def edit_stack(self, stack: str, change: Change, *, check: bool = True) -> None:
        """
        Change a stack's state by hand, under the lock and in one write; `.bak` keeps the old.

        Raises:
            MetaPrefectError: MP4201, it is locked; MP4108, there is no such stack; MP4102, the
                result breaks a rule, unless `check` is off.
        """
        files = self._find(stack)
        if files.find_checkpoint() is None:  # before a lock of nothing makes a folder
            raise _no_stack(stack)
        lock = self._lock(files)
        lock.acquire_now()
        try:
            state = read_state(files, self._open_secrets())
            if state is None:
                raise _no_stack(stack)
            changed = change(state.snapshot)
            if check:
                check_integrity(stack, changed)
            _replace_checkpoint(files, changed, state.crypter)
        finally:
            lock.release()

    def repair_stack(self, stack: str) -> None:
        """Mend a broken state: put records in order, drop references to what is not there."""
        self.edit_stack(stack, repair)

    def export_stack(self, stack: str, *, show_secrets: bool = False) -> dict[str, Any]:
        """
        Give a stack's state as the Pulumi command line exports it; secrets stay encrypted.

        `show_secrets` gives them in clear, and needs the passphrase.

        Raises:
            MetaPrefectError: MP4108, there is no such stack.
        """
        open_crypter = self._open_secrets() if show_secrets else _leave_unread
        state: StackState[Crypter] | None = read_state(self._find(stack), open_crypter)
        if state is None:
            raise _no_stack(stack)
        features = compute_features(state.snapshot)
        document: dict[str, Any] = {"version": FEATURES_VERSION if features else PLAIN_VERSION}
        if features:
            document["features"] = features
        latest = to_plain(encode_latest(state.snapshot, state.crypter))
        if show_secrets:
            latest = reveal(latest, state.crypter)
        return {**document, "deployment": latest}

    def import_stack(self, stack: str, document: Mapping[str, Any], *, check: bool = True) -> None:
        """
        Put an exported state in the place of a stack's; the stack is made when it is missing.

        Secrets that come in clear are encrypted.

        Raises:
            MetaPrefectError: MP4101, the document is not an export; MP4201, the stack is locked;
                MP4102, it breaks a rule, unless `check` is off.
        """
        files = self._find(stack)
        secrets = PassphraseSecrets.new(self._passphrase)
        try:
            snapshot = _read_export(document, secrets)
        except (KeyError, TypeError, AttributeError) as error:
            raise MetaPrefectError("MP4101", "this is not an exported state") from error
        if check:
            check_integrity(stack, snapshot)
        lock = self._lock(files)
        lock.acquire_now()
        try:
            _replace_checkpoint(files, snapshot, secrets)
        finally:
            lock.release()

    def remove_stack(self, stack: str, *, force: bool = False) -> None:
        """
        Take a stack away, with its history.

        Raises:
            MetaPrefectError: MP4108, there is no such stack; MP4111, it has resources and `force`
                is off; MP4201, it is locked.
        """
        files = self._find(stack)
        lock = self._lock(files)
        lock.acquire_now()
        try:
            state = read_state(files, _leave_unread)
            if state is None:
                raise _no_stack(stack)
            found = state.snapshot
            if (found.resources or found.pending_operations) and not force:
                raise MetaPrefectError(
                    "MP4111",
                    f"stack {stack} still has resources",
                    fixes=(f"meta-prefect destroy -s {stack}",),
                )
            check_unattended(files)
            files.remove()
        finally:
            lock.release()

    def list_lock_holders(self, stack: str) -> list[LockHolder]:
        """List who holds a stack's lock, the dead included."""
        return self._lock(self._find(stack)).list_holders()

    def unlock(self, stack: str) -> list[LockHolder]:
        """Take a stack's lock away from everybody, and say whose it was."""
        return self._lock(self._find(stack)).break_open()

    def _find(self, stack: str) -> StackFiles:
        check_layout(self._root)
        return StackFiles(self._root, self._project, stack, self._disk)

    def _lock(self, files: StackFiles) -> StackLock:
        return StackLock(files.locks, files.name, self._disk, self._is_alive)

    def _open_secrets(self) -> Callable[[SecretsProvider | None], PassphraseSecrets]:
        return PassphraseSecrets.new(self._passphrase).adopt

    def _load_to_write(self, files: StackFiles) -> StackState[PassphraseSecrets]:
        open_secrets = self._open_secrets()
        files.remove_drafts()
        state = read_state(files, open_secrets)
        if state is not None and state.leftover:
            recover(files, state)
            state = read_state(files, open_secrets)
        if state is None:
            files.disk.remove(files.journal)
            return StackState(Snapshot(), open_secrets(None))
        _check_features(files.name, state.snapshot)
        check_integrity(files.name, state.snapshot)
        return state


def _leave_unread(provider: SecretsProvider | None) -> UnreadSecrets:  # noqa: ARG001 - any will do
    return _UNREAD


_UNREAD = UnreadSecrets()


def _no_stack(stack: str) -> MetaPrefectError:
    return MetaPrefectError(
        "MP4108",
        f"there is no stack {stack}",
        why="nothing has been brought up in it yet",
        fixes=(f"meta-prefect up --all -s {stack}",),
        exit_code=ExitCode.NOT_FOUND,
    )


def _check_features(stack: str, snapshot: Snapshot) -> None:
    """
    Refuse to write a state that needs more than this engine can do.

    Raises:
        MetaPrefectError: MP4103.
    """
    missing = {
        feature
        for feature in compute_features(snapshot)
        if feature not in KNOWN_FEATURES or feature in _NOT_BUILT
    }
    if missing:
        raise MetaPrefectError(
            "MP4103",
            f"the state of stack {stack} needs the Pulumi command line",
            why=f"it uses {', '.join(sorted(missing))}",
            fixes=(INSTALL_PULUMI,),
        )


def _read_export(document: Mapping[str, Any], secrets: PassphraseSecrets) -> Snapshot:
    deployment = document["deployment"]
    secrets.adopt(decode_secrets_provider(deployment.get("secrets_providers")))
    snapshot = decode_latest(conceal(deployment, secrets), lambda _: secrets)
    snapshot.secrets_provider = secrets.provider
    snapshot.features = tuple(document.get("features") or ())
    return snapshot


def _replace_checkpoint(files: StackFiles, snapshot: Snapshot, crypter: Crypter) -> None:
    check_unattended(files)
    text = encode_file(files.full_name, snapshot, crypter)
    if not files.journal.exists():  # else the copy was made before the fence
        files.keep_copy()
    files.write_checkpoint(files.encode(text))
    files.disk.remove(files.journal)


def build_stack_record(name: str, snapshot: Snapshot) -> StackRecord:
    """Show a stack to those who only look."""
    pending = [(item.resource.urn, item.type) for item in snapshot.pending_operations]
    return StackRecord(name, [_to_look_at(item) for item in snapshot.resources], pending)


def _to_look_at(state: ResourceState) -> ResourceRecord:
    needed = (urn for name, urn in iterate_references(state) if name not in ("provider", "parent"))
    return ResourceRecord(
        urn=state.urn,
        type=state.type,
        id=state.id,
        parent=state.parent,
        provider=state.provider,
        custom=state.custom,
        inputs=state.inputs,
        outputs=state.outputs,
        dependencies=tuple(dict.fromkeys(needed)),
        protect=bool(state.protect),
        external=state.external,
        retain_on_delete=bool(state.retain_on_delete),
        pending_delete=state.delete,
        created=state.created,
        modified=state.modified,
    )


def _build_history_record(record: Mapping[str, Any]) -> HistoryRecord:
    return HistoryRecord(
        kind=record.get("kind", ""),
        start_time=record.get("startTime", 0),
        end_time=record.get("endTime", 0),
        message=record.get("message", ""),
        result=record.get("result", ""),
        changes=record.get("resourceChanges") or {},
    )
