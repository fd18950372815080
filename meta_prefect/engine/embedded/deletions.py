"""
Deletions: the last phase, in which what is left over goes.

Chooses what is condemned, under the scope of the operation, and has the layers done one after the
other. Which record needs which, and what a deletion is, `leftovers` says.

Source: `pkg/resource/deploy/deployment_executor.go` of Pulumi 3.260.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from meta_prefect.engine import urn as urns
from meta_prefect.engine.embedded.executor import Executor, Stopped
from meta_prefect.engine.embedded.generator import Generator
from meta_prefect.engine.embedded.index import BaseIndex
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
        *,
        preview: bool,
    ) -> None:
        """Delete after a program, or instead of one."""
        self._base = base
        self._generator = generator
        self._executor = executor
        self._registry = registry
        self._targets = targets
        self._reporter = reporter
        self._preview = preview

    async def run(self, *, report_untouched: bool) -> bool:
        """
        Do every deletion that is due; says whether the scope and the providers allow it.

        Raises:
            Stopped: the operation was stopped in between.
            Refused: a provider could not say what goes along with a target.
        """
        allowed = await self._find_allowed() if self._targets.restricts else None
        steps = self._list_deletions(allowed)
        if not await self._load_providers(steps) or self._complain_of_unnamed(steps):
            return False
        if allowed is not None and report_untouched:
            await self._report_untouched(allowed)
        await self._run_layers(steps)
        return True

    def _list_deletions(self, allowed: Collection[str] | None) -> dict[ResourceState, Step]:
        retired = set(self._executor.retired)
        forgotten = set(self._generator.list_forgotten())
        condemned = [
            state
            for state in self._base.resources
            if (allowed is None or state.urn in allowed)
            and (
                state.delete
                or state in retired
                or state in forgotten
                or state not in self._generator.settled
            )
        ]
        gone = self._generator.deleted_urns | {state.urn for state in condemned}
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
        failed = self._executor.failed
        for layer in sort_into_layers(list(steps)):
            kept = list_needed(failed, self._base.resources) if failed else set()
            going = [state for state in layer if state.urn not in kept]
            done = await asyncio.gather(
                *(self._executor.run([steps[state]]) for state in going), return_exceptions=True
            )
            for ended in done:
                if isinstance(ended, BaseException) and not isinstance(ended, Stopped):
                    raise ended
            if self._executor.stopped:
                raise Stopped

    async def _report_untouched(self, allowed: set[str]) -> None:
        done = {state.urn for state in self._generator.settled} | allowed
        for state in self._base.resources:
            if state.urn in done:
                continue
            self._generator.settled.add(state)
            await self._executor.run([Step(Op.SAME, state.urn, state, state)])

    async def _find_allowed(self) -> set[str]:
        """Give the URNs that may be deleted under the scope, named by it or not."""
        if self._targets.excludes:
            return self._find_not_excluded()
        named = [state for state in self._base.resources if self._targets.covers(state.urn)]
        allowed = self._base.close(named, self._base.list_takers)
        for state in self._base.resources:
            if state.urn in allowed:
                # Providers see the questions that Pulumi asks here; all dependents are in already.
                await self._generator.find_companions(state)
        return allowed

    def _find_not_excluded(self) -> set[str]:
        excluded = [state for state in self._base.resources if not self._targets.covers(state.urn)]

        def list_kept(state: ResourceState) -> list[ResourceState]:
            takers = self._base.list_takers(state) if self._targets.with_dependents else []
            return [*self._base.list_needs(state), *takers]

        kept = self._base.close(excluded, list_kept)
        return {state.urn for state in self._base.resources} - kept

    def _complain_of_unnamed(self, steps: Collection[ResourceState]) -> bool:
        """Complain of what would go and was not named; says whether nothing may go for that."""
        if self._targets.with_dependents or self._targets.excludes:
            return False
        unnamed = [state.urn for state in steps if not self._targets.covers(state.urn)]
        for urn in dict.fromkeys(unnamed):
            message = (
                f"Resource '{urn}' will be destroyed but was not specified in --target list.\n"
                "Either include resource in --target list or pass --target-dependents to proceed."
            )
            self._reporter.complain(Diagnostic("MP3006", message, urn))
        return bool(unnamed) and not self._preview
