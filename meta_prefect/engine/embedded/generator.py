"""
The step generator: decides what each registration means for the resource's record in state.

Decisions are made from the goal, the old record and the provider's answers to `Check` and `Diff`;
nothing is changed here, neither in the world nor in state. The order of the questions is the
engine's contract with its users. What happens to records nobody registers is in `leftovers`.

Source: `pkg/resource/deploy/step_generator.go` of Pulumi 3.260.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Final

from meta_prefect.engine import paths
from meta_prefect.engine import urn as urns
from meta_prefect.engine.embedded.claims import Claims, refuse_duplicate
from meta_prefect.engine.embedded.comparisons import Comparisons, Decision
from meta_prefect.engine.embedded.goals import Goal, ReadGoal, build_state
from meta_prefect.engine.embedded.index import BaseIndex
from meta_prefect.engine.embedded.providers import Registry
from meta_prefect.engine.embedded.questions import Questions
from meta_prefect.engine.embedded.replace import Companion, find_companions
from meta_prefect.engine.embedded.reports import Refused, Reporter
from meta_prefect.engine.embedded.steps import UNCHANGED, Difference, Step
from meta_prefect.engine.embedded.targets import Targets
from meta_prefect.engine.embedded.turns import Turns
from meta_prefect.engine.state.checkpoint import ResourceState, iterate_references
from meta_prefect.engine.state.session import Mark
from meta_prefect.interfaces.diagnostics import Diagnostic, Severity
from meta_prefect.interfaces.events import Op
from meta_prefect.interfaces.values import UNKNOWN, PropertyMap


class Generator:
    """Plans the steps of one operation; keeps what it decided, for later decisions."""

    def __init__(
        self,
        base: BaseIndex,
        registry: Registry,
        targets: Targets,
        reporter: Reporter,
        *,
        parallel: int,
        preview: bool,
        blocked: frozenset[str] = frozenset(),
    ) -> None:
        """
        Plan against a base, `parallel` registrations at once; providers are asked side by side.

        `blocked` are URNs that must not be created: they may be there already.
        """
        self._base = base
        self._targets = targets
        self._reporter = reporter
        self._preview = preview
        self._blocked = blocked
        self._turns = Turns(parallel)
        self._questions = Questions(registry, preview=preview)
        self.claims = Claims(base)
        self._comparisons = Comparisons(base, self._questions, self.claims, preview=preview)
        self.settled: set[ResourceState] = set()
        self._skipped: set[str] = set()
        self._deleted: dict[str, Companion] = {}
        self.deleted_urns: set[str] = set()

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Give the turn in which to plan; kept until the steps are on their way."""
        return self._turns.shared()

    async def plan(self, goal: Goal) -> list[Step]:
        """
        Decide the steps of a registration, in the order in which they are to be done.

        Raises:
            Refused: the registration makes no sense, or the provider says no.
        """
        old = self._enter(goal)
        if self._wants_import(goal, old):
            self.claims.refuse_conflict(goal.urn)
            return self._plan_import(goal, old)
        steps = await self._plan_known(goal, old)
        if goal.urn in self._blocked and not _CREATES.isdisjoint(step.op for step in steps):
            raise _refuse(goal.urn, "MP3007", _MAYBE_CREATED)
        self._check_needs(steps)
        return steps

    async def plan_imported(self, goal: Goal, found: ResourceState) -> list[Step]:
        """Decide what is still to be done after an import, whose record is the old one now."""
        needs = goal.needs | {urns.split_reference(goal.provider)[0]}
        if not self._targets.admit(goal.urn, needs):
            return self._plan_untargeted(goal, found)
        inputs = self._ignore_changes(goal, found)
        decision = await self._check(Decision(goal, found, inputs), found.inputs)
        steps = await self._plan_difference(decision, found)
        return [] if steps[0].op is Op.SAME else steps

    def plan_read(self, goal: ReadGoal) -> list[Step]:
        """
        Decide the steps of a read.

        Raises:
            Refused: the URN is taken.
        """
        old = self._enter(goal)
        self.claims.refuse_conflict(goal.urn)
        new = ResourceState(
            goal.urn,
            goal.type,
            custom=True,
            id="" if goal.id is UNKNOWN else str(goal.id),
            inputs=goal.properties,
            parent=goal.parent,
            provider=goal.provider,
            external=True,
            dependencies=goal.dependencies,
            additional_secret_outputs=goal.additional_secret_outputs,
            source_position=goal.source_position,
        )
        if old is not None and not old.external and old.id != new.id:
            read = Step(Op.READ_REPLACEMENT, goal.urn, old, new, mark=Mark.DELETE)
            return [read, Step(Op.REPLACE, goal.urn, old, new)]
        return [Step(Op.READ, goal.urn, old, new)]

    def carry(self, state: ResourceState) -> list[Step]:
        """Decide what is to be kept before a record that needs it, so that state stays in order."""
        return list(self._carry_closure(state))

    def list_forgotten(self) -> list[ResourceState]:
        """Give what was deleted along with another resource and never registered again."""
        return [item.state for urn, item in self._deleted.items() if urn not in self.claims.goals]

    async def find_companions(self, root: ResourceState) -> list[Companion]:
        """Give what would have to be replaced if a record were deleted first."""
        return await self._find_companions(root, root.urn)

    async def _find_companions(self, root: ResourceState, urn: str) -> list[Companion]:
        load, ask = self._questions.load_provider, self._comparisons.compare_old
        return await find_companions(root, urn, self._base, self.settled, ask, load)

    def _enter(self, goal: Goal | ReadGoal) -> ResourceState | None:
        old = self.claims.enter(goal)
        if old is not None:
            self.settled.add(old)
        return old

    async def _plan_known(self, goal: Goal, old: ResourceState | None) -> list[Step]:
        provider_urn = urns.split_reference(goal.provider)[0]
        needs = goal.needs | {provider_urn}
        inside = self._targets.admits(goal.urn, needs)
        if goal.urn in self.claims.kept:
            return self._plan_kept(goal, old, inside=inside)
        decision = await self._check_known(goal, old, inside=inside)
        if goal.urn in self._deleted:
            return self._recreate(decision)
        if old is not None and old.external:
            return self._replace_create_first(decision, Difference(changed=True, replace=True))
        self._targets.admit(goal.urn, needs)
        if not inside:
            return self._plan_untargeted(goal, old)
        if old is None:
            return [Step(Op.CREATE, goal.urn, None, self._build_new(decision))]
        return await self._plan_difference(decision, old)

    async def _check_known(
        self, goal: Goal, old: ResourceState | None, *, inside: bool
    ) -> Decision:
        """
        Have inputs checked, those of a registration that is in conflict, too.

        Out of scope nobody is asked, and what is made for other reasons has the inputs it had.
        """
        decision = Decision(goal, old, goal.inputs if old is None else old.inputs)
        try:
            decision = await self._check_inputs(goal, old) if inside else decision
        except Refused as refused:
            raise _join(self.claims.conflicts.get(goal.urn), refused) from refused
        self.claims.refuse_conflict(goal.urn)
        return decision

    async def _check_inputs(self, goal: Goal, old: ResourceState | None) -> Decision:
        forced = self._is_forced(goal, old)
        inputs = self._ignore_changes(goal, old)
        decision = Decision(goal, old, inputs, forced)
        if old is None or old.external or forced or goal.urn in self._deleted:
            return await self._check(replace(decision, inputs=goal.inputs), {})
        return await self._check(decision, old.inputs)

    def _is_forced(self, goal: Goal, old: ResourceState | None) -> bool:
        return old is not None and (old.taint or self._targets.is_replaced(goal.urn))

    async def _plan_difference(self, decision: Decision, old: ResourceState) -> list[Step]:
        difference = await self._comparisons.compare(decision)
        if difference.replace or old.pending_replacement:
            return await self._plan_replacement(decision, old, difference)
        if difference.changed or old.init_errors:
            return [self._update(decision, difference)]
        return [self._same(decision, old)]

    async def _plan_replacement(
        self, decision: Decision, old: ResourceState, difference: Difference
    ) -> list[Step]:
        goal = decision.goal
        if old.protect and goal.protect:
            self._complain(goal.urn, "MP3004", _PROTECTED.format(urn=goal.urn))
        if goal.import_id:
            self._warn_or_complain(goal.urn, _IMPORT_REPLACES)
        if not decision.forced:
            decision = await self._check(replace(decision, inputs=goal.inputs), {})
        self._comparisons.replaced.add(goal.urn)
        delete_first = goal.delete_before_replace
        if delete_first is None:
            delete_first = difference.delete_first
        if delete_first:
            return await self._replace_delete_first(decision, old, difference)
        if old.pending_replacement:
            return self._bring_back(decision, difference)
        return self._replace_create_first(decision, difference)

    def _replace_create_first(self, decision: Decision, difference: Difference) -> list[Step]:
        urn, old, new = decision.goal.urn, decision.old, self._build_new(decision)
        create = Step(Op.CREATE_REPLACEMENT, urn, old, new, difference, mark=Mark.DELETE)
        return [create, Step(Op.REPLACE, urn, old, new, difference)]

    async def _replace_delete_first(
        self, decision: Decision, old: ResourceState, difference: Difference
    ) -> list[Step]:
        async with self._turns.alone():
            companions = await self._find_companions(old, decision.goal.urn)
            if old.provider:
                await self._questions.load_provider(old)
            for companion in companions:
                self._take_along(decision.goal, companion)
        self.deleted_urns.add(old.urn)
        condemned = [companion.state for companion in reversed(companions)]
        if not old.pending_replacement:
            condemned.append(old)
        deletions = [_delete_early(state, self.deleted_urns) for state in condemned]
        return [*deletions, *self._bring_back(decision, difference)]

    def _take_along(self, goal: Goal, companion: Companion) -> None:
        state = companion.state
        if state.protect:
            message = f"unable to replace {goal.urn}: {state.urn} depends on it and is protected"
            raise _refuse(goal.urn, "MP3004", message)
        self.settled.add(state)
        self._deleted[state.urn] = companion
        self.deleted_urns.add(state.urn)

    def _recreate(self, decision: Decision) -> list[Step]:
        keys = self._deleted[decision.goal.urn].keys
        self.deleted_urns.discard(decision.goal.urn)
        self._comparisons.replaced.add(decision.goal.urn)
        replaced, created = self._bring_back(decision, UNCHANGED)
        remembered = Difference(changed=True, replace=True, keys=keys)
        return [replaced, replace(created, difference=remembered)]

    def _bring_back(self, decision: Decision, difference: Difference) -> list[Step]:
        urn, old, new = decision.goal.urn, decision.old, self._build_new(decision)
        return [
            Step(Op.REPLACE, urn, old, new, difference),
            Step(Op.CREATE_REPLACEMENT, urn, old, new, difference),
        ]

    def _update(self, decision: Decision, difference: Difference) -> Step:
        return Step(
            Op.UPDATE, decision.goal.urn, decision.old, self._build_kept(decision), difference
        )

    def _same(self, decision: Decision, old: ResourceState) -> Step:
        new = self._build_kept(decision)
        new.modified = old.modified
        return Step(Op.SAME, decision.goal.urn, old, new)

    def _build_new(self, decision: Decision) -> ResourceState:
        new = build_state(decision.goal, decision.inputs)
        if decision.old is not None and decision.old.urn != new.urn:
            new.aliases = (decision.old.urn,)
        return new

    def _build_kept(self, decision: Decision) -> ResourceState:
        new, old = self._build_new(decision), decision.old
        assert old is not None
        new.id, new.outputs = old.id, old.outputs
        new.created, new.stack_trace = old.created, old.stack_trace
        return new

    def _plan_kept(self, goal: Goal, old: ResourceState | None, *, inside: bool) -> list[Step]:
        """Leave what was carried over for something else as it is, if nothing is asked of it."""
        if inside or old is None:
            raise refuse_duplicate(goal.urn)
        self._targets.admit(goal.urn, goal.needs | {urns.split_reference(goal.provider)[0]})
        return [Step(Op.SAME, goal.urn, old, old, told=True)]

    def _plan_untargeted(self, goal: Goal, old: ResourceState | None) -> list[Step]:
        if old is None:
            self._skipped.add(goal.urn)
            new = build_state(goal, goal.inputs)
            return [Step(Op.SAME, goal.urn, None, new, skipped_create=True)]
        self._check_provider(goal, old)
        self.claims.keep(old.urn)
        return [*self._carry_closure(old), Step(Op.SAME, old.urn, old, replace(old))]

    def _check_provider(self, goal: Goal, old: ResourceState) -> None:
        """Refuse to keep what needs a provider that this operation has taken away."""
        if old.provider and not self._questions.knows_provider(old.provider):
            message = _PROVIDER_CHANGED.format(provider=old.provider, urn=goal.urn)
            raise _refuse(goal.urn, "MP3006", message)

    def _carry_closure(self, state: ResourceState) -> Iterator[Step]:
        for _, urn in iterate_references(state):
            needed = self._base.current.get(urn)
            if needed is None or needed in self.settled or urn in self.claims.goals:
                continue
            self.settled.add(needed)
            self.claims.keep(urn)
            yield from self._carry_closure(needed)
            yield Step(Op.SAME, urn, needed, needed)

    def _check_needs(self, steps: Iterable[Step]) -> None:
        """Complain of steps that need what is out of scope and not there."""
        if not self._targets.names_what_is_in:
            return
        for step in steps:
            if step.new is None or step.skipped_create:
                continue
            needed = {urn for _, urn in iterate_references(step.new)}
            for urn in sorted(needed & self._skipped):
                message = (
                    f"Resource '{step.urn}' depends on '{urn}' "
                    "which was not specified in --target list."
                )
                self._complain(step.urn, "MP3006", message)
                self._skipped.discard(urn)

    def _wants_import(self, goal: Goal, old: ResourceState | None) -> bool:
        if not goal.custom or not goal.import_id or goal.is_provider:
            return False
        if old is None or old.external:
            return True
        return (old.import_id or old.id) != goal.import_id

    def _plan_import(self, goal: Goal, old: ResourceState | None) -> list[Step]:
        new = replace(build_state(goal, goal.inputs), id=goal.import_id)
        if old is None:
            return [Step(Op.IMPORT, goal.urn, None, new)]
        step = Step(Op.IMPORT_REPLACEMENT, goal.urn, old, new, mark=Mark.DELETE)
        return [step, Step(Op.REPLACE, goal.urn, old, new)]

    def _ignore_changes(self, goal: Goal, old: ResourceState | None) -> PropertyMap:
        if old is None or not goal.ignore_changes:
            return goal.inputs
        inputs, failed = paths.restore(goal.ignore_changes, old.inputs, goal.inputs)
        for path in failed:
            message = f"cannot ignore changes in added or removed elements at {path}"
            self._reporter.say(Severity.INFO, goal.urn, message)
        return inputs

    async def _check(self, decision: Decision, olds: PropertyMap) -> Decision:
        if not decision.goal.custom:
            return decision
        inputs = await self._questions.check(decision.goal, olds, decision.inputs)
        return replace(decision, inputs=inputs)

    def _complain(self, urn: str, code: str, message: str) -> None:
        """Stop, or in a preview go on and fail at the end."""
        if not self._preview:
            raise _refuse(urn, code, message)
        self._reporter.complain(Diagnostic(code, message, urn))

    def _warn_or_complain(self, urn: str, message: str) -> None:
        if not self._preview:
            raise _refuse(urn, "MP3005", message)
        self._reporter.say(Severity.WARNING, urn, message)


