"""
Deletions: the last phase, in which what is left over goes.

Chooses what is condemned, under the scope of the operation, and has the layers done one after the
other. Which record needs which, and what a deletion is, `leftovers` says.

Source: `pkg/resource/deploy/deployment_executor.go` of Pulumi 3.260.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from meta_prefect.engine import urn as urns
from meta_prefect.engine.embedded.executor import Executor, Stopped
from meta_prefect.engine.embedded.generator import Generator
from meta_prefect.engine.embedded.index import BaseIndex, list_dependencies
from meta_prefect.engine.embedded.leftovers import build_deletion, list_needed, sort_into_layers
from meta_prefect.engine.embedded.providers import Registry
from meta_prefect.engine.embedded.reports import Reporter, diagnose
from meta_prefect.engine.embedded.steps import Step
from meta_prefect.engine.embedded.targets import Targets
from meta_prefect.engine.state.checkpoint import ResourceState
from meta_prefect.interfaces.diagnostics import Diagnostic, MetaPrefectError
from meta_prefect.interfaces.events import Op
from meta_prefect.interfaces.provider import ProviderError


class Deletions:
    """Deletes what is in a base and was not asked for."""

    def __init__(
        self,
        base: BaseIndex,
        generator: Generator,
        executor: Executor,
        registry: Registry,
        targets: Targets,
        reporter: Reporter,
    ) -> None:
        """Delete after a program, or instead of one."""
        self._base = base
        self._generator = generator
        self._executor = executor
        self._registry = registry
        self._targets = targets
        self._reporter = reporter

    async def run(self, *, report_untouched: bool) -> bool:
        """
        Do every deletion that is due; says whether the scope and the providers allow it.

        Raises:
            Stopped: the operation was stopped in between.
            Refused: a provider could not say what goes along with a target.
        """
        allowed = await self._find_allowed() if self._targets.restricts else None
        if allowed is not None and self._complain_of_unnamed(allowed):
            return False
        if allowed is not None and report_untouched:
            await self._report_untouched(allowed)
        steps = self._list_deletions(allowed)
        if not await self._load_providers(steps):
            return False
        await self._run_layers(steps)
        return True

    def _list_deletions(self, allowed: set[str] | None) -> dict[ResourceState, Step]:
        retired = set(self._executor.retired)
        forgotten = set(self._generator.list_forgotten())
        condemned = [
            state
            for state in self._base.resources
            if (allowed is None or state.urn in allowed or state in retired)
            and (
                state.delete
                or state in retired
                or state in forgotten
                or state not in self._generator.settled
            )
        ]
        gone = {state.urn for state in condemned if not state.delete and state not in retired}
        return {
            state: Step(Op.REMOVE_PENDING_REPLACE, state.urn, state, None)
            if state in forgotten
            else build_deletion(state, replaced=state.delete or state in retired, gone=gone)
            for state in condemned
        }

    async def _load_providers(self, steps: dict[ResourceState, Step]) -> bool:
        for state in steps:
            if state.provider and not urns.is_provider_type(state.type):
                try:
                    await self._registry.find(state.provider)
                except (ProviderError, MetaPrefectError) as error:
                    self._reporter.complain(diagnose(state.urn, error))
                    return False
        return True

    async def _run_layers(self, steps: dict[ResourceState, Step]) -> None:
        condemned = list(steps)
        failed: list[ResourceState] = []
        for layer in sort_into_layers(condemned):
            kept = list_needed(failed, condemned) if failed else set()
            going = [state for state in layer if state.urn not in kept]
            done = await asyncio.gather(
                *(self._executor.run([steps[state]]) for state in going), return_exceptions=True
            )
            for state, ended in zip(going, done, strict=True):
                if isinstance(ended, BaseException) and not isinstance(ended, Stopped):
                    raise ended
                if ended is False:
                    failed.append(state)
            if self._executor.stopped:
                raise Stopped

    async def _report_untouched(self, allowed: set[str]) -> None:
        for state in self._base.resources:
            if state.delete or state in self._generator.settled or state.urn in allowed:
                continue
            self._generator.settled.add(state)
            await self._executor.run([Step(Op.SAME, state.urn, state, state)])

    async def _find_allowed(self) -> set[str]:
        """Give the URNs that are to be deleted under the scope, named by it or not."""
        candidates = {state.urn for state in self._list_candidates()}
        named = [state for state in self._base.current.values() if self._targets.covers(state.urn)]
        if self._targets.excludes:
            return self._drop_needed_by_excluded(named)
        allowed = {state.urn for state in named}
        for state in named:
            # Providers see the questions that Pulumi asks here, though every dependent must go.
            await self._generator.find_companions(state)
        # What the program still declares stays, and so may all that depends on it.
        for urn in sorted(allowed & candidates):
            taken = (*self._base.list_dependents((urn,)), *self._base.list_descendants(urn))
            allowed.update(state.urn for state in taken if state.urn in candidates)
        return allowed

    def _list_candidates(self) -> Sequence[ResourceState]:
        settled = self._generator.settled
        return [state for state in self._base.current.values() if state not in settled]

    def _drop_needed_by_excluded(self, named: Sequence[ResourceState]) -> set[str]:
        allowed = {state.urn for state in named}
        for state in reversed(self._base.resources):
            if state.urn not in allowed:
                allowed.difference_update((*list_dependencies(state), state.parent))
        return allowed

    def _complain_of_unnamed(self, allowed: set[str]) -> bool:
        if self._targets.with_dependents:
            return False
        unnamed = [urn for urn in sorted(allowed) if not self._targets.covers(urn)]
        for urn in unnamed:
            message = (
                f"Resource '{urn}' will be destroyed but was not specified in --target list.\n"
                "Either include resource in --target list or pass --target-dependents to proceed."
            )
            self._reporter.complain(Diagnostic("MP3006", message, urn))
        return bool(unnamed)
