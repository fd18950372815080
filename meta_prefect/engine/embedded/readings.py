"""
Readings: what the program's requests say, as goals and needs.

Pure, and one way only: from protobuf messages to records of ours. What is answered is the business
of `monitor`; values inside requests are read by `structs`.

Source: `sdk/proto/pulumi/resource.proto` of Pulumi 3.272.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from meta_prefect.engine import urn as urns
from meta_prefect.engine.embedded.failures import fail_call
from meta_prefect.engine.embedded.goals import AliasSpec, Goal, parse_duration
from meta_prefect.engine.embedded.hooks import read_bindings
from meta_prefect.engine.embedded.packages import Parameter, PluginNeed
from meta_prefect.engine.embedded.structs import read_value
from meta_prefect.interfaces import wire
from meta_prefect.interfaces.values import PropertyMap, Unknown


def read_goal(request: Any, urn: str, inputs: PropertyMap, root: str) -> Goal:
    """
    Read a registration as the transforms left it; `root` is as for `read_position`.

    Raises:
        CallFailed: a timeout is no duration.
    """
    return Goal(
        urn,
        request.type,
        request.name,
        request.custom,
        inputs,
        request.parent,
        request.provider if request.custom else "",
        tuple(sorted(request.dependencies)),
        _read_property_dependencies(request),
        request.protect if request.HasField("protect") else None,
        request.retainOnDelete if request.HasField("retainOnDelete") else None,
        _read_delete_before_replace(request),
        tuple(request.ignoreChanges),
        tuple(request.replaceOnChanges),
        tuple(request.additionalSecretOutputs),
        _read_aliases(request),
        request.importId,
        _read_timeouts(request),
        request.deletedWith,
        tuple(request.replace_with),
        read_value(request.replacement_trigger),
        read_position(request, root),
        tuple(request.hideDiffs),
        read_bindings(request),
    )


def read_position(request: Any, root: str) -> str:
    """Say where in the program something is made; only what is below the folder `root` is told."""
    if not request.HasField("sourcePosition"):
        return ""
    position = request.sourcePosition
    start = f"file://{root}/"
    if not root or not position.uri.startswith(start):
        return ""
    return f"project:///{position.uri.removeprefix(start)}#{position.line}"


def read_package(request: Any) -> PluginNeed:
    """Read what a package's plugin is found by."""
    parameter = None
    if request.HasField("parameterization"):
        given = request.parameterization
        parameter = Parameter(given.name, given.version, given.value)
    return PluginNeed(
        request.name,
        request.version.removeprefix("v"),
        request.download_url.removesuffix("/"),
        _read_checksums(request.checksums),
        parameter,
    )


def read_need(request: Any, token: str) -> PluginNeed:
    """Say which plugin a resource or function without a registered package asks for."""
    package = token.removeprefix(urns.PROVIDER_TYPE_PREFIX).partition(":")[0].partition("/")[0]
    return PluginNeed(
        package,
        request.version.removeprefix("v"),
        request.pluginDownloadURL.removesuffix("/"),
        _read_checksums(request.pluginChecksums),
        variables=tuple(sorted(getattr(request, "envVarMappings", {}).items())),
    )


def _read_checksums(checksums: Mapping[str, bytes]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((system, digest.hex()) for system, digest in checksums.items()))


def _read_delete_before_replace(request: Any) -> bool | None:
    """Read a flag that some SDKs set without saying that it is set; None when nobody said."""
    is_given = request.deleteBeforeReplaceDefined or request.deleteBeforeReplace
    return request.deleteBeforeReplace if is_given else None


def _read_property_dependencies(request: Any) -> dict[str, tuple[str, ...]]:
    """Say what each property depends on: on everything, when the program does not say it."""
    if request.propertyDependencies:
        given = request.propertyDependencies.items()
        return {key: tuple(sorted(item.urns)) for key, item in given}
    return dict.fromkeys(request.object.fields, tuple(sorted(request.dependencies)))


def _read_aliases(request: Any) -> tuple[AliasSpec, ...]:
    specs = [_read_alias(alias) for alias in request.aliases]
    return (*specs, *(AliasSpec(urn=urn) for urn in request.aliasURNs))


def _read_alias(alias: Any) -> AliasSpec:
    if alias.urn:
        return AliasSpec(urn=alias.urn)
    spec = alias.spec
    return AliasSpec(
        "", spec.name, spec.type, spec.stack, spec.project, spec.parentUrn, spec.noParent
    )


def _read_timeouts(request: Any) -> Mapping[str, float]:
    if not request.HasField("customTimeouts"):
        return {}
    timeouts = request.customTimeouts
    texts = {"create": timeouts.create, "update": timeouts.update, "delete": timeouts.delete}
    try:
        return {key: parse_duration(text) for key, text in texts.items() if text}
    except ValueError as error:
        fail_call(f"customTimeouts: {error}")


def read_id(text: str) -> str | Unknown:
    """Read an id: text, or `UNKNOWN`."""
    id: str | Unknown = wire.decode(text)
    return id
