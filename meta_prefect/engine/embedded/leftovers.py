"""
Leftovers: what is in state and not (any more) in the program.

Makes the deletions and puts them in layers: a layer is done when everything in it is, and nothing
in a layer is needed by a later one. Pure.

Source: `GenerateDeletes` and `ScheduleDeletes` in `pkg/resource/deploy/step_generator.go` of
Pulumi 3.260.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from meta_prefect.engine.embedded.index import list_dependencies
from meta_prefect.engine.embedded.steps import Step
from meta_prefect.engine.state.checkpoint import ResourceState
from meta_prefect.interfaces.events import Op


def build_deletion(state: ResourceState, *, replaced: bool, gone: Collection[str]) -> Step:
    """
    Say how a record leaves the state.

    replaced: a newer record of the same URN takes its place.
    gone: URNs of everything that is deleted in this operation.
    """
    if state.pending_replacement and not replaced:
        return Step(Op.REMOVE_PENDING_REPLACE, state.urn, state, None)
    if state.external:
        op = Op.DISCARD_REPLACED if replaced else Op.DISCARD
        return Step(op, state.urn, state, None)
    return Step(
        Op.DELETE_REPLACED if replaced else Op.DELETE,
        state.urn,
        state,
        None,
        protected=bool(state.protect) and not replaced,
        kept_in_world=bool(state.retain_on_delete) or state.deleted_with in gone,
    )


def sort_into_layers(states: Sequence[ResourceState]) -> list[list[ResourceState]]:
    """
    Put condemned records, given in file order, in layers; the first layer goes first.

    What depends on a component depends on its descendants that come earlier in the file.
    """
    levels: dict[ResourceState, int] = {}
    own: dict[str, int] = {}
    subtree: dict[str, int] = {}
    parents = {state.urn: state.parent for state in states}
    for state in states:
        needed = [subtree.get(urn, -1) for urn in list_dependencies(state)]
        level = 1 + max((*needed, own.get(state.parent, -1)), default=-1)
        levels[state] = level
        own[state.urn] = max(level, own.get(state.urn, -1))
        for urn in (state.urn, *_list_ancestors(state.parent, parents)):
            subtree[urn] = max(level, subtree.get(urn, -1))
    layers: list[list[ResourceState]] = [[] for _ in range(max(levels.values(), default=-1) + 1)]
    for state in states:
        layers[levels[state]].append(state)
    return layers[::-1]


def _list_ancestors(urn: str, parents: Mapping[str, str]) -> Iterator[str]:
    while urn:
        yield urn
        urn = parents.get(urn, "")


def list_needed(failed: Iterable[ResourceState], states: Sequence[ResourceState]) -> set[str]:
    """
    Give the URNs that must stay because a deletion failed, directly or not.

    `states` are all condemned records in file order.
    """
    kept = {state.urn for state in failed}
    for state in reversed(states):
        if state.urn in kept:
            kept.update(list_dependencies(state))
            kept.add(state.parent)
    return kept
