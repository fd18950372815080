"""
Pending operations: what earlier operations began and nobody knows the end of.

All but creates are harmless: the record is there, and the step is simply decided again. A create
may have made an object whose id nobody knows; the provider is asked for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from meta_prefect.engine.embedded.executor import hide_secret_outputs
from meta_prefect.engine.embedded.providers import Registry
from meta_prefect.engine.embedded.reports import Reporter
from meta_prefect.engine.embedded.snapshots import Recorder
from meta_prefect.engine.state.checkpoint import PendingOperation, ResourceState, build_timestamp
from meta_prefect.interfaces.diagnostics import MetaPrefectError, Severity
from meta_prefect.interfaces.provider import ProviderError, ReadResponse


@dataclass(frozen=True, slots=True)
class Settled:
    """
    What became of the pending operations.

    adopted: records of objects that a lost create had made.
    blocked: URNs that must not be created, because nobody can say whether they were.
    """

    adopted: tuple[ResourceState, ...] = ()
    blocked: frozenset[str] = frozenset()


async def settle_pending(
    pending: Sequence[PendingOperation],
    registry: Registry,
    recorder: Recorder,
    reporter: Reporter,
) -> Settled:
    """Find out about every pending operation, and store what is found."""
    adopted, blocked = [], set()
    for operation in pending:
        state = operation.resource
        if operation.type != "creating":
            continue
        found = await _find_created(state, registry)
        if found is None:
            blocked.add(state.urn)
            reporter.say(Severity.WARNING, state.urn, _UNKNOWN_CREATE)
            continue
        await recorder.settle(state.urn)
        if found.id:
            reporter.say(Severity.INFO, state.urn, f"found {found.id}, made by a lost create")
            adopted.append(_adopt(state, found))
    return Settled(tuple(adopted), frozenset(blocked))


_UNKNOWN_CREATE = (
    "an earlier operation was interrupted while it created this, and the provider cannot say "
    "whether it is there: look, then use `state forget` or import it"
)


async def _find_created(state: ResourceState, registry: Registry) -> ReadResponse | None:
    try:
        provider = await registry.find(state.provider)
        find = getattr(provider, "find_created", None)
        return None if find is None else await find(state.urn, state.inputs)
    except (ProviderError, MetaPrefectError):
        return None


def _adopt(state: ResourceState, found: ReadResponse) -> ResourceState:
    now = build_timestamp()
    adopted = replace(state, id=found.id, outputs=found.properties, created=now, modified=now)
    hide_secret_outputs(adopted)
    return adopted
