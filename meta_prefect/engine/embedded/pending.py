"""
Pending operations: what earlier operations began and nobody knows the end of.

They are looked into before anything else is done. A create may have made an object whose id nobody
knows, a deletion may have taken one away: the provider is asked. An update is done again. What a
read or an import left is nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from meta_prefect.engine.embedded.executor import hide_secret_outputs
from meta_prefect.engine.embedded.providers import Registry
from meta_prefect.engine.embedded.reports import Reporter
from meta_prefect.engine.embedded.snapshots import Recorder
from meta_prefect.engine.state.checkpoint import (
    PendingOperation,
    ResourceState,
    amend,
    build_timestamp,
)
from meta_prefect.engine.state.integrity import put_in_order
from meta_prefect.engine.urn import is_provider_type
from meta_prefect.interfaces.diagnostics import MetaPrefectError, Severity
from meta_prefect.interfaces.provider import ProviderError, ReadRequest, ReadResponse

_UNKNOWN_CREATE: Final = (
    "an earlier operation was interrupted while it created this, and the provider cannot say "
    "whether it is there: look, then use `state forget` or import it"
)
_INTERRUPTED: Final = "an update of it was interrupted"


@dataclass(frozen=True, slots=True)
class Settled:
    """
    What became of the pending operations.

    resources: the base as it is now known to be.
    blocked: URNs that must not be created, because nobody can say whether they were.
    """

    resources: Sequence[ResourceState]
    blocked: frozenset[str] = frozenset()


async def settle_pending(
    pending: Sequence[PendingOperation],
    resources: Sequence[ResourceState],
    registry: Registry,
    recorder: Recorder,
    reporter: Reporter,
) -> Settled:
    """Find out about every pending operation, and store what is found."""
    settling = _Settling(resources, registry, reporter)
    for operation in pending:
        await settling.settle(operation)
    found = settling.list_resources()
    if found is not resources:
        found = await recorder.rebase(found)
    for urn in settling.settled:  # not before the records are durable: a kill loses nothing
        await recorder.settle(urn)
    return Settled(found, frozenset(settling.blocked))


class _Settling:
    """
    Collects what is found.

    settled: URNs of creates whose outcome is known now.
    """

    def __init__(
        self, resources: Sequence[ResourceState], registry: Registry, reporter: Reporter
    ) -> None:
        self._resources = resources
        self._registry = registry
        self._reporter = reporter
        self._adopted: list[ResourceState] = []
        self._changed: dict[ResourceState, ResourceState | None] = {}
        self.settled: list[str] = []
        self.blocked: set[str] = set()

    async def settle(self, operation: PendingOperation) -> None:
        state = operation.resource
        match operation.type:
            case "creating":
                await self._settle_create(state)
            case "updating":
                self._settle_update(state)
            case "deleting":
                await self._settle_delete(state)

    async def _settle_create(self, state: ResourceState) -> None:
        found = await self._find_created(state)
        if found is None:
            self.blocked.add(state.urn)
            self._reporter.say(Severity.WARNING, state.urn, _UNKNOWN_CREATE)
            return
        self.settled.append(state.urn)
        # What has a record already is what was to be replaced: the new one was not made.
        if found.id and not self._is_recorded(state, found.id):
            text = f"found {found.id}, made by a lost create"
            self._reporter.say(Severity.INFO, state.urn, text)
            self._adopted.append(_build_record(state, found))

    def _settle_update(self, state: ResourceState) -> None:
        """Have it updated again, whatever the program says by then: what it is now is unknown."""
        old = self._find_record(state)
        if old is not None and _INTERRUPTED not in old.init_errors:
            self._changed[old] = amend(old, init_errors=(*old.init_errors, _INTERRUPTED))

    async def _settle_delete(self, state: ResourceState) -> None:
        old = self._find_record(state)
        if old is not None and await self._is_gone(old):
            self._reporter.say(Severity.INFO, old.urn, f"{old.id} is gone, by a lost deletion")
            self._changed[old] = None

    def _is_recorded(self, state: ResourceState, id: str) -> bool:
        return any(item.id == id and item.type == state.type for item in self._resources)

    def _find_record(self, state: ResourceState) -> ResourceState | None:
        """Find the record of an object; one that is to be deleted anyway is left to that."""
        if not _is_in_world(state):
            return None
        return next(
            (
                item
                for item in self._resources
                if (item.urn, item.id) == (state.urn, state.id) and not item.delete
            ),
            None,
        )

    async def _find_created(self, state: ResourceState) -> ReadResponse | None:
        if not _is_in_world(state):
            return ReadResponse("")
        try:
            provider = await self._registry.find(state.provider)
            find = getattr(provider, "find_created", None)
            return None if find is None else await find(state.urn, state.inputs)
        except (ProviderError, MetaPrefectError):
            return None

    async def _is_gone(self, state: ResourceState) -> bool:
        """Ask whether an object is there; one whose provider cannot say may be."""
        request = ReadRequest(state.id, state.urn, state.inputs, state.outputs)
        try:
            provider = await self._registry.find(state.provider)
            return not (await provider.read(request)).id
        except (ProviderError, MetaPrefectError):
            return False

    def list_resources(self) -> Sequence[ResourceState]:
        """Give the base with what was found; the same object when that changes nothing."""
        if not self._adopted and not self._changed:
            return self._resources
        return _adopt(self._adopted, _change(self._resources, self._changed))


def _is_in_world(state: ResourceState) -> bool:
    """Whether a record stands for an object: components and providers are in state only."""
    return state.custom and not is_provider_type(state.type)


def _build_record(state: ResourceState, found: ReadResponse) -> ResourceState:
    now = build_timestamp()
    adopted = replace(state, id=found.id, outputs=found.properties, created=now, modified=now)
    hide_secret_outputs(adopted)
    return adopted


def _change(
    resources: Sequence[ResourceState], changes: Mapping[ResourceState, ResourceState | None]
) -> list[ResourceState]:
    changed = (changes.get(state, state) for state in resources)
    return [state for state in changed if state is not None]


def _adopt(
    adopted: Sequence[ResourceState], resources: Sequence[ResourceState]
) -> list[ResourceState]:
    """Add records to a base; those that they replace are still to be deleted, or gone already."""
    urns = {state.urn for state in adopted}
    kept = [
        amend(state, delete=True) if state.urn in urns and not state.delete else state
        for state in resources
        if state.urn not in urns or not state.pending_replacement
    ]
    return put_in_order([*kept, *adopted])
