"""
Default providers: made on first need for a package that no explicit provider serves.

Says what a default provider is called and what it is configured with; the operation registers it
like any other resource.

Source: `pkg/resource/deploy/default_providers.go` and `source_eval.go`, and
`computeDefaultProviderPackages` in `pkg/engine/plugins.go`, of Pulumi 3.260.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from meta_prefect.engine import urn as urns
from meta_prefect.engine.embedded.goals import Goal
from meta_prefect.engine.embedded.packages import PluginNeed, add_need, read_need
from meta_prefect.engine.embedded.plugin_finder import order_version
from meta_prefect.engine.state.checkpoint import ResourceState
from meta_prefect.interfaces.engine import ConfigValue
from meta_prefect.interfaces.values import Secret

_DISABLED_KEY: Final = "pulumi:disable-default-providers"
_NOT_FIRST_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_.]")
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_.-]")


def find_known_needs(states: Iterable[ResourceState]) -> dict[str, PluginNeed]:
    """
    Give for each package the newest plugin that a provider in state was made with.

    A program in this process does not say beforehand which plugins it needs, so these are the
    ones for whatever asks for no version.
    """
    found: dict[str, PluginNeed] = {}
    for state in states:
        need = _read_plain_need(state) if urns.is_provider_type(state.type) else None
        if need is not None and _is_newer(need, found.get(need.package)):
            found[need.package] = need
    return found


def complete_need(need: PluginNeed, known: PluginNeed | None) -> PluginNeed:
    """Take from the known plugin of a package what a need does not say."""
    if known is None or need.parameter is not None:
        return need
    return replace(
        need,
        version=need.version or known.version,
        download_url=need.download_url or known.download_url,
        checksums=need.checksums or known.checksums,
    )


def _read_plain_need(state: ResourceState) -> PluginNeed | None:
    """Read what a provider's plugin was found by; None if its package is made by a parameter."""
    package = state.type.removeprefix(urns.PROVIDER_TYPE_PREFIX)
    try:
        need = read_need(package, state.inputs)
    except ValueError:
        return None  # who needs the provider is told of the damage
    return need if need.parameter is None else None


def _is_newer(need: PluginNeed, other: PluginNeed | None) -> bool:
    if other is None or not other.version:
        return True
    return bool(need.version) and order_version(need.version) >= order_version(other.version)


def build_default_goal(
    need: PluginNeed, stack: str, project: str, config: Mapping[str, ConfigValue]
) -> Goal:
    """Say what the default provider of a package should be."""
    type = urns.PROVIDER_TYPE_PREFIX + need.package
    name = build_default_name(need)
    inputs = add_need(_read_package_config(need.package, config), need)
    return Goal(urns.build_urn(stack, project, "", type, name), type, name, True, inputs)


def build_default_name(need: PluginNeed) -> str:
    """Give the name of a default provider; version and URL are part of it."""
    parts = ["default"]
    if need.package_version:
        parts += re.split(r"[.+-]", need.package_version)
    if need.download_url:
        parts.append(_build_name(need.download_url))
    return "_".join(parts)


def _build_name(url: str) -> str:
    """Make a URL a name of Pulumi's: slashes stay, once, and parts begin with a letter."""
    parts = (
        _NOT_FIRST_IN_NAMES.sub("_", part[0]) + _NOT_IN_NAMES.sub("_", part[1:])
        for part in url.split("/")
        if part
    )
    return "/".join(parts)


def is_disabled(package: str, config: Mapping[str, ConfigValue]) -> bool:
    """Say whether the stack's configuration forbids default providers for a package."""
    setting = config.get(_DISABLED_KEY)
    disabled = json.loads(setting.value) if setting else []
    return package in disabled or "*" in disabled


def _read_package_config(package: str, config: Mapping[str, ConfigValue]) -> dict[str, Any]:
    prefix = f"{package}:"
    return {
        key.removeprefix(prefix): Secret(item.value) if item.secret else item.value
        for key, item in config.items()
        if key.startswith(prefix) and key != _DISABLED_KEY
    }
