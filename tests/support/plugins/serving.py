"""
A provider of the tests as a plugin: prints its port, then serves the engine that started it.

The gRPC side is that of the Prefect provider, which knows nothing of Prefect. Not to be confused
with `plugin_main`, a plugin that misbehaves when told to.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from importlib.metadata import version
from pathlib import Path

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from meta_prefect.interfaces.provider import ProviderFactory
from meta_prefect.provider.server import EngineLog, PrefectServicer

ROOT = Path(__file__).parents[3]
_MANY_BYTES = 400 * 1024 * 1024
_OPTIONS = [
    ("grpc.max_receive_message_length", _MANY_BYTES),
    ("grpc.max_send_message_length", _MANY_BYTES),
]


def run_plugin(factory: ProviderFactory, distribution: str) -> None:
    """Serve until the process is ended; `distribution` is whose version the plugin has."""
    addresses = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(factory, version(distribution), addresses[0] if addresses else ""))


async def _serve(factory: ProviderFactory, plugin_version: str, engine_address: str) -> None:
    log = EngineLog(engine_address)
    provider = await factory(log)
    server = grpc.aio.server(options=_OPTIONS)
    servicer = PrefectServicer(provider, log, "{}", plugin_version)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    try:
        await server.wait_for_termination()
    finally:
        await provider.close()


def write_launcher(folder: Path, package: str, module: str) -> Path:
    """Put `pulumi-resource-PACKAGE` into a folder: a script that runs a module of the tests."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"pulumi-resource-{package}"
    path.write_text(
        f"#!/bin/sh\nexport PYTHONPATH='{ROOT}'\nexec '{sys.executable}' -m {module} \"$@\"\n"
    )
    path.chmod(0o755)
    return path
