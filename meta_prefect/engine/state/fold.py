"""
The fold: a base snapshot and what happened since, made into one snapshot.

Pure, and the only place that says what entries mean; a running session and the recovery of a
killed one both use it.

Source: `pkg/engine/journal_snapshot.go` and `pkg/resource/deploy/snapshot.go` of Pulumi 3.260.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from meta_prefect.engine import urn as urns
from meta_prefect.engine.state.checkpoint import (
    Manifest,
    PendingOperation,
    ResourceState,
    SecretsProvider,
    Snapshot,
    amend,
)
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
from meta_prefect.engine.state.integrity import put_in_order

_SURVIVES: Final = "creating"


def fold(base: Snapshot, entries: Iterable[Entry], manifest: Manifest) -> Snapshot:
    """
    Apply entries, in order, to a base.

    The result holds the finished records in finishing order, then the records of the base that
    nothing consumed, in their old order; where that puts a record before one it needs, the needed
    one moves up. Begins without an end are its pending operations. Of pending operations in the
    base only creates stay: what the others left is seen in its record.
    """
    ledger = _Ledger(base.resources, base.secrets_provider)
    for entry in entries:
        ledger.add(entry)
    resources = put_in_order(rewrite_aliases(list(ledger.iterate_resources())))
    return replace(
        base,
        manifest=manifest,
        secrets_provider=ledger.secrets_provider,
        resources=resources,
        pending_operations=[
            *ledger.find_unsettled(base.pending_operations),
            *(PendingOperation(begin.state, begin.kind) for begin in ledger.open.values()),
        ],
    )


def has_stale_operations(base: Snapshot) -> bool:
    """Say whether a snapshot lists pending operations that the next fold drops."""
    return any(operation.type != _SURVIVES for operation in base.pending_operations)


@dataclass(slots=True)
class _Ledger:
    """
    Where the fold stands.

    finished: what to write, by the record that finished.
    """

    base: Sequence[ResourceState]
    secrets_provider: SecretsProvider | None
    finished: dict[ResourceState, ResourceState] = field(default_factory=dict)
    consumed: set[ResourceState] = field(default_factory=set)
    marks: dict[ResourceState, Mark] = field(default_factory=dict)
    open: dict[int, Begin] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)

    def add(self, entry: Entry) -> None:
        match entry:
            case Begin(number):
                self.open[number] = entry
            case Success():
                self._succeed(entry)
            case Failure(number):
                self.open.pop(number, None)
            case Outputs(target, state):
                self.finished[target] = state
            case Rebase(resources):
                self.base = resources
                self.finished, self.consumed, self.marks = {}, set(), {}
            case Settle(urn):
                self.settled.add(urn)
            case SecretsMade(provider):
                self.secrets_provider = provider

    def _succeed(self, step: Success) -> None:
        if step.number is not None:
            self.open.pop(step.number, None)
        if step.old is not None:
            self._replace(step.old, step.mark)
        if step.new is not None:
            self.finished[step.new] = step.new
            self.settled.add(step.new.urn)

    def _replace(self, old: ResourceState, mark: Mark) -> None:
        if mark is not Mark.CONSUME:
            self.marks[old] = mark
        elif self.finished.pop(old, None) is None:
            self.consumed.add(old)

    def iterate_resources(self) -> Iterator[ResourceState]:
        """Give the records in their order, with the marks they got."""
        for target, state in self.finished.items():
            yield self._marked(target, state)
        for state in self.base:
            if state not in self.consumed:
                yield self._marked(state, state)

    def _marked(self, target: ResourceState, state: ResourceState) -> ResourceState:
        match self.marks.get(target):
            case Mark.DELETE:
                return amend(state, delete=True)
            case Mark.PENDING_REPLACEMENT:
                return amend(state, pending_replacement=True)
        return state

    def find_unsettled(self, pending: Iterable[PendingOperation]) -> Iterator[PendingOperation]:
        """Give earlier pending operations of which still nobody knows what came of them."""
        for operation in pending:
            if operation.type == _SURVIVES and operation.resource.urn not in self.settled:
                yield operation


def rewrite_aliases(resources: list[ResourceState]) -> list[ResourceState]:
    """
    Let every reference to an alias say the new URN, and empty the aliases.

    A record under a renamed parent gets the URN that this gives it; records that refer to nothing
    renamed stay the same objects.
    """
    renamed = {old: state.urn for state in resources for old in state.aliases}
    if not renamed:
        return resources
    rewritten = []
    for state in resources:
        moved = _move_below(state, renamed)
        if moved is not state:
            renamed[state.urn] = moved.urn
        rewritten.append(_rename_references(moved, renamed))
    return rewritten


def _move_below(state: ResourceState, renamed: dict[str, str]) -> ResourceState:
    parent = renamed.get(state.parent)
    if parent is None:
        return state
    parts = urns.parse_urn(state.urn)
    urn = urns.build_child_urn(parts.stack, parts.project, parent, state.type, parts.name)
    return state if urn == state.urn else amend(state, urn=urn)


def _rename_references(state: ResourceState, renamed: dict[str, str]) -> ResourceState:
    provider, id = urns.split_reference(state.provider)
    changes: dict[str, object] = {
        "aliases": (),
        "parent": renamed.get(state.parent, state.parent),
        "provider": urns.join_reference(renamed[provider], id)
        if provider in renamed
        else state.provider,
        "dependencies": _rename_all(state.dependencies, renamed),
        "property_dependencies": {
            key: _rename_all(found, renamed) for key, found in state.property_dependencies.items()
        },
        "deleted_with": renamed.get(state.deleted_with, state.deleted_with),
        "replace_with": _rename_all(state.replace_with, renamed),
    }
    if all(_same(getattr(state, name), value) for name, value in changes.items()):
        return state
    return amend(state, **changes)


def _same(old: object, new: object) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return {key: tuple(found) for key, found in old.items()} == new
    return tuple(old) == new if isinstance(old, list) else old == new


def _rename_all(found: Sequence[str], renamed: dict[str, str]) -> tuple[str, ...]:
    return tuple(renamed.get(urn, urn) for urn in found)
