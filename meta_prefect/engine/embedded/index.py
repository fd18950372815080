"""
The base of an operation, indexed: what was in state when it began.

Reading is linear and happens once; the reverse indices are made on first use. Looks only; what
becomes of a record is told to `snapshots`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

from meta_prefect.engine import urn as urns
from meta_prefect.engine.state.checkpoint import ResourceState, iterate_references


class BaseIndex:
    """Old records by URN, by who needs them, and by provider reference; all in file order."""

    def __init__(self, resources: Sequence[ResourceState]) -> None:
        """Index records in file order."""
        self.resources = resources
        self.current = {state.urn: state for state in resources if not state.delete}
        self._positions = {state: number for number, state in enumerate(resources)}

    @cached_property
    def providers(self) -> dict[str, ResourceState]:
        """Providers by reference, those to be deleted included."""
        return {
            urns.join_reference(state.urn, state.id): state
            for state in self.resources
            if urns.is_provider_type(state.type)
        }

    @cached_property
    def children(self) -> dict[str, list[ResourceState]]:
        """Records by their parent's URN, without those to be deleted."""
        found: dict[str, list[ResourceState]] = {}
        for state in self.current.values():
            if state.parent:
                found.setdefault(state.parent, []).append(state)
        return found

    @cached_property
    def _dependents(self) -> dict[str, list[ResourceState]]:
        found: dict[str, list[ResourceState]] = {}
        for state in self.current.values():
            for urn in set(list_dependencies(state)):
                found.setdefault(urn, []).append(state)
        return found

    @cached_property
    def _by_urn(self) -> dict[str, list[ResourceState]]:
        found: dict[str, list[ResourceState]] = {}
        for state in self.resources:
            found.setdefault(state.urn, []).append(state)
        return found

    @cached_property
    def _takers(self) -> dict[str, list[ResourceState]]:
        found: dict[str, list[ResourceState]] = {}
        for state in self.resources:
            for urn in {urn for _, urn in iterate_references(state)}:
                found.setdefault(urn, []).append(state)
        return found

    def list_takers(self, state: ResourceState) -> list[ResourceState]:
        """Give direct dependents and children, those that are to be deleted included."""
        return self._takers.get(state.urn, [])

    def list_needs(self, state: ResourceState) -> list[ResourceState]:
        """Give what a record needs directly; of components that it depends on all descendants."""
        needed = {urn for _, urn in iterate_references(state)}
        for urn in list_dependencies(state):
            if any(not item.custom for item in self._by_urn.get(urn, ())):
                needed.update(item.urn for item in self.list_descendants(urn))
        return [item for urn in needed for item in self._by_urn.get(urn, ())]

    def close(
        self,
        start: Iterable[ResourceState],
        list_next: Callable[[ResourceState], Iterable[ResourceState]],
    ) -> set[str]:
        """Give the URNs of records and of all that can be reached from them."""
        found: set[str] = set()
        waiting = list(start)
        while waiting:
            state = waiting.pop()
            if state.urn not in found:
                found.add(state.urn)
                waiting.extend(list_next(state))
        return found

    def position(self, state: ResourceState) -> int:
        """Give the place of a record in the file."""
        return self._positions[state]

    def list_dependents(self, urns_: Iterable[str]) -> list[ResourceState]:
        """Everything that needs one of the URNs, directly or not; children are not dependents."""
        return self._in_order(self._walk(urns_, self._dependents))

    def list_descendants(self, urn: str) -> list[ResourceState]:
        """Children, their children, and so on."""
        return self._in_order(self._walk((urn,), self.children))

    def _walk(
        self, start: Iterable[str], edges: dict[str, list[ResourceState]]
    ) -> Iterator[ResourceState]:
        seen: set[str] = set()
        waiting = list(start)
        while waiting:
            for state in edges.get(waiting.pop(), ()):
                if state.urn not in seen:
                    seen.add(state.urn)
                    waiting.append(state.urn)
                    yield state

    def _in_order(self, states: Iterable[ResourceState]) -> list[ResourceState]:
        return sorted(states, key=self._positions.__getitem__)


def list_dependencies(state: ResourceState) -> list[str]:
    """Give every URN a record needs, but for its parent."""
    return [urn for field, urn in iterate_references(state) if field != "parent"]
