"""
The engine as provider plugins see it: a gRPC server on loopback, started for the first plugin.

Plugins log here and may ask for the stack's URN. The user's program does not use it: it is handed
the `EngineService` of `monitor` itself.

Source: `sdk/proto/pulumi/engine.proto` of Pulumi 3.272.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import grpc.aio
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from meta_prefect.interfaces.diagnostics import Severity

_SEVERITIES: Final = {
    engine_pb2.INFO: Severity.INFO,
    engine_pb2.WARNING: Severity.WARNING,
    engine_pb2.ERROR: Severity.ERROR,
}

MessageSink = Callable[[Severity, str, str, bool], None]
"""Takes severity, URN, message, and whether the message is only a status."""


class EngineServer:
    """Serves the plugins of one operation; for one event loop."""

    def __init__(self, on_message: MessageSink, root_urn: str) -> None:
        """Listen nowhere yet; `root_urn` is the stack's."""
        self._on_message = on_message
        self._root_urn = root_urn
        self._server: grpc.aio.Server | None = None
        self._starting: asyncio.Task[str] | None = None

    async def start(self) -> str:
        """Give the address, on the first call after starting to listen."""
        if self._starting is None:
            self._starting = asyncio.ensure_future(self._start())
        return await asyncio.shield(self._starting)

    async def close(self) -> None:
        """Stop listening; never having started is fine."""
        if self._starting is not None:
            await asyncio.wait({self._starting})
        if self._server is not None:
            await self._server.stop(None)

    async def _start(self) -> str:
        self._server = grpc.aio.server()
        servicer = _Servicer(self._on_message, self._root_urn)
        engine_pb2_grpc.add_EngineServicer_to_server(servicer, self._server)
        port = self._server.add_insecure_port("127.0.0.1:0")
        await self._server.start()
        return f"127.0.0.1:{port}"


class _Servicer(engine_pb2_grpc.EngineServicer):
    def __init__(self, on_message: MessageSink, root_urn: str) -> None:
        self._on_message = on_message
        self._root_urn = root_urn

    async def Log(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: ARG002, N802
        severity = _SEVERITIES.get(request.severity)
        if severity is not None:
            self._on_message(severity, request.urn, request.message, request.ephemeral)
        return empty_pb2.Empty()

    async def GetRootResource(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        return engine_pb2.GetRootResourceResponse(urn=self._root_urn)
