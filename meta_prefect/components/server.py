"""
The Prefect that a stack works with: one that is there, or a local server that the stack runs.

Gives a provider resource; everything else takes it from `Surroundings` and never asks which it is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pulumi

from meta_prefect.provider import sdk

SERVER_NAME: Final = "server/local"
PROVIDER_NAME: Final = "provider/prefect"


def declare_existing_prefect(api_url: pulumi.Input[str]) -> sdk.Provider:
    """Use a Prefect that somebody else runs; its key comes from environment or profile."""
    return sdk.Provider(PROVIDER_NAME, api_url=api_url)


def declare_local_prefect(home: Path) -> sdk.Provider:
    """
    Run a Prefect server on this machine, with its data in `home`, and use that.

    All that it holds is the stack's, also what is left from before a server was killed: it is taken
    over when it comes up again.
    """
    server = sdk.Server(SERVER_NAME, home=str(home))
    return sdk.Provider(
        PROVIDER_NAME,
        api_url=server.url,
        local_home=str(home),
        adopt="always",
        opts=pulumi.ResourceOptions(depends_on=[server]),
    )
