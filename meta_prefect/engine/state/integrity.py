"""
Integrity: what must hold of every snapshot, and how a broken one is mended.

Pure; whether a broken snapshot is refused or repaired, the caller decides.

Source: `pkg/resource/deploy/snapshot.go` of Pulumi 3.260 (`VerifyIntegrity`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from meta_prefect.engine import urn as urns
from meta_prefect.engine.state.checkpoint import (
    Manifest,
    ResourceState,
    Snapshot,
    amend,
    build_magic,
    iterate_references,
)


@dataclass(frozen=True, slots=True)
class Problem:
    """
    One broken rule.

    urn: of the record; empty when it is about the whole snapshot.
    rule: what does not hold, as half a sentence about the record.
    """

    urn: str
    rule: str

    def __str__(self) -> str:
        return f"{self.urn or 'the snapshot'}: {self.rule}"


def check_snapshot(snapshot: Snapshot) -> list[Problem]:
    """Find every broken rule, in file order."""
    return [*_check_manifest(snapshot.manifest), *_check_resources(snapshot.resources)]


def _check_manifest(manifest: Manifest | None) -> Iterator[Problem]:
    if manifest is not None and manifest.magic != build_magic(manifest.version):
        yield Problem("", "its manifest's magic number does not fit its version")


def _check_resources(resources: Sequence[ResourceState]) -> Iterator[Problem]:
    everywhere = {state.urn for state in resources}
    seen: set[str] = set()
    live: set[str] = set()
    references: set[str] = set()
    for state in resources:
        yield from _check_record(state)
        yield from _check_provider(state, references)
        yield from _check_references(state, seen, everywhere)
        if not state.delete and state.urn in live:
            yield Problem(state.urn, "it is there twice, and neither is to be deleted")
        seen.add(state.urn)
        if not state.delete:
            live.add(state.urn)
        if urns.is_provider_type(state.type):
            references.add(urns.join_reference(state.urn, state.id))


def _check_record(state: ResourceState) -> Iterator[Problem]:
    if not state.urn:
        yield Problem("", f"a record of type {state.type or '(none)'} has no URN")
    if not state.type:
        yield Problem(state.urn, "it has no type")
    if not state.custom and state.id:
        yield Problem(state.urn, "it is a component and has an id")


def _check_provider(state: ResourceState, references: Collection[str]) -> Iterator[Problem]:
    if state.provider and not state.pending_replacement and state.provider not in references:
        yield Problem(state.urn, f"its provider {state.provider} is not there before it")


def _check_references(
    state: ResourceState, seen: Collection[str], everywhere: Collection[str]
) -> Iterator[Problem]:
    for name, urn in iterate_references(state):
        if name != "provider" and urn not in seen:
            how = "comes after it" if urn in everywhere else "is not there"
            yield Problem(state.urn, f"its {name} {urn} {how}")


def repair(snapshot: Snapshot) -> Snapshot:
    """
    Mend what can be mended: put records in order, then drop references to what is not there.

    Records that hold no URN, and all but the last of several live ones with one URN, go too.
    """
    kept = _drop_doubles([state for state in snapshot.resources if state.urn and state.type])
    resources = drop_dangling(put_in_order(kept))
    manifest = snapshot.manifest
    if manifest is not None:
        manifest = replace(manifest, magic=build_magic(manifest.version))
    return replace(snapshot, resources=resources, manifest=manifest)


def _drop_doubles(resources: Sequence[ResourceState]) -> list[ResourceState]:
    last = {state.urn: state for state in resources if not state.delete}
    return [state for state in resources if state.delete or last[state.urn] is state]


def _iterate_needs(state: ResourceState) -> Iterator[str]:
    """Give what must stand earlier: URNs, and for a provider its reference."""
    for name, urn in iterate_references(state):
        yield state.provider if name == "provider" else urn


def _name(state: ResourceState) -> tuple[str, ...]:
    """Give the texts by which others may need a record."""
    if urns.is_provider_type(state.type):
        return state.urn, urns.join_reference(state.urn, state.id)
    return (state.urn,)


def put_in_order(resources: list[ResourceState]) -> list[ResourceState]:
    """Put what is needed before what needs it, and otherwise keep the order; cycles stay."""
    by_name: dict[str, ResourceState] = {}
    for state in sorted(resources, key=lambda state: not state.delete):
        by_name.update(dict.fromkeys(_name(state), state))
    seen: set[ResourceState] = set()
    for state in resources:
        needed = (by_name.get(name) for name in _iterate_needs(state))
        if any(other is not None and other not in seen for other in needed):
            return _sort(resources, by_name)
        seen.add(state)
    return resources


def _sort(
    resources: Sequence[ResourceState], by_name: Mapping[str, ResourceState]
) -> list[ResourceState]:
    placed: dict[ResourceState, None] = {}
    for state in resources:
        _place(state, by_name, placed)
    return list(placed)


def _place(
    root: ResourceState,
    by_name: Mapping[str, ResourceState],
    placed: dict[ResourceState, None],
) -> None:
    """Place a record after all that it needs; not recursive, as chains may be long."""
    entered: set[ResourceState] = set()
    waiting = [root]
    while waiting:
        state = waiting[-1]
        if state in placed or state in entered:
            placed.setdefault(waiting.pop())
            continue
        entered.add(state)
        needed = [by_name[name] for name in _iterate_needs(state) if name in by_name]
        waiting.extend(other for other in reversed(needed) if other not in entered)


def drop_dangling(resources: Sequence[ResourceState]) -> list[ResourceState]:
    """
    Drop references to what does not stand earlier; a record without any stays the same object.

    An orphan gets the nearest ancestor that is there; a missing provider is only left out.
    """
    parents = {state.urn: state.parent for state in resources}
    seen: set[str] = set()
    kept = []
    for state in resources:
        is_whole = seen.issuperset(_iterate_needs(state))
        kept.append(state if is_whole else _without(state, seen, parents))
        seen.update(_name(state))
    return kept


def _without(
    state: ResourceState, seen: Collection[str], parents: Mapping[str, str]
) -> ResourceState:
    return amend(
        state,
        parent=_find_ancestor(state.parent, seen, parents),
        provider=state.provider if state.pending_replacement or state.provider in seen else "",
        dependencies=_only(state.dependencies, seen),
        property_dependencies={
            key: _only(found, seen) for key, found in state.property_dependencies.items()
        },
        deleted_with=state.deleted_with if state.deleted_with in seen else "",
        replace_with=_only(state.replace_with, seen),
    )


def _only(found: Sequence[str], seen: Collection[str]) -> tuple[str, ...]:
    return tuple(urn for urn in found if urn in seen)


def _find_ancestor(urn: str, seen: Collection[str], parents: Mapping[str, str]) -> str:
    passed = set()
    while urn and urn not in seen and urn not in passed:
        passed.add(urn)
        urn = parents.get(urn, "")
    return urn if urn in seen else ""
