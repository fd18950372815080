"""
Provider plugins over gRPC: the provider contract, spoken to another process.

Turns requests into Pulumi's provider protocol and answers back. Talks to plugins that are running
already; finding and starting them is `plugin_host`'s business.

Source: `sdk/proto/pulumi/provider.proto` and `sdk/go/common/resource/plugin/provider_plugin.go`
of Pulumi 3.260.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Mapping
from typing import Any, Final

import grpc
import grpc.aio
from google.protobuf import empty_pb2, struct_pb2
from google.rpc import status_pb2
from pulumi.runtime.proto import errors_pb2, plugin_pb2, provider_pb2, provider_pb2_grpc

from meta_prefect.engine.embedded.packages import Parameter
from meta_prefect.engine.embedded.plugin_process import PluginProcess
from meta_prefect.engine.embedded.structs import build_struct, read_struct
from meta_prefect.engine.urn import PROVIDER_TYPE_PREFIX, urn_name, urn_type
from meta_prefect.interfaces import wire
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
    ProviderGone,
    ReadRequest,
    ReadResponse,
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
_MISSPOKEN: Final = {
    "pulumi:providers:kubernetes": (grpc.StatusCode.UNKNOWN, "Unimplemented"),
    "pulumi:providers:pulumi-nodejs": (grpc.StatusCode.INTERNAL, ""),
}
"""How plugins that have been around for long say that they do not have a method."""
_DYING_SECONDS: Final = 1.0
"""How long a process may take to end after its connection broke."""


class PluginProvider:
    """A provider in another process."""

    def __init__(
        self, name: str, channel: grpc.aio.Channel, process: PluginProcess | None = None
    ) -> None:
        """Speak over a channel; it and the process, if it is ours, end with the provider."""
        self._name = name
        self._channel = channel
        self._process = process
        self._stub: Any = provider_pb2_grpc.ResourceProviderStub(channel)
        self._accepts = ConfigureResponse(accept_secrets=False, accept_resources=False)
        self._accepts_outputs = False
        self._has_greeted = False

    async def greet(self, engine_address: str, folder: str, patience_seconds: float) -> None:
        """
        Make sure that the plugin answers, and tell it where the engine is.

        Raises:
            ProviderError: it does not answer in time, or refuses.
        """
        await self._wait_until_ready(patience_seconds)
        request = provider_pb2.ProviderHandshakeRequest(
            engine_address=engine_address, configure_with_urn=True
        )
        if self._process is not None:
            request.root_directory = request.program_directory = folder
        try:
            response = await self._stub.Handshake(request, timeout=patience_seconds)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.UNIMPLEMENTED:
                raise await self._read_error(error) from error
        else:
            self._has_greeted = True
            self._accepts = ConfigureResponse(response.accept_secrets, response.accept_resources)
            self._accepts_outputs = response.accept_outputs
        if self._process is None:
            await self._call(self._stub.Attach(plugin_pb2.PluginAttach(address=engine_address)))

    async def _wait_until_ready(self, patience_seconds: float) -> None:
        try:
            async with asyncio.timeout(patience_seconds):
                await self._channel.channel_ready()
        except TimeoutError:
            gone = f"plugin {self._name} did not answer within {patience_seconds:g} seconds"
            raise ProviderGone(self._add_errors(gone)) from None

    async def read_version(self) -> str:
        """
        Give the plugin's version; empty when it does not say.

        Raises:
            ProviderError: it does not answer.
        """
        info = await self._call(self._stub.GetPluginInfo(empty_pb2.Empty()))
        return str(info.version).removeprefix("v")

    async def parameterize(self, parameter: Parameter) -> None:
        """
        Make the plugin serve another package.

        Raises:
            ProviderError: it cannot.
        """
        value = provider_pb2.ParameterizeRequest.ParametersValue(
            name=parameter.name, version=parameter.version, value=parameter.value
        )
        request = provider_pb2.ParameterizeRequest(value=value)
        response = await self._call(self._stub.Parameterize(request))
        if response.name != parameter.name:
            raise ProviderError(
                f"plugin {self._name} serves package {response.name}, not {parameter.name}"
            )

    async def check_config(self, request: CheckRequest) -> CheckResponse:
        """Check configuration; secrets travel in clear, as no plugin has said yet that it can."""
        try:
            response = await self._call(self._stub.CheckConfig(self._build_check(request)))
        except ProviderError as error:
            if is_missing(error, request.urn):
                return CheckResponse(request.news)
            raise
        return self._read_check(response, request.news)

    async def diff_config(self, request: DiffRequest) -> DiffResponse:
        """Compare two configurations; a plugin that cannot leaves the comparing to the engine."""
        try:
            response = await self._call(self._stub.DiffConfig(self._build_diff(request)))
        except ProviderError as error:
            if is_missing(error, request.urn):
                return DiffResponse(Changes.UNKNOWN)
            raise
        return _read_diff(response)

    async def configure(self, request: ConfigureRequest) -> ConfigureResponse:
        """Configure the plugin, and keep what it says it can take."""
        response = await self._call(
            self._stub.Configure(
                provider_pb2.ConfigureRequest(
                    args=build_struct(request.args),
                    variables=build_variables(request.urn, request.args),
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
        if not self._has_greeted:
            self._accepts = ConfigureResponse(
                response.acceptSecrets, response.acceptResources, response.supportsPreview
            )
            self._accepts_outputs = response.acceptOutputs
        return self._accepts

    async def check(self, request: CheckRequest) -> CheckResponse:
        """Check inputs."""
        response = await self._call(self._stub.Check(self._build_check(request)))
        return self._read_check(response, request.news)

    async def diff(self, request: DiffRequest) -> DiffResponse:
        """Compare inputs."""
        return _read_diff(await self._call(self._stub.Diff(self._build_diff(request))))

    async def create(self, request: CreateRequest) -> CreateResponse:
        """Create, or preview it."""
        response = await self._call(
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
        response = await self._call(
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
        response = await self._call(
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
        await self._call(
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
        response = await self._call(
            self._stub.Invoke(
                provider_pb2.InvokeRequest(tok=request.token, args=self._write(request.args))
            )
        )
        result = read_struct(getattr(response, "return"))
        return InvokeResponse(result, _read_failures(response))

    async def construct(self, request: Any) -> Any:
        """Construct a component, whose parts the plugin registers itself."""
        self._simplify(request.inputs)
        return await self._call(self._stub.Construct(request))

    async def call(self, request: Any) -> Any:
        """Call a method."""
        self._simplify(request.args)
        return await self._call(self._stub.Call(request))

    def _simplify(self, struct: struct_pb2.Struct) -> None:
        """Leave of values that know their dependencies what a plugin understands."""
        if not self._accepts_outputs:
            struct.CopyFrom(build_struct(read_struct(struct)))

    async def cancel(self) -> None:
        """Ask the plugin to end its calls; one that cannot is left alone."""
        try:
            await self._stub.Cancel(empty_pb2.Empty())
        except grpc.aio.AioRpcError:
            return

    async def close(self) -> None:
        """Close the channel, and end the process if it is ours."""
        await self._channel.close(None)
        if self._process is not None:
            await self._process.end()

    async def _call(self, call: Awaitable[Any]) -> Any:
        try:
            return await call
        except grpc.aio.AioRpcError as error:
            raise await self._read_error(error) from error

    async def _read_error(self, error: grpc.aio.AioRpcError) -> ProviderError:
        if error.code() is grpc.StatusCode.UNAVAILABLE and await self._is_gone():
            text = f"plugin {self._name} exited unexpectedly: {error.details()}"
            return ProviderGone(self._add_errors(text))
        return read_error(error)

    async def _is_gone(self) -> bool:
        """Say whether the plugin has ended; of one that is not ours nobody can be sure."""
        return self._process is None or await self._process.has_ended(_DYING_SECONDS)

    def _add_errors(self, text: str) -> str:
        said = "" if self._process is None else self._process.describe_errors()
        return f"{text}\n{said}".rstrip()

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


async def connect(
    name: str,
    port: int,
    engine_address: str,
    *,
    patience_seconds: float,
    process: PluginProcess | None = None,
    folder: str = "",
) -> PluginProvider:
    """
    Connect to a plugin on loopback; `process` is ours to end, `folder` holds its executable.

    Raises:
        ProviderError: it does not answer, or refuses.
    """
    channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}", _OPTIONS)
    provider = PluginProvider(name, channel, process)
    try:
        await provider.greet(engine_address, folder, patience_seconds)
    except BaseException:
        await provider.close()
        raise
    return provider


def build_variables(urn: str, args: PropertyMap) -> dict[str, str]:
    """Write configuration as old plugins read it: one text for each `PACKAGE:config:KEY`."""
    package = urn_type(urn).removeprefix(PROVIDER_TYPE_PREFIX)
    return {
        f"{package}:config:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in wire.encode_map(args, keep_secrets=False).items()
        if key != "version"
    }


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


def is_missing(error: ProviderError, urn: str) -> bool:
    """Say whether a plugin failed because it does not have a method that is about configuration."""
    call = error.__cause__
    if not isinstance(call, grpc.aio.AioRpcError):
        return False
    code, text = _MISSPOKEN.get(urn_type(urn), (grpc.StatusCode.UNIMPLEMENTED, ""))
    misspoken = call.code() is code and text in (call.details() or "")
    return misspoken or call.code() is grpc.StatusCode.UNIMPLEMENTED


def read_error(error: grpc.aio.AioRpcError) -> ProviderError:
    """Turn the failure of a call into the contract's; a half-made object is in its details."""
    metadata: Any = error.trailing_metadata()  # the stubs know no pairs
    for key, value in metadata or ():
        if key == _STATUS_KEY:
            return _read_status(value, error.details() or "")
    return ProviderError(error.details() or str(error.code()))


def _read_status(value: bytes, details: str) -> ProviderError:
    failed = provider_pb2.ErrorResourceInitFailed()
    refused = errors_pb2.InputPropertiesError()
    for detail in status_pb2.Status.FromString(value).details:
        if detail.Unpack(failed):
            return PartlyDone(
                failed.id,
                read_struct(failed.properties),
                read_struct(failed.inputs),
                tuple(failed.reasons),
            )
        if detail.Unpack(refused):
            listed = (
                f"\n- property {item.property_path} has a problem: {item.reason}"
                for item in refused.errors
            )
            return ProviderError(f"{details}{''.join(listed)}")
    return ProviderError(details)
