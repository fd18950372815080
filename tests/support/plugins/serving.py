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

from meta_prefect.interfaces.provider import ProviderFactory
from meta_prefect.provider.server import serve_engine

ROOT = Path(__file__).parents[3]


def run_plugin(factory: ProviderFactory, distribution: str) -> None:
    """Serve until the process is ended; `distribution` is whose version the plugin has."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve_engine(factory, "{}", version(distribution)))


def write_launcher(folder: Path, package: str, module: str) -> Path:
    """Put `pulumi-resource-PACKAGE` into a folder: a script that runs a module of the tests."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"pulumi-resource-{package}"
    path.write_text(
        f"#!/bin/sh\nexport PYTHONPATH='{ROOT}'\nexec '{sys.executable}' -m {module} \"$@\"\n"
    )
    path.chmod(0o755)
    return path
