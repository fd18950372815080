"""
Edits of stored state by hand: what is done to a stack without a program and without an engine.

Every edit takes the stack's lock and is one write, with the old file beside it as `.bak`. Nothing
in the world is touched. Not to be confused with `operations`, which change the world.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol

from meta_prefect.engine.state.checkpoint import ResourceState, Snapshot, iterate_references
from meta_prefect.engine.state.lock import LockHolder
from meta_prefect.engine.urn import UrnParts, parse_urn
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.interfaces.engine import StackRecord
from meta_prefect.project.graph import build_unknown, find_name


class StateWriter(Protocol):
    """Stored state with its writing half, as far as edits by hand need it."""

    def read_stack(self, name: str) -> StackRecord | None: ...

    def edit_stack(
        self, stack: str, change: Callable[[Snapshot], Snapshot], *, check: bool = True
    ) -> None: ...

    def repair_stack(self, stack: str) -> None: ...

    def export_stack(self, stack: str, *, show_secrets: bool = False) -> dict[str, Any]: ...

    def import_stack(
        self, stack: str, document: Mapping[str, Any], *, check: bool = True
    ) -> None: ...

    def list_lock_holders(self, stack: str) -> list[LockHolder]: ...

    def unlock(self, stack: str) -> list[LockHolder]: ...

    def remove_stack(self, stack: str, *, force: bool = False) -> None: ...


class StateEdits:
    """What can be done to the state of one stack by hand."""

    def __init__(self, writer: StateWriter, project: str, stack: str) -> None:
        """Keep the writer; looks at nothing yet."""
        self._writer = writer
        self._project = project
        self._stack = stack

    def read(self) -> StackRecord:
        """
        Give all records, those of operations that are still pending apart.

        Raises:
            MetaPrefectError: there is no such stack.
        """
        stack = self._writer.read_stack(self._stack)
        if stack is None:
            raise MetaPrefectError(
                "MP4108",
                f"there is no stack {self._stack}",
                why="nothing has been brought up in it yet",
                fixes=(f"meta-prefect up --all -s {self._stack}",),
                exit_code=ExitCode.NOT_FOUND,
            )
        return stack

    def list_lock_holders(self) -> list[LockHolder]:
        """List who holds the stack's lock, the dead included."""
        return self._writer.list_lock_holders(self._stack)

    def unlock(self) -> list[LockHolder]:
        """Take the lock away from everybody, and say whose it was."""
        return self._writer.unlock(self._stack)

    def forget_stack(self) -> None:
        """
        Take the stack away with its history, once nothing is left in it.

        Raises:
            MetaPrefectError: it has resources, is locked, or is not there.
        """
        self._writer.remove_stack(self._stack)

    def repair(self) -> None:
        """Put records in order, drop references to what is not there."""
        self._writer.repair_stack(self._stack)

    def export(self, *, show_secrets: bool = False) -> dict[str, Any]:
        """Give the state as the Pulumi command line exports it, secrets encrypted or in clear."""
        return self._writer.export_stack(self._stack, show_secrets=show_secrets)

    def import_document(self, document: Mapping[str, Any], *, force: bool = False) -> None:
        """
        Put an exported state in the place of the stack's; `force` skips all checks.

        Raises:
            MetaPrefectError: it is no exported state, of another stack, or not consistent.
        """
        if not force:
            self._check_origin(document)
        self._writer.import_stack(self._stack, document, check=not force)

    def forget(
        self, resource: str, *, with_dependents: bool = False, force: bool = False
    ) -> tuple[str, ...]:
        """
        Drop a resource from state; where an operation on it is pending, that operation only.

        resource: as printed in the tree, or a URN. with_dependents: what depends on it goes too.
        force: also what is protected. Gives the URNs that went.

        Raises:
            MetaPrefectError: there is none of that name, others depend on it, or it is protected.
        """
        gone: list[str] = []

        def change(snapshot: Snapshot) -> Snapshot:
            urn = _find_urn(snapshot, resource)
            pending = snapshot.pending_operations
            rest = [item for item in pending if item.resource.urn != urn]
            if len(rest) < len(pending):  # a record under this URN is what was to be replaced
                gone.append(urn)
                return replace(snapshot, pending_operations=rest)
            gone.extend(_choose(snapshot, urn, with_dependents=with_dependents, force=force))
            kept = [item for item in snapshot.resources if item.urn not in gone]
            return replace(snapshot, resources=kept)

        self._writer.edit_stack(self._stack, change)
        return tuple(gone)

    def _check_origin(self, document: Mapping[str, Any]) -> None:
        for parts in _list_origins(document):
            if (parts.project, parts.stack) != (self._project, self._stack):
                raise MetaPrefectError(
                    "MP4118",
                    f"this is the state of stack {parts.stack} of project {parts.project}",
                    why=f"it would become that of stack {self._stack} of {self._project}",
                    fixes=(f"meta-prefect state import ... -s {parts.stack}",),
                    exit_code=ExitCode.USAGE,
                )


def _list_origins(document: object) -> Iterator[UrnParts]:
    """Take the URNs of an exported state apart; what is none is refused elsewhere."""
    match document:
        case {"deployment": {"resources": [*records]}}:
            for record in records:
                with suppress(ValueError, KeyError, TypeError):
                    yield parse_urn(record["urn"])


def _find_urn(snapshot: Snapshot, resource: str) -> str:
    pending = [item.resource for item in snapshot.pending_operations]
    known = dict.fromkeys(item.urn for item in (*snapshot.resources, *pending))
    chosen = [urn for urn in known if resource in (urn, find_name(urn))]
    if not chosen:
        raise build_unknown(resource, "the state", known, "meta-prefect show")
    if len(chosen) > 1:
        raise _ambiguous(resource, chosen)
    return chosen[0]


def _choose(snapshot: Snapshot, urn: str, *, with_dependents: bool, force: bool) -> list[str]:
    name = find_name(urn)
    dependents = _list_dependents(snapshot.resources, [urn])
    if dependents and not with_dependents:
        raise MetaPrefectError(
            "MP4113",
            f"{name} is needed by what is in the state",
            why="\n".join(find_name(urn) for urn in dependents),
            fixes=(f"meta-prefect state forget {name} --with-dependents",),
            exit_code=ExitCode.USAGE,
        )
    going = [urn, *dependents]
    protected = [item.urn for item in snapshot.resources if item.urn in going and item.protect]
    if protected and not force:
        raise MetaPrefectError(
            "MP4114",
            f"{find_name(protected[0])} is protected",
            fixes=(f"meta-prefect state forget {name} --force",),
            exit_code=ExitCode.USAGE,
        )
    return going


def _list_dependents(resources: Iterable[ResourceState], urns: Collection[str]) -> list[str]:
    """Give what needs one of these, directly or not; records stand behind what they need."""
    found: dict[str, None] = {}
    for item in resources:
        needs = {urn for _, urn in iterate_references(item)}
        if item.urn not in urns and needs & {*urns, *found}:
            found[item.urn] = None
    return list(found)


def _ambiguous(resource: str, urns: Sequence[str]) -> MetaPrefectError:
    return MetaPrefectError(
        "MP4117",
        f"several resources are called {resource}",
        why="\n".join(urns),
        fixes=(f"meta-prefect state forget {urns[0]!r}",),
        exit_code=ExitCode.USAGE,
    )
