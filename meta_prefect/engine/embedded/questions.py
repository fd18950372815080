"""
Questions: what the generator asks of providers, `Check` and `Diff`.

A provider that fails to answer refuses the registration. What an answer means is in `differences`
and `generator`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from meta_prefect.engine import urn as urns
from meta_prefect.engine.embedded.differences import read_answer
from meta_prefect.engine.embedded.goals import Goal
from meta_prefect.engine.embedded.providers import Registry
from meta_prefect.engine.embedded.reports import Refused, diagnose
from meta_prefect.engine.embedded.sending import drop_contents, drop_unknowns
from meta_prefect.engine.embedded.steps import Difference
from meta_prefect.engine.state.checkpoint import ResourceState
from meta_prefect.interfaces.diagnostics import Diagnostic, MetaPrefectError
from meta_prefect.interfaces.provider import (
    CheckFailure,
    CheckRequest,
    DiffRequest,
    ProviderError,
    ResourceProvider,
)
from meta_prefect.interfaces.values import PropertyMap

_SEED_BYTES: Final = 32


class Questions:
    """Asks the providers of one registry."""

    def __init__(self, registry: Registry, *, preview: bool) -> None:
        """Outside a preview no provider gets to see unknown inputs, but for its configuration."""
        self._registry = registry
        self._preview = preview
        self._random = random.Random()  # noqa: S311 - seeds of names, not of keys

    async def check(self, goal: Goal, olds: PropertyMap, news: PropertyMap) -> PropertyMap:
        """
        Have inputs checked, and give them with defaults filled in.

        Raises:
            Refused: they will not do, or the provider cannot say.
        """
        is_kept = self._preview or goal.is_provider
        shown = news if is_kept else drop_unknowns(news)
        request = CheckRequest(goal.urn, olds, shown, self._random.randbytes(_SEED_BYTES))
        try:
            response = await (await self._find_provider(goal)).check(request)
        except (ProviderError, MetaPrefectError) as error:
            raise Refused(diagnose(goal.urn, error)) from error
        if response.failures:
            described = (_describe(goal, news, item) for item in response.failures)
            raise Refused(*(Diagnostic("MP3002", text, goal.urn) for text in described))
        return response.inputs

    async def compare(
        self,
        subject: Goal | ResourceState,
        old: ResourceState,
        inputs: PropertyMap,
        ignore_changes: Sequence[str],
    ) -> Difference:
        """
        Ask what it takes to come from a record to other inputs.

        Raises:
            Refused: the provider cannot say.
        """
        request = DiffRequest(
            old.id,
            subject.urn,
            drop_contents(old.inputs),
            drop_contents(old.outputs),
            drop_contents(inputs),
            tuple(ignore_changes),
        )
        try:
            response = await (await self._find_provider(subject)).diff(request)
        except (ProviderError, MetaPrefectError) as error:
            raise Refused(diagnose(subject.urn, error)) from error
        return read_answer(response, old.inputs, inputs)

    async def must_replace(self, goal: Goal, old_provider: ResourceState | None) -> bool:
        """
        Ask whether a resource can go from its old provider to another one.

        Raises:
            Refused: the provider cannot say.
        """
        try:
            return await self._registry.must_replace(goal.provider, old_provider)
        except (ProviderError, MetaPrefectError) as error:
            raise Refused(diagnose(goal.urn, error)) from error

    async def load_provider(self, state: ResourceState) -> None:
        """
        Make a provider ready as it is in state: a record that is one, or the one of a record.

        Raises:
            Refused: it refuses its configuration, or has no plugin.
        """
        is_one = urns.is_provider_type(state.type)
        reference = urns.join_reference(state.urn, state.id) if is_one else state.provider
        try:
            await self._registry.find(reference)
        except (ProviderError, MetaPrefectError) as error:
            raise Refused(diagnose(state.urn, error)) from error

    def knows_provider(self, reference: str) -> bool:
        """Say whether a provider was registered in this operation, or loaded for another reason."""
        return self._registry.knows(reference)

    async def _find_provider(self, subject: Goal | ResourceState) -> ResourceProvider | Registry:
        if urns.is_provider_type(subject.type):
            return self._registry
        return await self._registry.find(subject.provider)


def _describe(goal: Goal, inputs: PropertyMap, failure: CheckFailure) -> str:
    subject = f"{goal.type} resource '{goal.name}'"
    if not failure.property:
        return f"{subject} has a problem: {failure.reason}"
    value = inputs.get(failure.property)
    shown = f" value {{{value}}}" if isinstance(value, str | int | float) else ""
    return f"{subject}: property {failure.property}{shown} has a problem: {failure.reason}"
