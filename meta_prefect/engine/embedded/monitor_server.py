"""
The monitor as other processes see it: a gRPC server on loopback, started for the first of them.

Plugins that construct components register resources here. The user's program does not use it: it is
handed the monitor itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

import grpc.aio
from google.protobuf.message_factory import GetMessageClass
from pulumi.runtime.proto import resource_pb2

from meta_prefect.engine.embedded.failures import CallFailed

_SERVICE: Final = resource_pb2.DESCRIPTOR.services_by_name["ResourceMonitor"]
_LAST: Final = "SignalAndWaitForShutdown"
"""A call that only the user's program has to make."""

Answering = Callable[[str, Any], Awaitable[Any]]
"""Answers a call by the method's name; raises `CallFailed`."""


class MonitorServer:
    """Serves the plugins of one operation; for one event loop."""

    def __init__(self) -> None:
        """Listen nowhere yet."""
        self._server: grpc.aio.Server | None = None
        self._starting: asyncio.Task[str] | None = None

    async def start(self, answer: Answering) -> str:
        """Give the address, on the first call after starting to listen."""
        if self._starting is None:
            self._starting = asyncio.ensure_future(self._start(answer))
        return await asyncio.shield(self._starting)

    async def close(self) -> None:
        """Stop listening; never having started is fine."""
        if self._server is not None:
            await self._server.stop(None)

    async def _start(self, answer: Answering) -> str:
        self._server = grpc.aio.server()
        handlers = {
            method.name: grpc.unary_unary_rpc_method_handler(
                partial(_handle, answer, method.name),
                GetMessageClass(method.input_type).FromString,
                GetMessageClass(method.output_type).SerializeToString,
            )
            for method in _SERVICE.methods
            if method.name != _LAST
        }
        generic = grpc.method_handlers_generic_handler(_SERVICE.full_name, handlers)
        self._server.add_generic_rpc_handlers((generic,))
        port = self._server.add_insecure_port("127.0.0.1:0")
        await self._server.start()
        return f"127.0.0.1:{port}"


async def _handle(answer: Answering, name: str, request: Any, context: Any) -> Any:
    try:
        return await answer(name, request)
    except CallFailed as failed:
        await context.abort(failed.code(), failed.details())
