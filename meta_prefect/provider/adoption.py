"""
Adoption: what a create does about a thing that is there already, and whose deployments are whose.

Not to be confused with an import, which a person asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.provider.handler import Handler, Values
from meta_prefect.provider.settings import Adoption

_NATURAL_KEYS: Final = frozenset(
    {
        *("name", "slug", "handle", "tag", "email", "version", "capabilities", "fields"),
        *("flowId", "flowName", "workPoolName", "deploymentId", "userId", "accountId"),
        *("blockTypeId", "blockTypeSlug"),
    }
)
"""Inputs by which the world tells things of one kind apart."""


def has_same_key(old: Values, new: Values) -> bool:
    """Say whether inputs of one resource are about the same thing in the world."""
    return all(old.get(key) == new.get(key) for key in _NATURAL_KEYS)


def refuse_itself(handler: Handler, urn: str, thing: str) -> None:
    """
    Refuse that a create takes over what it is to replace: the engine would delete that next.

    thing: what exists already, with its kind and name, for people.

    Raises:
        ProviderError: the state has it.
    """
    if urn in handler.in_state:
        raise ProviderError(
            f"{thing} cannot be made beside the one that it replaces: set delete_before_replace"
        )


def allow_adoption(handler: Handler, urn: str, thing: str, import_id: str) -> None:
    """
    Let a create take over what exists, with a warning.

    thing: with its kind and name, for people.

    Raises:
        ProviderError: the settings ask for an import, or it is what the create is to replace.
    """
    refuse_itself(handler, urn, thing)
    if handler.settings.adopt is not Adoption.ALWAYS:
        raise ProviderError(
            f"{thing} exists already: import it as {import_id}, or set adopt to always"
        )
    handler.log(Severity.WARNING, urn, f"{thing} existed and is managed from now on")


def is_of_same_stack(deployment: Mapping[str, Any], owner_label: str, urn: str) -> bool:
    """Say whether a deployment's owner label names the stack and project of a URN."""
    owner = str((deployment.get("labels") or {}).get(owner_label, ""))
    return owner.split("::")[:2] == urn.split("::")[:2]
