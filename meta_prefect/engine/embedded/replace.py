"""
Replacements: which resources go with one that is deleted before it is made anew.

Also used to find out what a targeted deletion takes along. Decides from the old state; asks
providers only whether a resource could live with unknown inputs.

Source: `calculateDependentReplacements` in `pkg/resource/deploy/step_generator.go` of Pulumi 3.260.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from meta_prefect.engine import urn as urns
from meta_prefect.engine.embedded.index import BaseIndex
from meta_prefect.engine.embedded.steps import Difference
from meta_prefect.engine.state.checkpoint import ResourceState
from meta_prefect.interfaces.values import UNKNOWN, PropertyMap

AskDiff = Callable[[ResourceState, PropertyMap], Awaitable[Difference]]
"""Compares a record with other inputs, under the record's own options."""
LoadProvider = Callable[[ResourceState], Awaitable[None]]
"""Makes the provider of a record ready, which will have to delete it."""


@dataclass(frozen=True, slots=True)
class Companion:
    """A resource that goes along, and the properties that make it."""

    state: ResourceState
    keys: tuple[str, ...] = ()


async def find_companions(
    root: ResourceState,
    urn: str,
    base: BaseIndex,
    settled: Collection[ResourceState],
    ask_diff: AskDiff,
    load_provider: LoadProvider,
) -> list[Companion]:
    """
    Give what must be replaced along with a resource; what is first deleted comes last.

    `urn` is the root's, as the program calls it now.
    """
    found: list[Companion] = []
    gone = {root.urn}
    for state in base.list_dependents((root.urn,)):
        if state in settled or not state.custom or state.external:
            continue
        if urns.split_reference(state.provider)[0] in gone:
            await load_provider(state)
        companion = await _judge(state, gone, ask_diff)
        if companion is not None:
            found.append(companion)
            gone.add(state.urn)
    return _add_joined(found, urn, base, settled)


def _add_joined(
    found: list[Companion], urn: str, base: BaseIndex, settled: Collection[ResourceState]
) -> list[Companion]:
    """Add what says itself that it goes with the resource, whatever its properties are."""
    joined = [
        Companion(state)
        for state in base.current.values()
        if state not in settled and urn in (*state.replace_with, state.deleted_with)
    ]
    taken = {companion.state for companion in joined}
    return [*(item for item in found if item.state not in taken), *joined]


async def _judge(
    state: ResourceState, gone: Collection[str], ask_diff: AskDiff
) -> Companion | None:
    if urns.split_reference(state.provider)[0] in gone or state.deleted_with in gone:
        return Companion(state)
    keys = _list_touched_keys(state, gone)
    if not keys:
        return None
    inputs = {key: UNKNOWN if key in keys else value for key, value in state.inputs.items()}
    difference = await ask_diff(state, inputs)
    return Companion(state, difference.keys) if difference.replace else None


def _list_touched_keys(state: ResourceState, gone: Collection[str]) -> set[str]:
    return {
        key
        for key, dependencies in state.property_dependencies.items()
        if key in state.inputs and any(urn in gone for urn in dependencies)
    }
