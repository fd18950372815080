"""
Provider plugins over gRPC: the provider contract, spoken to another process.

Turns requests into Pulumi's provider protocol and answers back. Talks to plugins that are running
already, as `PULUMI_DEBUG_PROVIDERS` does; finding and starting them is not done here.

Source: `sdk/proto/pulumi/provider.proto` and `sdk/go/common/resource/plugin/provider_plugin.go`
of Pulumi 3.260.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import grpc
import grpc.aio
from google.protobuf import empty_pb2, struct_pb2
from google.rpc import status_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from meta_prefect.engine.embedded.structs import build_struct, read_struct
from meta_prefect.engine.urn import urn_name, urn_type
from meta_prefect.interfaces.events import DiffKind, PropertyDiff
from meta_prefect.interfaces.provider import (
    Changes,
    CheckFailure,
    CheckRequest,
    CheckResponse,
    ConfigureRequest,
    ConfigureResponse,
    CreateRequest,
    CreateResponse,
    DeleteRequest,
    DiffRequest,
    DiffResponse,
    InvokeRequest,
    InvokeResponse,
    PartlyDone,
    ProviderError,
    ProviderFactory,
    ProviderGone,
    ProviderLog,
    ReadRequest,
    ReadResponse,
    ResourceProvider,
    UpdateRequest,
)
from meta_prefect.interfaces.values import UNKNOWN, PropertyMap, PropertyValue, Secret

_MESSAGE_BYTES: Final = 400 * 1024 * 1024
_OPTIONS: Final = (
    ("grpc.max_send_message_length", _MESSAGE_BYTES),
    ("grpc.max_receive_message_length", _MESSAGE_BYTES),
)
_CHANGES: Final = {
    provider_pb2.DiffResponse.DIFF_UNKNOWN: Changes.UNKNOWN,
    provider_pb2.DiffResponse.DIFF_NONE: Changes.NONE,
    provider_pb2.DiffResponse.DIFF_SOME: Changes.SOME,
}
_KINDS: Final = {
    provider_pb2.PropertyDiff.ADD: DiffKind.ADD,
    provider_pb2.PropertyDiff.ADD_REPLACE: DiffKind.ADD_REPLACE,
    provider_pb2.PropertyDiff.DELETE: DiffKind.DELETE,
    provider_pb2.PropertyDiff.DELETE_REPLACE: DiffKind.DELETE_REPLACE,
    provider_pb2.PropertyDiff.UPDATE: DiffKind.UPDATE,
    provider_pb2.PropertyDiff.UPDATE_REPLACE: DiffKind.UPDATE_REPLACE,
}
_STATUS_KEY: Final = "grpc-status-details-bin"


@dataclass(frozen=True, slots=True)
class Attached:
    """Plugins that run already, as loopback ports by package."""

    ports: Mapping[str, int]

    def find(self, package: str, version: str) -> ProviderFactory | None:  # noqa: ARG002
        """Give what connects to a package's plugin."""
        port = self.ports.get(package)
        if port is None:
            return None

        async def connect(log: ProviderLog) -> ResourceProvider:  # noqa: ARG001
            return PluginProvider(grpc.aio.insecure_channel(f"127.0.0.1:{port}", _OPTIONS))

        return connect


