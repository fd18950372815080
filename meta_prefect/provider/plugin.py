"""
The executable `pulumi-resource-prefect`: what Pulumi's own engine starts for the package `prefect`.

Prints the port it listens on, then serves until it is ended. The embedded engine does not need it.
"""

from __future__ import annotations

import asyncio
import sys

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from meta_prefect.provider.hosting import SERVER_OPTIONS, find_version, render_own_schema
from meta_prefect.provider.provider import build_provider
from meta_prefect.provider.server import EngineLog, PrefectServicer


def main() -> None:
    """Serve one engine, whose address is the first argument that is not an option."""
    addresses = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    try:
        asyncio.run(serve(addresses[0] if addresses else ""))
    except KeyboardInterrupt:
        sys.exit(130)


async def serve(engine_address: str) -> None:
    """Listen on a port of the system's choice, print it, and answer until the process ends."""
    log = EngineLog(engine_address)
    provider = await build_provider(log)
    server = grpc.aio.server(options=SERVER_OPTIONS)
    servicer = PrefectServicer(provider, log, render_own_schema(), find_version())
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    try:
        await server.wait_for_termination()
    finally:
        await provider.close()
