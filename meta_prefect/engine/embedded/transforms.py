"""
Transforms: functions of the program that change what it registers, before the engine sees it.

Requests go in and come out as the protocol's messages, so that nobody behind this module needs to
know of transforms. Order: a resource's own, then its ancestors' outwards, then the stack's. Not to
be confused with the SDK's older transformations, which it runs by itself.

Source: `pkg/resource/deploy/source_eval.go` of Pulumi 3.260.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from google.protobuf import struct_pb2
from pulumi.runtime.proto import alias_pb2, resource_pb2

from meta_prefect.engine.embedded.callbacks import Callbacks
from meta_prefect.interfaces import wire
from meta_prefect.interfaces.provider import ProviderError

_SAME_NAMES: Final = {
    "depends_on": "dependencies",
    "ignore_changes": "ignoreChanges",
    "replace_on_changes": "replaceOnChanges",
    "additional_secret_outputs": "additionalSecretOutputs",
    "hide_diff": "hideDiffs",
    "replace_with": "replace_with",
    "version": "version",
    "provider": "provider",
    "plugin_download_url": "pluginDownloadURL",
    "deleted_with": "deletedWith",
    "import": "importId",
    "providers": "providers",
    "plugin_checksums": "pluginChecksums",
    "protect": "protect",
    "retain_on_delete": "retainOnDelete",
    "custom_timeouts": "customTimeouts",
    "replacement_trigger": "replacement_trigger",
    "hooks": "hooks",
}
"""Options of a transform and the fields of a registration that say the same."""
_INVOKE_NAMES: Final = {
    "provider": "provider",
    "version": "version",
    "plugin_download_url": "pluginDownloadURL",
    "plugin_checksums": "pluginChecksums",
}


class Transforms:
    """The transforms of one program."""

    def __init__(self, callbacks: Callbacks) -> None:
        """Begin with none."""
        self._callbacks = callbacks
        self._stack: list[Any] = []
        self._invokes: list[Any] = []
        self._parents: dict[str, str] = {}
        self._own: dict[str, tuple[Any, ...]] = {}
        self._handed_over: dict[str, tuple[Any, ...]] = {}

    def add_to_stack(self, callback: Any) -> None:
        """Apply a transform to every resource that is registered from now on."""
        self._stack.append(callback)

    def add_to_invokes(self, callback: Any) -> None:
        """Apply a transform to every function call from now on."""
        self._invokes.append(callback)

    async def apply(self, urn: str, request: Any) -> Any:
        """
        Give a registration as its transforms make it; without any, the same object.

        Raises:
            ProviderError: a transform raised.
        """
        self._parents[urn] = request.parent
        self._own[urn] = self._handed_over.pop(urn, ()) or tuple(request.transforms)
        if request.remote:
            # The plugin that constructs the component registers it again, without transforms.
            self._handed_over[urn] = self._own[urn]
        chain = [*self._list_own_and_inherited(urn), *self._stack]
        if not chain:
            return request
        changed = resource_pb2.RegisterResourceRequest()
        changed.CopyFrom(request)
        if request.transforms:
            _add_dependencies(changed)
        for callback in chain:
            await self._apply_one(callback, changed)
        _read_dependencies(changed, anew=bool(request.transforms))
        return changed

    async def apply_to_invoke(self, request: Any) -> Any:
        """Give a function call as its transforms make it; raises as `apply`."""
        if not self._invokes:
            return request
        changed = resource_pb2.ResourceInvokeRequest()
        changed.CopyFrom(request)
        for callback in self._invokes:
            options = resource_pb2.TransformInvokeOptions()
            _copy_fields(changed, options, {ours: theirs for theirs, ours in _INVOKE_NAMES.items()})
            call = resource_pb2.TransformInvokeRequest(
                token=changed.tok, args=changed.args, options=options
            )
            answer = resource_pb2.TransformInvokeResponse.FromString(
                await self._call(callback, call)
            )
            if answer.HasField("args"):
                changed.args.CopyFrom(answer.args)
            if answer.HasField("options"):
                _copy_fields(answer.options, changed, _INVOKE_NAMES)
        return changed

    def _list_own_and_inherited(self, urn: str) -> Iterator[Any]:
        while urn:
            yield from self._own.get(urn, ())
            urn = self._parents.get(urn, "")

    async def _apply_one(self, callback: Any, changed: Any) -> None:
        call = resource_pb2.TransformRequest(
            name=changed.name,
            type=changed.type,
            custom=changed.custom,
            parent=changed.parent,
            properties=changed.object,
            options=_build_options(changed),
        )
        answer = resource_pb2.TransformResponse.FromString(await self._call(callback, call))
        if answer.HasField("properties"):
            changed.object.CopyFrom(answer.properties)
        if answer.HasField("options"):
            _take_options(answer.options, changed)

    async def _call(self, callback: Any, request: Any) -> bytes:
        try:
            return await self._callbacks.call(callback, request)
        except ProviderError as error:
            raise ProviderError(f"invoke transform: {error}") from error


def _build_options(request: Any) -> Any:
    options = resource_pb2.TransformResourceOptions()
    _copy_fields(request, options, {ours: theirs for theirs, ours in _SAME_NAMES.items()})
    options.aliases.extend(request.aliases)
    options.aliases.extend(alias_pb2.Alias(urn=urn) for urn in request.aliasURNs)
    if request.deleteBeforeReplaceDefined or request.deleteBeforeReplace:
        options.delete_before_replace = request.deleteBeforeReplace
    return options


def _take_options(options: Any, request: Any) -> None:
    _copy_fields(options, request, _SAME_NAMES)
    request.ClearField("aliasURNs")
    request.ClearField("aliases")
    request.aliases.extend(options.aliases)
    request.deleteBeforeReplaceDefined = options.HasField("delete_before_replace")
    request.deleteBeforeReplace = options.delete_before_replace


def _copy_fields(source: Any, target: Any, names: Mapping[str, str]) -> None:
    """Make some fields of a message say what fields of another one do; unset ones are unset."""
    given = {field.name: value for field, value in source.ListFields()}
    for theirs, ours in names.items():
        target.ClearField(ours)
        if theirs in given:
            _set_field(target, ours, given[theirs])


def _set_field(message: Any, name: str, value: Any) -> None:
    if isinstance(value, str | bool):
        setattr(message, name, value)
    elif hasattr(value, "CopyFrom"):
        getattr(message, name).CopyFrom(value)
    elif isinstance(value, Mapping):
        getattr(message, name).update(value)
    else:
        getattr(message, name).extend(value)


def _add_dependencies(request: Any) -> None:
    """Make inputs say themselves what they depend on, so that a transform may move them."""
    for key, dependencies in request.propertyDependencies.items():
        if dependencies.urns and key in request.object.fields:
            value = request.object.fields[key]
            value.CopyFrom(_build_output(value, sorted(dependencies.urns)))


def _build_output(value: struct_pb2.Value, dependencies: list[str]) -> struct_pb2.Value:
    output = struct_pb2.Value()
    fields = output.struct_value.fields
    fields[wire.SIGNATURE].string_value = wire.OUTPUT
    given = value.struct_value.fields
    is_secret = _read_tag(value) == wire.SECRET
    inner = given["value"] if is_secret else value
    if inner.string_value != wire.UNKNOWN_TEXT:
        fields["value"].CopyFrom(inner)
    if is_secret:
        fields["secret"].bool_value = True
    for urn in dependencies:
        fields["dependencies"].list_value.values.add(string_value=urn)
    return output


def _read_dependencies(request: Any, *, anew: bool) -> None:
    """Say beside the inputs what they say themselves; `anew`: nothing else counts any more."""
    if anew:
        request.ClearField("propertyDependencies")
    everything = set(request.dependencies)
    for key, value in request.object.fields.items():
        known = set(request.propertyDependencies[key].urns)
        found = sorted(set(_find_dependencies(value)) - known)
        request.propertyDependencies[key].urns.extend(found)
        everything.update(found)
    request.ClearField("dependencies")
    request.dependencies.extend(sorted(everything))


def _find_dependencies(value: struct_pb2.Value) -> Iterator[str]:
    if _read_tag(value) == wire.OUTPUT:
        listed = value.struct_value.fields["dependencies"].list_value.values
        yield from (item.string_value for item in listed)
    for item in value.struct_value.fields.values():
        yield from _find_dependencies(item)
    for item in value.list_value.values:
        yield from _find_dependencies(item)


def _read_tag(value: struct_pb2.Value) -> str:
    fields = value.struct_value.fields
    return fields[wire.SIGNATURE].string_value if wire.SIGNATURE in fields else ""
