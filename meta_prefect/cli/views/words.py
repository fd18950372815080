"""
Types of resources in plain words.

Pure. A type that is not in the table is called by its last part.
"""

from __future__ import annotations

import re
from typing import Final

_WORDS: Final = {
    "meta-prefect:components:DeployedFlow": "flow",
    "prefect:local:Server": "Prefect server",
    "pulumi:providers:prefect": "Prefect connection",
    "pulumi:pulumi:Stack": "stack",
}
_CAPITAL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PROVIDER: Final = "pulumi:providers:"


def say_type(token: str) -> str:
    """Name a resource type as people do: `prefect:index:WorkPool` is a work pool."""
    if token in _WORDS:
        return _WORDS[token]
    if token.startswith(_PROVIDER):
        return f"{token.removeprefix(_PROVIDER)} provider"
    return " ".join(_CAPITAL.split(token.rpartition(":")[2])).lower()


def say_property(name: str) -> str:
    """Write a property as Python does: `workPoolName` is `work_pool_name`."""
    return "_".join(part.lower() for part in _CAPITAL.split(name))
