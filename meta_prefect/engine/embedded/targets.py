"""
The scope of an operation: which resources it is about.

Grows while the program runs, when dependents are wanted too: who depends on what is known only when
it registers. Pure; what follows for a resource out of scope is decided in `generator`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from meta_prefect.engine import urn as urns
from meta_prefect.interfaces.engine import Scope


class Targets:
    """Says of a URN whether it is in scope, and whether it is to be made anew."""

    def __init__(self, scope: Scope) -> None:
        """Compile the globs of a scope."""
        self._scope = scope
        self._targeted = urns.build_matcher(scope.targets)
        self._excluded = urns.build_matcher(scope.excludes)
        self.is_replaced = urns.build_matcher(scope.replace)
        self._spread: set[str] = set()

    @property
    def restricts(self) -> bool:
        """Whether anything is out of scope at all."""
        return bool(self._scope.targets or self._scope.excludes)

    @property
    def names_what_is_in(self) -> bool:
        """Whether the scope lists what to work on; what is to be made anew counts."""
        return bool(self._scope.targets or self._scope.replace)

    @property
    def excludes(self) -> bool:
        """Whether the scope says what is out, rather than what is in."""
        return bool(self._scope.excludes)

    @property
    def with_dependents(self) -> bool:
        """Whether what depends on a target is one too, and on what is out of scope is out too."""
        return self._scope.target_dependents or self._scope.exclude_dependents

    def covers(self, urn: str) -> bool:
        """Say whether the scope names the URN; with no scope every one is."""
        if self._scope.targets:
            return self._targeted(urn)
        return not self._excluded(urn)

    def admits(self, urn: str, needs: Collection[str]) -> bool:
        """
        Say whether a registering resource is in scope.

        `needs` are the URNs it depends on, its parent and its provider included.
        """
        return _is_always_in_scope(urn) or self._includes(urn, needs)

    def admit(self, urn: str, needs: Collection[str]) -> bool:
        """Say the same, and remember the answer for its dependents."""
        if self._scope.targets or not _is_always_in_scope(urn):
            self.admit_stored(urn, needs)
        return self.admits(urn, needs)

    def admit_stored(self, urn: str, needs: Collection[str]) -> bool:
        """Say and remember the same of a record that nobody registers; no type is always in."""
        inside = self._includes(urn, needs)
        if inside if self._scope.targets else not inside:
            self._spread.add(urn)
        return inside

    def _includes(self, urn: str, needs: Collection[str]) -> bool:
        if not self.restricts:
            return True
        named = self.covers(urn)
        if self._scope.targets:
            return named or (self._scope.target_dependents and self._touches(needs))
        return named and not (self._scope.exclude_dependents and self._touches(needs))

    def _touches(self, needs: Collection[str]) -> bool:
        names = self._targeted if self._scope.targets else self._excluded
        return any(urn in self._spread or names(urn) for urn in needs)

    def list_unknown_targets(self, known: Collection[str]) -> list[str]:
        """Give the URNs that are targets and not known; globs always are."""
        return _list_unknown(self._scope.targets, known)

    def list_unknown_excludes(self, known: Collection[str]) -> list[str]:
        """Give the URNs that are out of scope and not known."""
        return _list_unknown(self._scope.excludes, known)

    def list_unknown_replaced(self, known: Collection[str]) -> list[str]:
        """Give the URNs that are to be made anew and not known."""
        return _list_unknown(self._scope.replace, known)


def _list_unknown(asked: Iterable[str], known: Collection[str]) -> list[str]:
    return [urn for urn in asked if not urns.is_glob(urn) and urn not in known]


def _is_always_in_scope(urn: str) -> bool:
    type = urns.urn_type(urn)
    return type == urns.STACK_TYPE or urns.is_provider_type(type)
