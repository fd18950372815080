"""
The place: which Prefect a stack works with, and whether it answers.

A Prefect is configured by environment or profile, as for Prefect itself; where none is, the stack
runs a local server. Only reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from meta_prefect.components.access import PrefectAccess
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.interfaces.provider import ProviderError

if TYPE_CHECKING:
    from meta_prefect.provider.settings import ProviderSettings

_PATIENCE_SECONDS: Final = 10.0
_DENIED: Final = frozenset({401, 403})
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_WORKER_URL_VARIABLE: Final = "META_PREFECT_WORKER_API_URL"


@dataclass(frozen=True, slots=True)
class PrefectPlace:
    """
    Which Prefect a stack works with.

    api_url: of one that is there; empty: the stack runs a local server.
    source: where the URL comes from, for people.
    api_key, auth_string: secrets that open it; empty: there is none.
    worker_url: where workers in clusters reach it; empty: at the same URL.
    """

    api_url: str = ""
    source: str = ""
    api_key: str = field(default="", repr=False)
    auth_string: str = field(default="", repr=False)
    worker_url: str = ""

    @property
    def access(self) -> PrefectAccess:
        """How workers in other places reach it: not at an address of this machine."""
        is_here = (urlsplit(self.api_url).hostname or "") in _LOOPBACK
        url = self.worker_url or ("" if is_here else self.api_url)
        return PrefectAccess(url, self.api_key, self.auth_string)


def find_place(profile: str, environment: Mapping[str, str]) -> PrefectPlace:
    """
    Look into environment and profile; `profile` is empty for the active one.

    Raises:
        MetaPrefectError: the profile does not exist, or the URL will not do.
    """
    found = resolve_provider_settings(profile, environment)
    worker_url = environment.get(_WORKER_URL_VARIABLE, "")
    if not found.api_url:
        return PrefectPlace(worker_url=worker_url)
    source = "PREFECT_API_URL" if environment.get("PREFECT_API_URL") else "Prefect profile"
    return PrefectPlace(found.api_url, source, found.api_key, found.auth_string, worker_url)


def greet_prefect(profile: str, environment: Mapping[str, str]) -> str:
    """
    Ask the configured Prefect for its version; empty on Cloud, which tells none.

    Raises:
        MetaPrefectError: it does not answer, or lets nobody in with these keys.
    """
    settings = resolve_provider_settings(profile, environment)
    patient = replace(settings, retries=0, request_timeout_seconds=_PATIENCE_SECONDS)
    try:
        return asyncio.run(_greet(patient))
    except ProviderError as error:
        raise _closed(settings.api_url, error) from error


async def _greet(settings: ProviderSettings) -> str:
    from meta_prefect.provider.client import PrefectClient

    client = PrefectClient(settings, lambda *_: None)
    try:
        await client.query("/flows/count", {}, doing="look at it")
        version: Any = await client.find("/admin/version", doing="ask for its version")
    finally:
        await client.close()
    return str(version or "")


def resolve_provider_settings(profile: str, environment: Mapping[str, str]) -> ProviderSettings:
    """
    Read all that environment and profile say about Prefect; `profile` is empty for the active one.

    Raises:
        MetaPrefectError: the profile does not exist, or the URL will not do.
    """
    from meta_prefect.provider.settings import resolve_settings

    try:
        return resolve_settings({"profile": profile} if profile else {}, environment)
    except ProviderError as error:
        raise MetaPrefectError(
            "MP1005",
            "Prefect's settings cannot be used",
            why=str(error),
            fixes=("prefect config view",),
            exit_code=ExitCode.USAGE,
        ) from error


def _closed(api_url: str, error: ProviderError) -> MetaPrefectError:
    denied = getattr(error, "status", 0) in _DENIED
    return MetaPrefectError(
        "MP1006",
        f"Prefect at {api_url} {'lets nobody in' if denied else 'does not answer'}",
        why=str(error),
        fixes=("prefect cloud login",)
        if denied
        else ("prefect config view", "unset PREFECT_API_URL  # to use a local server"),
        exit_code=ExitCode.AUTHENTICATION if denied else ExitCode.ERROR,
    )
