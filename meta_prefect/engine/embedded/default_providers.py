"""
Default providers: made on first need for a package that no explicit provider serves.

Says what a default provider is called and what it is configured with; the operation registers it
like any other resource.

Source: `pkg/resource/deploy/providers/default_providers.go` and `source_eval.go` of Pulumi 3.260.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from meta_prefect.engine import urn as urns
from meta_prefect.engine.embedded.goals import Goal
from meta_prefect.engine.embedded.providers import INTERNAL
from meta_prefect.interfaces.engine import ConfigValue
from meta_prefect.interfaces.values import Secret

_DISABLED_KEY: Final = "pulumi:disable-default-providers"
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_.-]")


@dataclass(frozen=True, slots=True)
class ProviderNeed:
    """What a default provider is made for; equal needs share one."""

    package: str
    version: str = ""
    download_url: str = ""


def build_default_goal(
    need: ProviderNeed, stack: str, project: str, config: Mapping[str, ConfigValue]
) -> Goal:
    """Say what the default provider of a package should be."""
    type = urns.PROVIDER_TYPE_PREFIX + need.package
    name = build_default_name(need)
    inputs: dict[str, Any] = _read_package_config(need.package, config)
    if need.version:
        inputs["version"] = need.version
    if need.download_url:
        inputs[INTERNAL] = {"pluginDownloadURL": need.download_url}
    return Goal(urns.build_urn(stack, project, "", type, name), type, name, True, inputs)


def build_default_name(need: ProviderNeed) -> str:
    """Give the name of a default provider; version and URL are part of it."""
    parts = ["default"]
    if need.version:
        parts += re.split(r"[.+-]", need.version.removeprefix("v"))
    if need.download_url:
        parts.append(_NOT_IN_NAMES.sub("_", need.download_url))
    return "_".join(parts)


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
