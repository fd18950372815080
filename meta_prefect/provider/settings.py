"""
The provider's own configuration: where Prefect's API is and how to speak to it.

Values come from the provider resource's inputs, then the environment, then a Prefect profile, whose
file is read here without Prefect. Reads environment and files; never the network. Not to be
confused with `project.settings`, which is about a meta-prefect project.

Source of names and order: `prefect/settings` of Prefect 3.8.8.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from meta_prefect.interfaces.provider import CheckFailure, ProviderError
from meta_prefect.interfaces.values import UNKNOWN
from meta_prefect.provider.fields import Field, FieldType

_CLOUD_HOST: Final = "api.prefect.cloud"
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_URL_VARIABLE: Final = "PREFECT_API_URL"
_DATABASE_VARIABLE: Final = "PREFECT_API_DATABASE_CONNECTION_URL"


class Adoption(StrEnum):
    """What a create does when the thing is there already."""

    NEVER = "never"
    OWN = "own"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """
    The configuration, resolved.

    api_url: without a trailing slash; empty when there is none or it is not known yet.
    url_unknown: the URL comes later in this operation; handlers then answer from inputs only.
    retries: attempts beyond the first.
    owner_label: label on deployments that holds their URN; empty: none is set.
    local_home: folder of a server that the same stack runs; empty: somebody else runs it.
    database_url: what Prefect's own settings say for servers of this machine; empty: nothing.
    """

    api_url: str = ""
    url_unknown: bool = False
    api_key: str = field(default="", repr=False)
    auth_string: str = field(default="", repr=False)
    custom_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    tls_insecure_skip_verify: bool = False
    ssl_cert_file: str = ""
    max_connections: int = 16
    request_timeout_seconds: float = 60.0
    retries: int = 8
    adopt: Adoption = Adoption.OWN
    owner_label: str = "meta-prefect.urn"
    local_home: str = ""
    database_url: str = field(default="", repr=False)

    @property
    def host(self) -> str:
        """Host name of the API."""
        return urlsplit(self.api_url).hostname or ""

    @property
    def max_writers(self) -> int:
        """
        Writing requests at once, at most.

        A server on this machine is on SQLite, where two writers may hold each other up for a
        minute, unless the settings that it was started with name another database.
        """
        if self.is_on_this_machine and not self.database_url.startswith("postgresql"):
            return 1
        return self.max_connections

    @property
    def is_on_this_machine(self) -> bool:
        """Whether the API is served by this machine."""
        return self.host in _LOOPBACK

    @property
    def ui_url(self) -> str:
        """Where people look at what the API holds."""
        if self.is_cloud:
            path = urlsplit(self.api_url).path.partition("/accounts/")[2]
            account, _, workspace = path.partition("/workspaces/")
            return f"https://app.prefect.cloud/account/{account}/workspace/{workspace}"
        return self.api_url.removesuffix("/api")

    @property
    def is_cloud(self) -> bool:
        """Whether the API is Prefect Cloud's."""
        return self.host == _CLOUD_HOST


def _read_url(url: str) -> str:
    return url.rstrip("/")


def _read_adoption(value: str) -> str:
    if value not in tuple(Adoption):
        raise ValueError(f"must be one of {', '.join(Adoption)}")
    return value


def _positive(value: float) -> float:
    if value <= 0:
        raise ValueError("must be above 0")
    return value


