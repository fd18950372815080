"""
Refresh: looks at what is in state, in the world, before anything else is done.

Reads every record in scope side by side and makes a new base from the answers; what the program
then wants is the generator's business. A provider that foresees reads is told of all of its own
before the first one. Not to be confused with the resources that a program reads.

Source: `RefreshStep` in `pkg/resource/deploy/step.go` and `rebuildBaseState` of Pulumi 3.260.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace

from meta_prefect.engine import urn as urns
from meta_prefect.engine.diff import is_same
from meta_prefect.engine.embedded.differences import read_answer
from meta_prefect.engine.embedded.executor import hide_secret_outputs
from meta_prefect.engine.embedded.index import list_dependencies
from meta_prefect.engine.embedded.providers import Registry
from meta_prefect.engine.embedded.reports import Reporter, diagnose
from meta_prefect.engine.embedded.sending import drop_contents
from meta_prefect.engine.embedded.steps import UNCHANGED, Difference, Step
from meta_prefect.engine.embedded.targets import Targets
from meta_prefect.engine.state.checkpoint import ResourceState, iterate_references
from meta_prefect.interfaces.diagnostics import MetaPrefectError, Severity
from meta_prefect.interfaces.events import DiffKind, Op, PropertyDiff
from meta_prefect.interfaces.provider import (
    DiffRequest,
    ForeseesReads,
    PartlyDone,
    ProviderError,
    ReadRequest,
    ReadResponse,
)


@dataclass(frozen=True, slots=True)
class _Found:
    """
    What a record turned out to be.

    new: None when the object is gone.
    """

    new: ResourceState | None
    op: Op
    difference: Difference = UNCHANGED


class RefreshPass:
    """Reads a base anew."""

    def __init__(
        self,
        registry: Registry,
        targets: Targets,
        reporter: Reporter,
        *,
        parallel: int,
        counts: bool,
    ) -> None:
        """`counts`: the refresh is the operation itself, and its results are what it did."""
        self._registry = registry
        self._targets = targets
        self._reporter = reporter
        self._slots = asyncio.Semaphore(parallel)
        self._counts = counts
        self.stopped = False

    async def run(self, resources: Sequence[ResourceState]) -> list[ResourceState]:
        """Give the new base; records that could not be read stay as they are."""
        selected = [
            state
            for state in resources
            if self._targets.admit_stored(
                state.urn, [urn for field, urn in iterate_references(state) if field != "provider"]
            )
        ]
        with ExitStack() as foreseen:
            await self._announce(selected, foreseen)
            found = await asyncio.gather(*map(self._refresh, selected))
        news = dict(zip(selected, found, strict=True))
        kept = (news.get(state, state) for state in resources)
        return rebuild([state for state in kept if state is not None])

    async def _announce(self, states: Sequence[ResourceState], foreseen: ExitStack) -> None:
        """Tell each provider what it will be asked for, if it wants to know."""
        reads: defaultdict[str, list[ReadRequest]] = defaultdict(list)
        for state in filter(_is_looked_at, states):
            reads[state.provider].append(_build_request(state))
        for reference, requests in reads.items():
            # A provider that cannot be had is told of by each read.
            with suppress(ProviderError, MetaPrefectError):
                provider = await self._registry.find(reference)
                if isinstance(provider, ForeseesReads):
                    foreseen.enter_context(provider.foresee_reads(requests))

    async def _refresh(self, state: ResourceState) -> ResourceState | None:
        async with self._slots:
            if self.stopped:
                return state
            step = Step(Op.REFRESH, state.urn, state, state)
            self._reporter.begin(step)
            try:
                found = await self._look(state)
            except (ProviderError, MetaPrefectError) as error:
                self._reporter.complain(diagnose(state.urn, error))
                self._reporter.fail(step)
                return state
            self._report(state, found)
            return found.new

    def _report(self, state: ResourceState, found: _Found) -> None:
        step = Step(Op.REFRESH, state.urn, state, found.new, found.difference)
        if self._counts:
            self._reporter.count(step, found.op)
        self._reporter.finish(step, found.op if self._counts else Op.REFRESH)

    async def _look(self, state: ResourceState) -> _Found:
        provider = await self._registry.find(state.provider) if state.provider else None
        if provider is None or not _is_looked_at(state):
            return _Found(state, Op.SAME)
        errors: tuple[str, ...] = ()
        try:
            response = await provider.read(_build_request(state))
        except PartlyDone as error:
            errors = error.reasons
            response = ReadResponse(error.id, error.properties, error.inputs)
            self._reporter.say(Severity.WARNING, state.urn, "; ".join(errors))
        if not response.id:
            return _Found(None, Op.DELETE)
        new = _build_refreshed(state, response, errors)
        difference = await self._compare(state, new)
        return _Found(new, Op.UPDATE if difference.changed else Op.SAME, difference)

    async def _compare(self, old: ResourceState, new: ResourceState) -> Difference:
        if old.external:
            return UNCHANGED if is_same(old.outputs, new.outputs) else Difference(changed=True)
        provider = await self._registry.find(old.provider)
        request = DiffRequest(
            new.id,
            old.urn,
            drop_contents(new.inputs),
            drop_contents(new.outputs),
            drop_contents(old.inputs),
            tuple(old.ignore_changes),
        )
        return invert(read_answer(await provider.diff(request), new.inputs, old.inputs))


def _is_looked_at(state: ResourceState) -> bool:
    """Say whether a record stands for an object in the world."""
    is_object = state.custom and not urns.is_provider_type(state.type)
    return is_object and not state.pending_replacement and bool(state.id)


def _build_request(state: ResourceState) -> ReadRequest:
    inputs, outputs = drop_contents(state.inputs), drop_contents(state.outputs)
    return ReadRequest(state.id, state.urn, inputs, outputs)


def _build_refreshed(
    old: ResourceState, response: ReadResponse, errors: tuple[str, ...]
) -> ResourceState:
    inputs = old.inputs if response.inputs is None else response.inputs
    new = replace(
        old, id=response.id, inputs=inputs, outputs=response.properties, init_errors=errors
    )
    hide_secret_outputs(new)
    unchanged = (
        new.id == old.id
        and is_same(new.inputs, old.inputs)
        and is_same(new.outputs, old.outputs)
        and tuple(old.init_errors) == errors
    )
    return old if unchanged else new


_INVERSE = {
    DiffKind.ADD: DiffKind.DELETE,
    DiffKind.ADD_REPLACE: DiffKind.DELETE_REPLACE,
    DiffKind.DELETE: DiffKind.ADD,
    DiffKind.DELETE_REPLACE: DiffKind.ADD_REPLACE,
}


def invert(difference: Difference) -> Difference:
    """Turn the way back, which a provider was asked for, into the way that things have gone."""
    detailed = {
        path: PropertyDiff(_INVERSE.get(item.kind, item.kind), item.input_diff)
        for path, item in difference.detailed_diff.items()
    }
    return Difference(difference.changed, diffs=difference.diffs, detailed_diff=detailed)


def rebuild(resources: Sequence[ResourceState]) -> list[ResourceState]:
    """Drop references to what is not earlier in the list; orphans have no parent."""
    seen: set[str] = set()
    rebuilt = []
    for state in resources:
        rebuilt.append(_drop_references(state, seen))
        seen.add(state.urn)
    return rebuilt


def _drop_references(state: ResourceState, seen: Collection[str]) -> ResourceState:
    needed = {*list_dependencies(state), state.parent} - {""}
    needed.discard(urns.split_reference(state.provider)[0])
    if all(urn in seen for urn in needed):
        return state
    return replace(
        state,
        parent=state.parent if state.parent in seen else "",
        dependencies=[urn for urn in state.dependencies if urn in seen],
        property_dependencies={
            key: [urn for urn in dependencies if urn in seen]
            for key, dependencies in state.property_dependencies.items()
        },
        deleted_with=state.deleted_with if state.deleted_with in seen else "",
        replace_with=[urn for urn in state.replace_with if urn in seen],
    )
