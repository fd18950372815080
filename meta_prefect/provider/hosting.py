"""
The provider served by this process, for an engine in another one that is told the port.

An engine that starts a plugin starts one for each provider resource; here they share a port, and
each gets a connection, which is how they are told apart. Not to be confused with `plugin`, the
executable, which serves one.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from importlib.metadata import version
from typing import Any, Final

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from meta_prefect.interfaces.provider import ProviderFactory, ResourceProvider
from meta_prefect.provider.function_registry import FUNCTIONS
from meta_prefect.provider.registry import HANDLERS
from meta_prefect.provider.schema import build_schema, render_schema
from meta_prefect.provider.server import SERVER_OPTIONS, EngineLog, PrefectServicer
from meta_prefect.provider.settings import CONFIG_FIELDS

_METHODS: Final = tuple(
    method
    for method in provider_pb2.DESCRIPTOR.services_by_name["ResourceProvider"].methods
    if hasattr(PrefectServicer, method.name)
)

# Messages and contexts of the generated code have no types.
Message = Any


def find_version() -> str:
    """Give the version of the provider, which is that of the whole package."""
    return version("meta-prefect")


def render_own_schema() -> str:
    """Write the schema of all that the provider offers, as JSON text."""
    kinds = [handler.kind for handler in HANDLERS.values()]
    return render_schema(build_schema(find_version(), kinds, CONFIG_FIELDS, FUNCTIONS.values()))


class ConnectionServicer(provider_pb2_grpc.ResourceProviderServicer):
    """Answers every connection with a provider of its own."""

    def __init__(self, factory: ProviderFactory, schema: str) -> None:
        """Make providers with a factory, each with its connection's first call."""
        self._factory = factory
        self._schema = schema
        self._lock = asyncio.Lock()
        self._providers: list[ResourceProvider] = []
        self._servicers: dict[str, PrefectServicer] = {}
        for method in _METHODS:
            pass_on = self._stream_on if method.server_streaming else self._pass_on
            setattr(self, method.name, partial(pass_on, method.name))

    async def close(self) -> None:
        """Let go of all providers."""
        for provider in self._providers:
            await provider.close()

    async def _pass_on(self, name: str, request: Message, context: Any) -> Message:
        servicer = await self._find(context.peer())
        answer: Callable[[Message, Any], Awaitable[Message]] = getattr(servicer, name)
        return await answer(request, context)

    async def _stream_on(self, name: str, request: Message, context: Any) -> AsyncIterator[Message]:
        servicer = await self._find(context.peer())
        answers: AsyncIterator[Message] = getattr(servicer, name)(request, context)
        async for answer in answers:
            yield answer

    async def _find(self, peer: str) -> PrefectServicer:
        async with self._lock:
            if peer not in self._servicers:
                log = EngineLog()
                provider = await self._factory(log)
                self._providers.append(provider)
                servicer = PrefectServicer(provider, log, self._schema, find_version())
                self._servicers[peer] = servicer
            return self._servicers[peer]


@asynccontextmanager
async def host(factory: ProviderFactory, schema: str) -> AsyncIterator[int]:
    """Serve on a loopback port of the system's choice, on this loop; gives the port."""
    server = grpc.aio.server(options=SERVER_OPTIONS)
    servicer = ConnectionServicer(factory, schema)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield port
    finally:
        await server.stop(None)
        await servicer.close()


@contextmanager
def host_in_thread(factory: ProviderFactory, schema: str) -> Iterator[int]:
    """Serve on a loop in a thread of its own, until the context ends; gives the port."""
    started: Future[tuple[int, Callable[[], None]]] = Future()
    thread = threading.Thread(
        target=lambda: asyncio.run(_serve(factory, schema, started)),
        name="provider-host",
        daemon=True,
    )
    thread.start()
    port, stop = started.result()
    try:
        yield port
    finally:
        stop()
        thread.join()


async def _serve(
    factory: ProviderFactory, schema: str, started: Future[tuple[int, Callable[[], None]]]
) -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    try:
        async with host(factory, schema) as port:
            started.set_result((port, lambda: _set(loop, ended)))
            await ended.wait()
    except BaseException as error:
        if started.done():
            raise
        started.set_exception(error)


def _set(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    loop.call_soon_threadsafe(event.set)