CONFIG_FIELDS: Final = (
    Field(
        "apiUrl",
        FieldType.STRING,
        "URL of Prefect's API, with `/api`; default: environment, then profile. Another host or "
        "workspace replaces the provider.",
        canonical=_read_url,
    ),
    Field("apiKey", FieldType.STRING, "Key of Prefect Cloud.", secret=True),
    Field("authString", FieldType.STRING, "`user:password` of a self-hosted server.", secret=True),
    Field("customHeaders", FieldType.STRING_MAP, "Headers of every request.", secret=True),
    Field("profile", FieldType.STRING, "Name of a Prefect profile; default: the active one."),
    Field("profilesFile", FieldType.STRING, "File of the profiles; default: in PREFECT_HOME."),
    Field("accountId", FieldType.STRING, "Prefect Cloud account; default: from the URL."),
    Field("workspaceId", FieldType.STRING, "Prefect Cloud workspace; default: from the URL."),
    Field("tlsInsecureSkipVerify", FieldType.BOOLEAN, "Trust any certificate; default false."),
    Field("sslCertFile", FieldType.STRING, "File of the certificates to trust."),
    Field(
        "maxConnections",
        FieldType.INTEGER,
        "Requests at once, reading and writing ones each; default 16. Writers begin with one and "
        "become more where that is faster, never on this machine's SQLite.",
        canonical=_positive,
    ),
    Field(
        "requestTimeout",
        FieldType.NUMBER,
        "Seconds of one request; default 60.",
        canonical=_positive,
    ),
    Field("retries", FieldType.INTEGER, "Attempts after the first; default 8."),
    Field(
        "adopt",
        FieldType.STRING,
        "What to do when a thing to create exists: `never`, `own` (default) or `always` take over.",
        canonical=_read_adoption,
    ),
    Field(
        "ownerLabel",
        FieldType.STRING,
        "Label on deployments that names their owner; default `meta-prefect.urn`, empty for none.",
    ),
    Field(
        "localHome",
        FieldType.STRING,
        "Folder of a server that the same stack runs: once it is gone, so is what it held.",
    ),
)
"""The provider resource's inputs; what the environment may give has no default here."""


def check_config(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[CheckFailure]]:
    """Normalise the inputs and find all that is wrong; asks neither environment nor network."""
    checked: dict[str, Any] = {}
    failures: list[CheckFailure] = []
    for item in CONFIG_FIELDS:
        if values.get(item.name) is None:
            continue
        try:
            checked[item.name] = item.read(_from_text(item, values[item.name]))
        except ValueError as error:
            failures.append(CheckFailure(item.name, str(error)))
    if not failures:
        failures += _judge(checked)
    return checked, failures


def _from_text(item: Field, value: Any) -> Any:
    # Stack configuration and default providers give every value as text.
    if not isinstance(value, str) or item.type is FieldType.STRING:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _judge(values: Mapping[str, Any]) -> Iterator[CheckFailure]:
    if values.get("apiKey") and values.get("authString"):
        yield CheckFailure("", "apiKey and authString exclude each other: one is Cloud's")
    url = values.get("apiUrl")
    if url is not None and url is not UNKNOWN:
        yield from _judge_url(url)


def _judge_url(url: str) -> Iterator[CheckFailure]:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        yield CheckFailure("apiUrl", "must begin with http:// or https:// and name a host")
    elif parts.hostname != _CLOUD_HOST and not parts.path.endswith("/api"):
        yield CheckFailure("apiUrl", f"must end with /api: {url}/api")