_CREATES: Final = frozenset({Op.CREATE, Op.CREATE_REPLACEMENT})
_IMPORT_REPLACES: Final = (
    "inputs to import do not match the existing resource; importing it would replace it"
)
_PROVIDER_CHANGED: Final = (
    "provider {provider} for resource {urn} has not been registered yet, this is due to a change "
    "of providers mixed with a scope; change the program back to the original providers"
)
_MAYBE_CREATED: Final = (
    "an earlier operation was interrupted while it created this resource: creating it again might "
    "make it twice; look whether it is there, then use `state forget` or import it"
)
_PROTECTED: Final = (
    'unable to replace resource "{urn}"\nas it is currently marked for protection. To unprotect '
    "the resource, remove the `protect` flag from the resource in your program and run `up`"
)


def _delete_early(state: ResourceState, gone: Collection[str]) -> Step:
    return Step(
        Op.DELETE_REPLACED,
        state.urn,
        state,
        None,
        mark=Mark.PENDING_REPLACEMENT,
        kept_in_world=bool(state.retain_on_delete) or state.deleted_with in gone,
    )


def _join(first: Refused | None, second: Refused) -> Refused:
    return second if first is None else Refused(*first.diagnostics, *second.diagnostics)


def _refuse(urn: str, code: str, message: str) -> Refused:
    return Refused(Diagnostic(code, message, urn))