class PluginProvider:
    """A provider in another process."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        """Speak over a channel, which is closed with the provider."""
        self._channel = channel
        self._stub: Any = provider_pb2_grpc.ResourceProviderStub(channel)
        self._accepts = ConfigureResponse(accept_secrets=False, accept_resources=False)

    async def check_config(self, request: CheckRequest) -> CheckResponse:
        """Check configuration; secrets travel in clear, as no plugin has said yet that it can."""
        response = await _call(self._stub.CheckConfig(self._build_check(request)))
        return self._read_check(response, request.news)

    async def diff_config(self, request: DiffRequest) -> DiffResponse:
        """Compare two configurations."""
        return _read_diff(await _call(self._stub.DiffConfig(self._build_diff(request))))

    async def configure(self, request: ConfigureRequest) -> ConfigureResponse:
        """Configure the plugin, and keep what it says it can take."""
        response = await _call(
            self._stub.Configure(
                provider_pb2.ConfigureRequest(
                    args=build_struct(request.args),
                    acceptSecrets=True,
                    acceptResources=True,
                    sends_old_inputs=True,
                    sends_old_inputs_to_delete=True,
                    urn=request.urn,
                    id=request.id,
                    name=urn_name(request.urn),
                    type=urn_type(request.urn),
                )
            )
        )
        self._accepts = ConfigureResponse(
            response.acceptSecrets, response.acceptResources, response.supportsPreview
        )
        return self._accepts

    async def check(self, request: CheckRequest) -> CheckResponse:
        """Check inputs."""
        response = await _call(self._stub.Check(self._build_check(request)))
        return self._read_check(response, request.news)

    async def diff(self, request: DiffRequest) -> DiffResponse:
        """Compare inputs."""
        return _read_diff(await _call(self._stub.Diff(self._build_diff(request))))

    async def create(self, request: CreateRequest) -> CreateResponse:
        """Create, or preview it."""
        response = await _call(
            self._stub.Create(
                provider_pb2.CreateRequest(
                    urn=request.urn,
                    name=urn_name(request.urn),
                    type=urn_type(request.urn),
                    properties=self._write(request.properties),
                    timeout=request.timeout_seconds,
                    preview=request.preview,
                )
            )
        )
        outputs = self._read(response.properties, request.properties)
        return CreateResponse(response.id or UNKNOWN, outputs)

    async def read(self, request: ReadRequest) -> ReadResponse:
        """Look at an object."""
        response = await _call(
            self._stub.Read(
                provider_pb2.ReadRequest(
                    id=request.id,
                    urn=request.urn,
                    name=urn_name(request.urn),
                    type=urn_type(request.urn),
                    inputs=self._write(request.inputs),
                    properties=self._write(request.properties),
                )
            )
        )
        inputs = response.inputs if response.HasField("inputs") else None
        return ReadResponse(
            response.id,
            self._read(response.properties, request.properties),
            None if inputs is None else self._read(inputs, request.inputs),
        )

    async def update(self, request: UpdateRequest) -> PropertyMap:
        """Update, or preview it."""
        response = await _call(
            self._stub.Update(
                provider_pb2.UpdateRequest(
                    id=request.id,
                    urn=request.urn,
                    name=urn_name(request.urn),
                    type=urn_type(request.urn),
                    olds=self._write(request.old_outputs),
                    old_inputs=self._write(request.old_inputs),
                    news=self._write(request.news),
                    timeout=request.timeout_seconds,
                    ignoreChanges=request.ignore_changes,
                    preview=request.preview,
                )
            )
        )
        return self._read(response.properties, request.news)

    async def delete(self, request: DeleteRequest) -> None:
        """Delete."""
        await _call(
            self._stub.Delete(
                provider_pb2.DeleteRequest(
                    id=request.id,
                    urn=request.urn,
                    name=urn_name(request.urn),
                    type=urn_type(request.urn),
                    properties=self._write(request.old_outputs),
                    old_inputs=self._write(request.old_inputs),
                    timeout=request.timeout_seconds,
                )
            )
        )

    async def invoke(self, request: InvokeRequest) -> InvokeResponse:
        """Call a function."""
        response = await _call(
            self._stub.Invoke(
                provider_pb2.InvokeRequest(tok=request.token, args=self._write(request.args))
            )
        )
        result = read_struct(getattr(response, "return"))
        return InvokeResponse(result, _read_failures(response))

    async def cancel(self) -> None:
        """Ask the plugin to end its calls; one that cannot is left alone."""
        try:
            await self._stub.Cancel(empty_pb2.Empty())
        except grpc.aio.AioRpcError:
            return

    async def close(self) -> None:
        """Close the channel; the process belongs to somebody else."""
        await self._channel.close(None)

    def _write(self, values: PropertyMap) -> struct_pb2.Struct:
        return build_struct(
            values,
            keep_secrets=self._accepts.accept_secrets,
            keep_references=self._accepts.accept_resources,
        )

    def _read(self, struct: struct_pb2.Struct, sent: PropertyMap) -> PropertyMap:
        values = read_struct(struct)
        return values if self._accepts.accept_secrets else mark_secrets(values, sent)

    def _build_check(self, request: CheckRequest) -> Any:
        return provider_pb2.CheckRequest(
            urn=request.urn,
            name=urn_name(request.urn),
            type=urn_type(request.urn),
            olds=self._write(request.olds),
            news=self._write(request.news),
            randomSeed=request.random_seed,
        )

    def _read_check(self, response: Any, sent: PropertyMap) -> CheckResponse:
        return CheckResponse(self._read(response.inputs, sent), _read_failures(response))

    def _build_diff(self, request: DiffRequest) -> Any:
        return provider_pb2.DiffRequest(
            id=request.id,
            urn=request.urn,
            name=urn_name(request.urn),
            type=urn_type(request.urn),
            olds=self._write(request.old_outputs),
            old_inputs=self._write(request.old_inputs),
            news=self._write(request.news),
            ignoreChanges=request.ignore_changes,
        )


def mark_secrets(values: PropertyMap, sent: PropertyMap) -> PropertyMap:
    """Make secret again what was secret in the values sent, for a plugin that knows no secrets."""
    return {
        key: _mark_secret(value, sent[key]) if key in sent else value
        for key, value in values.items()
    }


def _mark_secret(value: PropertyValue, sent: PropertyValue) -> PropertyValue:
    if isinstance(sent, Secret):
        return value if isinstance(value, Secret) else Secret(value)
    if isinstance(sent, Mapping) and isinstance(value, Mapping):
        return mark_secrets(value, sent)
    return value


def _read_failures(response: Any) -> tuple[CheckFailure, ...]:
    return tuple(CheckFailure(item.property, item.reason) for item in response.failures)


def _read_diff(response: Any) -> DiffResponse:
    detailed = {
        path: PropertyDiff(_KINDS[item.kind], item.inputDiff)
        for path, item in response.detailedDiff.items()
    }
    return DiffResponse(
        _CHANGES[response.changes],
        tuple(response.diffs),
        tuple(response.replaces),
        detailed if response.hasDetailedDiff else None,
        response.deleteBeforeReplace,
    )


async def _call(call: Awaitable[Any]) -> Any:
    try:
        return await call
    except grpc.aio.AioRpcError as error:
        raise _read_error(error) from error


def _read_error(error: grpc.aio.AioRpcError) -> ProviderError:
    if error.code() is grpc.StatusCode.UNAVAILABLE:
        return ProviderGone(f"plugin exited unexpectedly: {error.details()}")
    metadata: Any = error.trailing_metadata()  # the stubs know no pairs
    for key, value in metadata or ():
        if key == _STATUS_KEY:
            return _read_status(value, error.details() or "")
    return ProviderError(error.details() or str(error.code()))


def _read_status(value: bytes, details: str) -> ProviderError:
    failed = provider_pb2.ErrorResourceInitFailed()
    for detail in status_pb2.Status.FromString(value).details:
        if detail.Unpack(failed):
            return PartlyDone(
                failed.id,
                read_struct(failed.properties),
                read_struct(failed.inputs),
                tuple(failed.reasons),
            )
    return ProviderError(details)