def replaces_provider(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Say whether another Prefect is meant: another host, or another Cloud workspace."""
    before, after = old.get("apiUrl"), new.get("apiUrl")
    if UNKNOWN in (before, after) or not before or not after:
        return False
    keys = ("accountId", "workspaceId")
    return _place(before) != _place(after) or any(old.get(key) != new.get(key) for key in keys)


def _place(url: str) -> tuple[str | None, str]:
    parts = urlsplit(url)
    return parts.hostname, parts.path if parts.hostname == _CLOUD_HOST else ""


def resolve_settings(values: Mapping[str, Any], environment: Mapping[str, str]) -> ProviderSettings:
    """
    Make the settings from inputs, environment and profile, in this order.

    Raises:
        ProviderError: the profile does not exist or its file is broken, or the URL will not do.
    """
    lookup = _Lookup(values, environment, _read_profile(values, environment))
    unknown = lookup.first("apiUrl", _URL_VARIABLE) is UNKNOWN
    url = "" if unknown else _workspace_url(lookup)
    for failure in _judge_url(url) if url else ():
        raise ProviderError(f"Prefect API URL {failure.reason}")
    settings = ProviderSettings(
        api_url=url,
        url_unknown=unknown,
        api_key=lookup.text("apiKey", "PREFECT_API_KEY"),
        auth_string=lookup.text("authString", "PREFECT_API_AUTH_STRING"),
        custom_headers=lookup.mapping("customHeaders", "PREFECT_CLIENT_CUSTOM_HEADERS"),
        tls_insecure_skip_verify=lookup.flag(
            "tlsInsecureSkipVerify", "PREFECT_API_TLS_INSECURE_SKIP_VERIFY"
        ),
        ssl_cert_file=lookup.text("sslCertFile", "PREFECT_API_SSL_CERT_FILE"),
        max_connections=values.get("maxConnections", 16),
        request_timeout_seconds=values.get("requestTimeout", 60.0),
        retries=values.get("retries", 8),
        adopt=Adoption(values.get("adopt", Adoption.OWN)),
        owner_label=values.get("ownerLabel", "meta-prefect.urn"),
        local_home=values.get("localHome", ""),
        database_url=lookup.text("", _DATABASE_VARIABLE),
    )
    if settings.is_cloud and not settings.api_key:
        raise ProviderError("Prefect Cloud needs a key: set apiKey or PREFECT_API_KEY")
    return settings


@dataclass(frozen=True, slots=True)
class _Lookup:
    values: Mapping[str, Any]
    environment: Mapping[str, str]
    profile: Mapping[str, str]

    def first(self, key: str, variable: str) -> Any:
        """Find a value in the first place that has one; None when none has."""
        for place, name in (
            (self.values, key),
            (self.environment, variable),
            (self.profile, variable),
        ):
            if place.get(name) not in (None, ""):
                return place[name]
        return None

    def text(self, key: str, variable: str) -> str:
        """Find text; an unknown value counts as none."""
        value = self.first(key, variable)
        return "" if value is None or value is UNKNOWN else str(value)

    def flag(self, key: str, variable: str) -> bool:
        """Find a boolean, or the words that Prefect takes for one."""
        value = self.first(key, variable)
        return str(value).lower() in {"true", "1", "yes", "on"}

    def mapping(self, key: str, variable: str) -> dict[str, str]:
        """Find an object, or one as JSON text."""
        value = self.first(key, variable)
        if isinstance(value, str):
            value = _parse_headers(variable, value)
        return dict(value) if isinstance(value, Mapping) else {}


def _parse_headers(variable: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ProviderError(f"{variable} is not a JSON object") from error


def _workspace_url(lookup: _Lookup) -> str:
    url = lookup.text("apiUrl", _URL_VARIABLE).rstrip("/")
    account, workspace = lookup.values.get("accountId"), lookup.values.get("workspaceId")
    if account and urlsplit(url).hostname == _CLOUD_HOST:
        account_url = f"{url.partition('/accounts/')[0]}/accounts/{account}"
        # Accounts have kinds of their own, so that the first workspace can be one of a stack.
        return f"{account_url}/workspaces/{workspace}" if workspace else account_url
    return url


def _read_profile(values: Mapping[str, Any], environment: Mapping[str, str]) -> Mapping[str, str]:
    name = values.get("profile") or environment.get("PREFECT_PROFILE")
    path = _profiles_path(values, environment)
    if not path.is_file():
        if name:
            raise ProviderError(f"Prefect profile {name!r} is asked for, but {path} does not exist")
        return {}
    document = _parse_toml(path)
    profiles = document.get("profiles", {})
    if name and name not in profiles:
        raise ProviderError(f"Prefect profile {name!r} is not in {path}")
    # The active one may be built into Prefect; those give no URL of a server that stays.
    chosen = profiles.get(name or document.get("active"), {})
    return {key: str(value) for key, value in chosen.items()}


def _profiles_path(values: Mapping[str, Any], environment: Mapping[str, str]) -> Path:
    given = values.get("profilesFile") or environment.get("PREFECT_PROFILES_PATH")
    home = environment.get("PREFECT_HOME") or Path.home() / ".prefect"
    return Path(given or Path(home) / "profiles.toml").expanduser()


def _parse_toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ProviderError(f"{path} is not a file of Prefect profiles: {error}") from error
