"""
Claims: which record of the base each registration is about.

Every URN registers once, every old record goes to one registration, under its own URN or under an
alias. Knows nothing of what is done with a record.

Source: `pkg/resource/deploy/step_generator.go` of Pulumi 3.260.
"""

from __future__ import annotations

from meta_prefect.engine.embedded.aliases import list_alias_urns
from meta_prefect.engine.embedded.goals import Goal, ReadGoal
from meta_prefect.engine.embedded.index import BaseIndex
from meta_prefect.engine.embedded.reports import Refused
from meta_prefect.engine.state.checkpoint import ResourceState
from meta_prefect.interfaces.diagnostics import Diagnostic


class Claims:
    """
    The registrations of one operation.

    goals: what was registered, by URN.
    conflicts: what is wrong with registrations that lay claim to what another one has, by URN.
    kept: URNs of records that something untouched needs, and that were carried over for it.
    renamed: old URNs of what was found under an alias, by new URN.
    """

    def __init__(self, base: BaseIndex) -> None:
        """Begin with nothing registered."""
        self._base = base
        self._owners: dict[str, str] = {}
        self.kept: set[str] = set()
        self.goals: dict[str, Goal | ReadGoal] = {}
        self.conflicts: dict[str, Refused] = {}
        self.renamed: dict[str, str] = {}

    def enter(self, goal: Goal | ReadGoal) -> ResourceState | None:
        """
        Register a goal, and give the record it is about, if any.

        A record that is taken is given all the same, and the conflict is kept.

        Raises:
            Refused: the URN is taken, or the parent is not registered.
        """
        if goal.parent and goal.parent not in self.goals and goal.parent not in self.kept:
            raise _refuse(goal.urn, f"the parent {goal.parent} was not registered before")
        if goal.urn in self.goals or (goal.urn in self.kept and isinstance(goal, ReadGoal)):
            raise refuse_duplicate(goal.urn)
        self.goals[goal.urn] = goal
        return self._find_record(goal)

    def refuse_conflict(self, urn: str) -> None:
        """
        Refuse a registration that is in conflict with another one.

        Raises:
            Refused: it is.
        """
        if urn in self.conflicts:
            raise self.conflicts[urn]

    def keep(self, urn: str) -> None:
        """Take a URN for a record that stays as it is: nobody can change it any more."""
        if urn not in self.goals:
            self.kept.add(urn)

    def _find_record(self, goal: Goal | ReadGoal) -> ResourceState | None:
        owner = self._owners.get(goal.urn)
        if owner:
            message = f"the record of {goal.urn} was taken by {owner}, which names it as an alias"
            self.conflicts[goal.urn] = _refuse(goal.urn, message)
        old = self._base.current.get(goal.urn)
        if old is not None or not isinstance(goal, Goal):
            return old
        if not goal.aliases and goal.parent not in self.renamed:
            return None
        return self._find_by_alias(goal)

    def _find_by_alias(self, goal: Goal) -> ResourceState | None:
        for alias in list_alias_urns(goal, self.renamed):
            old = self._base.current.get(alias)
            if old is not None:
                self._take(goal, alias)
                return old
        return None

    def _take(self, goal: Goal, alias: str) -> None:
        owner = self._owners.get(alias) or (alias if alias in self.goals else "")
        if owner:
            message = f"the alias {alias} is already used by {owner}"
            self.conflicts[goal.urn] = _refuse(goal.urn, message)
            return
        self._owners[alias] = goal.urn
        self.renamed[goal.urn] = alias


def refuse_duplicate(urn: str) -> Refused:
    """Make the refusal of a URN that is taken."""
    return _refuse(urn, f"Duplicate resource URN '{urn}'; try giving it a unique name")


def _refuse(urn: str, message: str) -> Refused:
    return Refused(Diagnostic("MP3003", message, urn))
