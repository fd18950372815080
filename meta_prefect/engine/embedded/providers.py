"""
The registry: providers as resources, and as the ones that do the work.

To the generator and the executor a provider resource is a custom resource whose provider is the
registry: checking it checks configuration, creating it configures an instance. Everybody else asks
the registry for the instance behind a reference, which is loaded from state when it is first
needed. Where instances come from is a `PluginSource`'s business.

Source: `pkg/resource/deploy/providers/registry.go` of Pulumi 3.260.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from meta_prefect.engine import urn as urns
from meta_prefect.engine.diff import is_same
from meta_prefect.engine.embedded.packages import INTERNAL, read_need, strip_internal
from meta_prefect.engine.embedded.sources import PluginSource
from meta_prefect.engine.embedded.stand_ins import Unconfigured, WithoutPreview
from meta_prefect.engine.state.checkpoint import ResourceState
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from meta_prefect.interfaces.provider import (
    Changes,
    CheckRequest,
    CheckResponse,
    ConfigureRequest,
    CreateRequest,
    CreateResponse,
    DeleteRequest,
    DiffRequest,
    DiffResponse,
    ProviderError,
    ProviderFactory,
    ProviderLog,
    ReadRequest,
    ReadResponse,
    ResourceProvider,
    UpdateRequest,
)
from meta_prefect.interfaces.values import UNKNOWN, PropertyMap, has_unknowns
from meta_prefect.interfaces.wire import UNKNOWN_TEXT


@dataclass(frozen=True, slots=True)
class _Ready:
    """A configured instance and the inputs it was configured with."""

    provider: ResourceProvider
    inputs: PropertyMap


class Registry:
    """Holds every provider instance of one operation."""

    def __init__(
        self,
        sources: Sequence[PluginSource],
        find_stored: Callable[[str], ResourceState | None],
        log: ProviderLog,
        *,
        preview: bool,
    ) -> None:
        """Look for plugins in order; `find_stored` gives a provider's record by reference."""
        self._sources = sources
        self._find_stored = find_stored
        self._log = log
        self._preview = preview
        self._fresh: dict[str, ResourceProvider] = {}
        self._ready: dict[str, _Ready] = {}
        self._opened: list[ResourceProvider] = []
        self._loading: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def find(self, reference: str) -> ResourceProvider:
        """
        Give the provider behind a reference, loading it from state if need be.

        Raises:
            ProviderError: it is nowhere, or refuses its configuration.
            MetaPrefectError: there is no plugin for its package.
        """
        return (await self._find_ready(reference)).provider

    def knows(self, reference: str) -> bool:
        """Say whether a provider is loaded already, registered in this operation or not."""
        return reference in self._ready

    async def _find_ready(self, reference: str) -> _Ready:
        async with self._loading[reference]:  # many ask at once, and each process is one too many
            if reference not in self._ready:
                await self._load_stored(reference)
        return self._ready[reference]

    async def _load_stored(self, reference: str) -> None:
        state = self._find_stored(reference)
        if state is None:
            raise ProviderError(f"there is no provider {reference}")
        provider = await self._load(state.type, state.inputs)
        await self._configure(provider, state.urn, state.id, state.inputs)

    async def keep(self, urn: str, id: str, inputs: PropertyMap) -> None:
        """Make an unchanged provider ready, with the inputs it had."""
        if urns.join_reference(urn, id) not in self._ready:
            fresh = await self._take_fresh(urn, inputs)
            await self._configure(fresh, urn, id, inputs)

    def adopt(self, state: ResourceState) -> None:
        """Let a ready provider be found under its former URNs as well."""
        ready = self._ready.get(urns.join_reference(state.urn, state.id))
        for alias in state.aliases:
            if ready is not None:
                self._ready[urns.join_reference(alias, state.id)] = ready

    async def must_replace(self, reference: str, stored: ResourceState | None) -> bool:
        """
        Say whether a resource must be made anew when it goes from one provider to another.

        `stored` is what state says of the old one now, whichever of its name served the resource.
        """
        ready = await self._find_ready(reference)
        if stored is None:
            return True
        urn = urns.split_reference(reference)[0]
        request = DiffRequest(stored.id, urn, stored.inputs, stored.outputs, ready.inputs)
        return asks_replacement(await ready.provider.diff_config(_without_internal(request)))

    async def check(self, request: CheckRequest) -> CheckResponse:
        """Check a provider's configuration, on an instance that waits to be configured."""
        fresh = await self._get_fresh(request.urn, request.news)
        response = await fresh.check_config(
            replace(request, olds=strip_internal(request.olds), news=strip_internal(request.news))
        )
        if INTERNAL not in request.news:
            return response
        inputs = {**response.inputs, INTERNAL: request.news[INTERNAL]}
        return replace(response, inputs=inputs)

    async def diff(self, request: DiffRequest) -> DiffResponse:
        """Compare two configurations."""
        fresh = await self._get_fresh(request.urn, request.news)
        response = await fresh.diff_config(_without_internal(request))
        if response.changes is Changes.UNKNOWN:
            olds, news = strip_internal(request.old_outputs), strip_internal(request.news)
            unchanged = is_same(olds, news)
            response = replace(response, changes=Changes.NONE if unchanged else Changes.SOME)
        return response

    async def create(self, request: CreateRequest) -> CreateResponse:
        """Configure a new instance; its id is random, and unknown in a preview."""
        fresh = await self._take_fresh(request.urn, request.properties)
        id = UNKNOWN_TEXT if request.preview else str(uuid.uuid4())
        await self._configure(fresh, request.urn, id, request.properties)
        return CreateResponse(
            UNKNOWN if request.preview else id, strip_internal(request.properties)
        )

    async def update(self, request: UpdateRequest) -> PropertyMap:
        """Let a newly configured instance take the reference."""
        fresh = await self._take_fresh(request.urn, request.news)
        await self._configure(fresh, request.urn, request.id, request.news)
        return strip_internal(request.news)

    async def read(self, request: ReadRequest) -> ReadResponse:
        """Give back what is known: a provider exists only in state."""
        return ReadResponse(request.id, request.properties, request.inputs)

    async def delete(self, request: DeleteRequest) -> None:
        """Forget the instance; it is closed with the others."""
        self._ready.pop(urns.join_reference(request.urn, request.id), None)

    async def cancel(self) -> None:
        """Ask every instance to end its calls."""
        await asyncio.gather(*(provider.cancel() for provider in self._opened))

    async def close(self) -> None:
        """Close every instance."""
        await asyncio.gather(*(provider.close() for provider in self._opened))

    async def _get_fresh(self, urn: str, inputs: PropertyMap) -> ResourceProvider:
        if urn not in self._fresh:
            self._fresh[urn] = await self._load(urns.urn_type(urn), inputs)
        return self._fresh[urn]

    async def _take_fresh(self, urn: str, inputs: PropertyMap) -> ResourceProvider:
        fresh = await self._get_fresh(urn, inputs)
        del self._fresh[urn]
        return fresh

    async def _load(self, type: str, inputs: PropertyMap) -> ResourceProvider:
        factory = self._find_factory(type.removeprefix(urns.PROVIDER_TYPE_PREFIX), inputs)
        provider = await factory(self._log)
        self._opened.append(provider)
        return provider

    def _find_factory(self, package: str, inputs: PropertyMap) -> ProviderFactory:
        try:
            need = read_need(package, inputs)
        except ValueError as error:
            raise ProviderError(f"the parameter of package {package}: {error}") from error
        for source in self._sources:
            factory = source.find(need)
            if factory is not None:
                return factory
        raise MetaPrefectError(
            "MP5102",
            f"there is no provider for package {package}",
            why="the embedded engine was given none, and starts no plugins here",
        )

    async def _configure(
        self, provider: ResourceProvider, urn: str, id: str, inputs: PropertyMap
    ) -> None:
        args = strip_internal(inputs)
        if self._preview and has_unknowns(args):
            provider = Unconfigured(provider, self._log)
        response = await provider.configure(ConfigureRequest(args, urn, id))
        if not response.supports_preview:
            provider = WithoutPreview(provider)
        self._ready[urns.join_reference(urn, id)] = _Ready(provider, inputs)


def asks_replacement(response: DiffResponse) -> bool:
    """Say whether a difference makes the resource anew."""
    detailed = response.detailed_diff or {}
    return bool(response.replaces) or any(item.kind.replaces for item in detailed.values())


def _without_internal(request: DiffRequest) -> DiffRequest:
    return replace(
        request,
        old_inputs=strip_internal(request.old_inputs),
        old_outputs=strip_internal(request.old_outputs),
        news=strip_internal(request.news),
    )
