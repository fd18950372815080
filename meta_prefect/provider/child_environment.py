"""
The environment of background processes: the caller's, without what they must not have.

Nothing of the caller's Prefect settings goes along, as these point at another server, and nothing
that is the operation's own: Pulumi's settings, keys of clouds. Pure.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from meta_prefect.provider.settings import ProviderSettings

_PREFIXES: Final = ("PREFECT_", "PULUMI_")
_KEYS: Final = frozenset(
    {
        "ARM_ACCESS_KEY",
        "ARM_CLIENT_CERTIFICATE_PASSWORD",
        "ARM_CLIENT_SECRET",
        "ARM_SAS_TOKEN",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SECURITY_TOKEN",
        "AWS_SESSION_TOKEN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AZURE_CLIENT_CERTIFICATE_PASSWORD",
        "AZURE_CLIENT_SECRET",
        "AZURE_PASSWORD",
        "AZURE_STORAGE_CONNECTION_STRING",
        "AZURE_STORAGE_KEY",
        "AZURE_STORAGE_SAS_TOKEN",
        "CLOUDSDK_AUTH_ACCESS_TOKEN",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "GOOGLE_CREDENTIALS",
        "GOOGLE_OAUTH_ACCESS_TOKEN",
    }
)
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


def build_base(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """
    Take over what a background process may have.

    folder: the caller's working folder, to which relative import paths are bound.
    """
    kept = {
        key: value
        for key, value in environment.items()
        if not key.startswith(_PREFIXES) and key not in _KEYS
    }
    if "PYTHONPATH" in kept:
        parts = kept["PYTHONPATH"].split(os.pathsep)
        kept["PYTHONPATH"] = os.pathsep.join(str(folder / part) for part in parts)
    return kept


def build_api_access(settings: ProviderSettings, environment: Mapping[str, str]) -> dict[str, str]:
    """Say to a worker where the API is and how to log in, in Prefect's variables."""
    access = {
        "PREFECT_API_URL": settings.api_url,
        "PREFECT_API_KEY": settings.api_key,
        "PREFECT_API_AUTH_STRING": settings.auth_string,
        "PREFECT_API_SSL_CERT_FILE": settings.ssl_cert_file,
    }
    if settings.custom_headers:
        access["PREFECT_CLIENT_CUSTOM_HEADERS"] = json.dumps(dict(settings.custom_headers))
    if settings.tls_insecure_skip_verify:
        access["PREFECT_API_TLS_INSECURE_SKIP_VERIFY"] = "true"
    if settings.host in _LOOPBACK:
        access |= _without_proxy(environment)
    return {key: value for key, value in access.items() if value}


def build_fingerprint(command: Sequence[str], variables: Mapping[str, str]) -> str:
    """Make a text that is equal for equal commands and variables, and tells neither."""
    text = json.dumps([list(command), sorted(variables.items())])
    return hashlib.sha256(text.encode()).hexdigest()


def _without_proxy(environment: Mapping[str, str]) -> dict[str, str]:
    # A proxy knows no way to a server on this machine.
    given = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    value = ",".join((given, *_LOOPBACK)) if given else ",".join(_LOOPBACK)
    return {"NO_PROXY": value, "no_proxy": value}
