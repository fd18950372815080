"""
Comparisons: whether what the program asks for differs from what is there, and how.

Reasons of the engine's own come first, then the provider is asked; the first answer decides. What
is done about a difference is in `generator`, what an answer means in `differences`.

Source: `diff` and `providerChanged` in `pkg/resource/deploy/step_generator.go` of Pulumi 3.260.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from meta_prefect.engine import urn as urns
from meta_prefect.engine.embedded import differences
from meta_prefect.engine.embedded.claims import Claims
from meta_prefect.engine.embedded.goals import Goal
from meta_prefect.engine.embedded.index import BaseIndex
from meta_prefect.engine.embedded.questions import Questions
from meta_prefect.engine.embedded.reports import Refused
from meta_prefect.engine.embedded.steps import Difference
from meta_prefect.engine.state.checkpoint import ResourceState
from meta_prefect.interfaces.diagnostics import Diagnostic
from meta_prefect.interfaces.values import PropertyMap, has_unknowns


@dataclass(frozen=True, slots=True)
class Decision:
    """
    All that is known of a registration when its steps are chosen.

    inputs: the checked ones.
    forced: `--replace` or `taint` asked for a replacement, so `Check` saw no old inputs.
    """

    goal: Goal
    old: ResourceState | None
    inputs: PropertyMap
    forced: bool = False


class Comparisons:
    """
    Compares the registrations of one operation with their records.

    replaced: URNs of what this operation makes anew.
    """

    def __init__(
        self, base: BaseIndex, questions: Questions, claims: Claims, *, preview: bool
    ) -> None:
        """Compare with a base; only a preview may meet unknown triggers."""
        self._base = base
        self._questions = questions
        self._claims = claims
        self._preview = preview
        self.replaced: set[str] = set()

    async def compare(self, decision: Decision) -> Difference:
        """
        Say what has changed about a record.

        Raises:
            Refused: the provider cannot say, or a trigger is not known.
        """
        goal, old, inputs = decision.goal, decision.old, decision.inputs
        assert old is not None
        forced = await self._find_reason(decision, old)
        if forced is not None:
            answer = forced
        elif not goal.custom:
            answer = differences.compare_component(old.inputs, inputs)
        else:
            answer = await self._questions.compare(goal, old, inputs, goal.ignore_changes)
        return differences.apply_replace_on_changes(answer, old, goal.replace_on_changes)

    async def compare_old(self, state: ResourceState, inputs: PropertyMap) -> Difference:
        """Say what other inputs would change about a record, under its own options, if ready."""
        if urns.is_provider_type(state.type):
            await self._questions.load_provider(state)
        answer = await self._questions.compare(state, state, inputs, state.ignore_changes)
        ready = replace(state, init_errors=())
        return differences.apply_replace_on_changes(answer, ready, state.replace_on_changes)

    async def _find_reason(self, decision: Decision, old: ResourceState) -> Difference | None:
        """Look for a reason to replace that no provider needs to know."""
        goal, trigger = decision.goal, decision.goal.replacement_trigger
        if has_unknowns(trigger) and not self._preview:
            message = f"replacement trigger contains unknowns for {goal.urn}"
            raise Refused(Diagnostic("MP3001", message, goal.urn))
        if differences.is_triggered(old.replacement_trigger, trigger):
            return differences.build_forced()
        if decision.forced:
            return differences.build_forced("id")
        if self.replaced.intersection(goal.replace_with):
            return differences.build_forced("replaceWith")
        if goal.deleted_with in self.replaced:
            return differences.build_forced("deletedWith")
        if await self._is_provider_changed(goal, old):
            return differences.build_forced("provider")
        return None

    async def _is_provider_changed(self, goal: Goal, old: ResourceState) -> bool:
        if goal.provider == old.provider:
            return False
        if not goal.provider or not old.provider:
            return True
        new_urn, old_urn = (urns.split_reference(ref)[0] for ref in (goal.provider, old.provider))
        if self._claims.renamed.get(new_urn) == old_urn:
            return False
        return await self._questions.must_replace(goal, self._base.current.get(old_urn))
