"""
The executable `pulumi-resource-prefect`: what Pulumi's own engine starts for the package `prefect`.

Prints the port it listens on, then serves until it is ended. The embedded engine does not need it.
"""

from __future__ import annotations

import asyncio
import sys
from importlib.metadata import version

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from meta_prefect.provider.functions import FUNCTIONS
from meta_prefect.provider.provider import build_provider
from meta_prefect.provider.registry import HANDLERS
from meta_prefect.provider.schema import build_schema, render_schema
from meta_prefect.provider.server import EngineLog, PrefectServicer
from meta_prefect.provider.settings import CONFIG_FIELDS

_LARGEST_MESSAGE_BYTES = 1024 * 1024 * 400


def main() -> None:
    """Serve one engine, whose address is the first argument that is not an option."""
    addresses = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    try:
        asyncio.run(serve(addresses[0] if addresses else ""))
    except KeyboardInterrupt:
        sys.exit(130)


async def serve(engine_address: str) -> None:
    """Listen on a port of the system's choice, print it, and answer until the process ends."""
    own_version = version("meta-prefect")
    kinds = [handler.kind for handler in HANDLERS.values()]
    schema = render_schema(build_schema(own_version, kinds, CONFIG_FIELDS, FUNCTIONS))
    log = EngineLog(engine_address)
    provider = await build_provider(log)
    server = grpc.aio.server(
        options=[
            ("grpc.max_receive_message_length", _LARGEST_MESSAGE_BYTES),
            ("grpc.max_send_message_length", _LARGEST_MESSAGE_BYTES),
        ]
    )
    servicer = PrefectServicer(provider, log, schema, own_version)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    try:
        await server.wait_for_termination()
    finally:
        await provider.close()
