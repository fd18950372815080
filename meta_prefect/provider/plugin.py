"""
The executable `pulumi-resource-prefect`: what Pulumi's own engine starts for the package `prefect`.

Prints the port it listens on, then serves until it is ended. The embedded engine does not need it.
"""

from __future__ import annotations

import asyncio
import sys

from meta_prefect.provider.hosting import find_version, render_own_schema
from meta_prefect.provider.provider import build_provider
from meta_prefect.provider.server import serve_engine


def main() -> None:
    """Serve one engine, whose address is the first argument that is not an option."""
    try:
        asyncio.run(serve_engine(build_provider, render_own_schema(), find_version()))
    except KeyboardInterrupt:
        sys.exit(130)
