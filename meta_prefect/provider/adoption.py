"""
Adoption: what a create does about a thing that is there already, and whose deployments are whose.

Not to be confused with an import, which a person asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.provider.handler import Handler
from meta_prefect.provider.settings import Adoption


def allow_adoption(handler: Handler, urn: str, thing: str, import_id: str) -> None:
    """
    Let a create take over what exists, with a warning.

    thing: with its kind and name, for people.

    Raises:
        ProviderError: the settings ask for an import.
    """
    if handler.settings.adopt is not Adoption.ALWAYS:
        raise ProviderError(
            f"{thing} exists already: import it as {import_id}, or set adopt to always"
        )
    handler.log(Severity.WARNING, urn, f"{thing} existed and is managed from now on")


def is_of_same_stack(deployment: Mapping[str, Any], owner_label: str, urn: str) -> bool:
    """Say whether a deployment's owner label names the stack and project of a URN."""
    owner = str((deployment.get("labels") or {}).get(owner_label, ""))
    return owner.split("::")[:2] == urn.split("::")[:2]
