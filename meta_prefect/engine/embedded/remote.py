"""
Components and methods of other processes: the messages that go to their plugins and come back.

A plugin that constructs a component registers it, and all that is in it, with the monitor, over the
server of `monitor_server`. Values pass through as they are on the wire. Pure.

Source: `Construct` and `Call` in `sdk/go/common/resource/plugin/provider_plugin.go` and
`pkg/resource/deploy/source_eval.go` of Pulumi 3.260.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol, runtime_checkable

from pulumi.runtime.proto import provider_pb2, resource_pb2

from meta_prefect.engine.embedded.program import ProgramSettings
from meta_prefect.engine.embedded.structs import build_struct, read_struct
from meta_prefect.engine.urn import PROVIDER_TYPE_PREFIX, join_reference
from meta_prefect.interfaces.provider import ProviderError

_SAME_FIELDS: Final = (
    "type",
    "name",
    "parent",
    "dependencies",
    "additionalSecretOutputs",
    "deletedWith",
    "replace_with",
    "ignoreChanges",
    "replaceOnChanges",
)
_OPTIONAL_FLAGS: Final = ("protect", "retainOnDelete")
_MOMENTS: Final = tuple(
    f"{when}_{what}" for when in ("before", "after") for what in ("create", "update", "delete")
)
_SELF: Final = "__self__"


@runtime_checkable
class ServesComponents(Protocol):
    """A provider that constructs components and has methods."""

    async def construct(self, request: Any) -> Any:
        """Construct a component; gives a `ConstructResponse`."""
        ...

    async def call(self, request: Any) -> Any:
        """Call a method; gives a `CallResponse`."""
        ...


def build_construct(
    request: Any, settings: ProgramSettings, monitor_address: str, providers: Mapping[str, str]
) -> Any:
    """Ask for the component of a registration; `providers` are its own and inherited ones."""
    construct = provider_pb2.ConstructRequest(
        inputs=request.object,
        providers=providers,
        inputDependencies={
            key: provider_pb2.ConstructRequest.PropertyDependencies(urns=item.urns)
            for key, item in request.propertyDependencies.items()
        },
        aliases=request.aliases,
        **_describe_operation(settings, monitor_address),
        **{name: getattr(request, name) for name in _SAME_FIELDS},
    )
    for name in _OPTIONAL_FLAGS:
        if request.HasField(name):
            setattr(construct, name, getattr(request, name))
    if request.deleteBeforeReplaceDefined or request.deleteBeforeReplace:
        construct.deleteBeforeReplace = request.deleteBeforeReplace
    if request.HasField("customTimeouts"):
        timeouts = request.customTimeouts
        construct.customTimeouts.create = timeouts.create
        construct.customTimeouts.update = timeouts.update
        construct.customTimeouts.delete = timeouts.delete
    if request.HasField("replacement_trigger"):
        construct.replacement_trigger.CopyFrom(request.replacement_trigger)
    if request.HasField("hooks"):
        for moment in _MOMENTS:
            getattr(construct.resource_hooks, moment).extend(getattr(request.hooks, moment))
    for urn in request.aliasURNs:
        construct.aliases.add(urn=urn)
    return construct


def read_constructed(response: Any, *, keep_references: bool) -> Any:
    """Answer a registration with the component that was constructed."""
    outputs = build_struct(read_struct(response.state), keep_references=keep_references)
    answer = resource_pb2.RegisterResourceResponse(urn=response.urn, object=outputs)
    for key, item in response.stateDependencies.items():
        answer.propertyDependencies[key].urns.extend(item.urns)
    return answer


def build_call(request: Any, settings: ProgramSettings, monitor_address: str) -> Any:
    """Ask for a method's answer."""
    return provider_pb2.CallRequest(
        tok=request.tok,
        args=request.args,
        argDependencies={
            key: provider_pb2.CallRequest.ArgumentDependencies(urns=item.urns)
            for key, item in request.argDependencies.items()
        },
        **_describe_operation(settings, monitor_address),
    )


def read_called(response: Any) -> Any:
    """Answer a call of a method."""
    answer = provider_pb2.CallResponse(failures=response.failures)
    result = build_struct(read_struct(getattr(response, "return")))
    getattr(answer, "return").CopyFrom(result)
    for key, item in response.returnDependencies.items():
        answer.returnDependencies[key].urns.extend(item.urns)
    return answer


def find_self(request: Any) -> tuple[str, str]:
    """
    Say which resource a method is of, and the provider's reference if it is a provider itself.

    Raises:
        ProviderError: a method of a provider comes without one.
    """
    fields = request.args.fields
    own = fields[_SELF].struct_value.fields if _SELF in fields else {}
    urn = own["urn"].string_value if "urn" in own else ""
    if not request.tok.startswith(PROVIDER_TYPE_PREFIX):
        return urn, ""
    if not urn or "id" not in own:
        raise ProviderError(f"missing {_SELF} argument for provider method call {request.tok}")
    return urn, join_reference(urn, own["id"].string_value)


def _describe_operation(settings: ProgramSettings, monitor_address: str) -> dict[str, Any]:
    return {
        "project": settings.project,
        "stack": settings.stack,
        "organization": "organization",
        "config": {key: item.value for key, item in settings.config.items()},
        "configSecretKeys": [key for key, item in settings.config.items() if item.secret],
        "dryRun": settings.preview,
        "parallel": settings.parallel,
        "monitorEndpoint": monitor_address,
    }
