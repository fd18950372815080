"""
Packages: which plugin serves a package, as requests and the inputs of provider resources say it.

Pure. A provider's record in state is all that a later operation has to find the plugin by, so what
is needed for that is among its inputs: `version` at the top, everything else under `__internal`.
Finding the plugin itself is `plugin_finder`'s business.

Source: `pkg/resource/deploy/providers/registry.go` and `provider.go` of Pulumi 3.260.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from meta_prefect.interfaces.values import PropertyMap, PropertyValue

INTERNAL: Final = "__internal"
"""The input of a provider resource that holds what is not configuration."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """
    What makes another package of a plugin that is made for it (a bridge to Terraform, mostly).

    name, version: of the package that comes of it.
    value: opaque to everybody but the plugin.
    """

    name: str
    version: str
    value: bytes


@dataclass(frozen=True, slots=True)
class PluginNeed:
    """
    A package, as far as it matters for which plugin serves it; equal needs share a provider.

    plugin: name of the plugin.
    version: of the plugin; empty means any.
    download_url: folder of its archives; empty means the official place.
    checksums: pairs of `OS-ARCH` and the SHA-256 of that archive in hex.
    variables: pairs of environment variables; the plugin sees the first one's value in the second.
    """

    plugin: str
    version: str = ""
    download_url: str = ""
    checksums: tuple[tuple[str, str], ...] = ()
    parameter: Parameter | None = None
    variables: tuple[tuple[str, str], ...] = ()

    @property
    def package(self) -> str:
        """Name of the package."""
        return self.plugin if self.parameter is None else self.parameter.name

    @property
    def package_version(self) -> str:
        """Version of the package."""
        return self.version if self.parameter is None else self.parameter.version


def add_need(inputs: PropertyMap, need: PluginNeed) -> dict[str, PropertyValue]:
    """Add to a provider's configuration what its plugin is found by; nothing is taken away."""
    internal: dict[str, PropertyValue] = {}
    if need.download_url:
        internal["pluginDownloadURL"] = need.download_url
    if need.checksums:
        internal["pluginChecksums"] = dict(need.checksums)
    if need.variables:
        internal["envVarMappings"] = dict(need.variables)
    if need.parameter is not None:
        internal["name"] = need.plugin
        internal["version"] = need.version
        internal["parameterization"] = base64.b64encode(need.parameter.value).decode()
    added = {"version": need.package_version} if need.package_version else {}
    if not internal and not added:
        return dict(inputs)
    return {**inputs, **added, INTERNAL: {**_read_map(inputs.get(INTERNAL)), **internal}}


def read_need(package: str, inputs: PropertyMap) -> PluginNeed:
    """
    Say what the plugin of a provider is found by.

    Raises:
        ValueError: the parameter is damaged.
    """
    # Providers stored by old engines have everything at the top.
    internal = _read_map(inputs[INTERNAL]) if INTERNAL in inputs else inputs
    value = _read_text(internal, "parameterization")
    version = _read_text(internal if value else inputs, "version")
    parameter = None
    if value:
        decoded = base64.b64decode(value, validate=True)
        parameter = Parameter(package, _read_text(inputs, "version"), decoded)
    return PluginNeed(
        _read_text(internal, "name") or package,
        version.removeprefix("v"),
        _read_text(internal, "pluginDownloadURL"),
        _read_pairs(internal, "pluginChecksums"),
        parameter,
        _read_pairs(internal, "envVarMappings"),
    )


def strip_internal(inputs: PropertyMap) -> PropertyMap:
    """Leave out what is not configuration."""
    if INTERNAL not in inputs:
        return inputs
    return {key: value for key, value in inputs.items() if key != INTERNAL}


def _read_text(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    return value if isinstance(value, str) else ""


def _read_map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _read_pairs(values: Mapping[str, Any], key: str) -> tuple[tuple[str, str], ...]:
    found = _read_map(values.get(key))
    return tuple(sorted((name, text) for name, text in found.items() if isinstance(text, str)))
