"""
The provider behind gRPC, for Pulumi's own engine.

Turns messages into the records of `interfaces.provider` and back; everything else is in `provider`.
A failure becomes one line, a bug keeps its traceback. Not to be confused with a Prefect server.

Source: `proto/pulumi/provider.proto` of Pulumi 3.260. The servicer of its Python SDK hands on
neither old inputs nor what was made before a failure, which is why it is not used.
"""

from __future__ import annotations

import asyncio
import functools
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, NoReturn, Protocol, runtime_checkable

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from google.rpc.status_pb2 import Status
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc
from pulumi.runtime.proto.plugin_pb2 import PluginInfo

from meta_prefect.interfaces import wire
from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.events import PropertyDiff
from meta_prefect.interfaces.provider import (
    Changes,
    CheckFailure,
    CheckRequest,
    CheckResponse,
    ConfigureRequest,
    CreateRequest,
    DeleteRequest,
    DiffRequest,
    DiffResponse,
    InvokeRequest,
    PartlyDone,
    ProviderError,
    ProviderFactory,
    ReadRequest,
    ResourceProvider,
    UpdateRequest,
)
from meta_prefect.interfaces.values import PropertyMap, has_unknowns
from meta_prefect.provider.listings import Listed, ListPage

SERVER_OPTIONS: Final = [
    ("grpc.max_receive_message_length", 400 * 1024 * 1024),
    ("grpc.max_send_message_length", 400 * 1024 * 1024),
]
_CHANGES: Final = {
    Changes.UNKNOWN: provider_pb2.DiffResponse.DIFF_UNKNOWN,
    Changes.NONE: provider_pb2.DiffResponse.DIFF_NONE,
    Changes.SOME: provider_pb2.DiffResponse.DIFF_SOME,
}
_SEVERITIES: Final = {
    Severity.DEBUG: engine_pb2.DEBUG,
    Severity.INFO: engine_pb2.INFO,
    Severity.WARNING: engine_pb2.WARNING,
    Severity.ERROR: engine_pb2.ERROR,
}

# Messages and contexts of the generated code have no types.
Message = Any
Method = Callable[[Any, Message, Any], Awaitable[Message]]


class EngineLog:
    """Sends what the provider says to the engine that started it; drops it when there is none."""

    def __init__(self, address: str = "") -> None:
        """Remember the engine's address; connects with the first message."""
        self._address = address
        self._stub: Any = None
        self._sending: set[asyncio.Task[None]] = set()

    def attach(self, address: str) -> None:
        """Send to another engine from now on."""
        self._address = address
        self._stub = None

    def __call__(self, severity: Severity, urn: str, message: str) -> None:
        """Send a message without waiting for it."""
        if self._address:
            task = asyncio.ensure_future(self._send(severity, urn, message))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _send(self, severity: Severity, urn: str, message: str) -> None:
        if self._stub is None:
            channel = grpc.aio.insecure_channel(self._address)
            self._stub = engine_pb2_grpc.EngineStub(channel)
        request = engine_pb2.LogRequest(severity=_SEVERITIES[severity], urn=urn, message=message)
        await self._stub.Log(request)


class AttachableLog(Protocol):
    """The part of a log that the server needs."""

    def attach(self, address: str) -> None:
        """Send to another engine from now on."""


@runtime_checkable
class Lister(Protocol):
    """A provider that can list what there is."""

    async def list_page(self, type: str, *, size: int, start: str, name: str) -> ListPage:
        """See `listings.list_page`."""


def _answering(method: Method) -> Method:
    """Turn an exception into a status whose text is for the user."""

    @functools.wraps(method)
    async def answer(self: Any, request: Message, context: Any) -> Message:
        try:
            return await method(self, request, context)
        except PartlyDone as error:
            await _abort_partly_done(context, error)
        except ProviderError as error:
            await context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except Exception as error:  # noqa: BLE001 - a bug: the engine shows it with its trace
            await context.abort(grpc.StatusCode.INTERNAL, _trace(error))

    return answer


class PrefectServicer(provider_pb2_grpc.ResourceProviderServicer):
    """Answers an engine's calls."""

    def __init__(
        self, provider: ResourceProvider, log: AttachableLog, schema: str, version: str
    ) -> None:
        """Serve a provider; `schema` is the package schema as JSON text."""
        self._provider = provider
        self._log = log
        self._schema = schema
        self._version = version

    async def GetPluginInfo(self, request: Message, context: Any) -> Message:  # noqa: N802, ARG002 - the protocol's
        """Tell the version."""
        return PluginInfo(version=self._version)

    async def GetSchema(self, request: Message, context: Any) -> Message:  # noqa: N802, ARG002 - the protocol's
        """Tell the package schema."""
        return provider_pb2.GetSchemaResponse(schema=self._schema)

    async def Handshake(self, request: Message, context: Any) -> Message:  # noqa: N802, ARG002 - the protocol's
        """Get to know the engine."""
        self._log.attach(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, accept_resources=True, accept_outputs=False
        )

    async def Attach(self, request: Message, context: Any) -> Message:  # noqa: N802, ARG002 - the protocol's
        """Serve another engine."""
        self._log.attach(request.address)
        return empty_pb2.Empty()

    @_answering
    async def CheckConfig(self, request: Message, context: Any) -> Message:  # noqa: N802, ARG002 - the protocol's
        """Check the provider resource's inputs."""
        return _as_check(await self._provider.check_config(_check_request(request)))

    @_answering
    async def DiffConfig(self, request: Message, context: Any) -> Message:  # noqa: N802, ARG002 - the protocol's
        """Compare the provider resource's inputs."""
        return _as_diff(await self._provider.diff_config(_diff_request(request)))

    @_answering
    async def Configure(self, request: Message, context: Any) -> Message:  # noqa: N802, ARG002 - the protocol's
        """Take the settings."""
        values = _read(request.args)
        answer = await self._provider.configure(ConfigureRequest(values, request.urn, request.id))
        return provider_pb2.ConfigureResponse(
            acceptSecrets=answer.accept_secrets,
            acceptResources=answer.accept_resources,
            supportsPreview=answer.supports_preview,
            acceptOutputs=False,
        )

    @_answering
    async def Check(self, request: Message, context: Any) -> Message:  # noqa: N802, ARG002 - the protocol's
        """Check inputs."""
        return _as_check(await self._provider.check(_check_request(request)))

    @_answering
    async def Diff(self, request: Message, context: Any) -> Message:  # noqa: N802, ARG002 - the protocol's
        """Compare inputs."""
        return _as_diff(await self._provider.diff(_diff_request(request)))

    @_answering
    async def Create(self, request: Message, context: Any) -> Message:  # noqa: N802, ARG002 - the protocol's
        """Make it."""
        asked = CreateRequest(
            request.urn, _read(request.properties), request.timeout, request.preview
        )
        made = await self._provider.create(asked)
        id = made.id if isinstance(made.id, str) else ""
        return provider_pb2.CreateResponse(id=id, properties=_write(made.properties))

    @_answering
    async def Read(self, request: Message, context: Any) -> Message:  # noqa: N802, ARG002 - the protocol's
        """Look at it."""
        asked = ReadRequest(
            request.id, request.urn, _read(request.inputs), _read(request.properties)
        )
        found = await self._provider.read(asked)
        inputs = None if found.inputs is None else _write(found.inputs)
        return provider_pb2.ReadResponse(
            id=found.id, properties=_write(found.properties), inputs=inputs
        )

    @_answering
    async def Update(self, request: Message, context: Any) -> Message:  # noqa: N802, ARG002 - the protocol's
        """Change it."""
        asked = UpdateRequest(
            request.id,
            request.urn,
            _read(request.old_inputs),
            _read(request.olds),
            _read(request.news),
            request.timeout,
            tuple(request.ignoreChanges),
            request.preview,
        )
        return provider_pb2.UpdateResponse(properties=_write(await self._provider.update(asked)))

    @_answering
    async def Delete(self, request: Message, context: Any) -> Message:  # noqa: N802, ARG002 - the protocol's
        """Take it away."""
        asked = DeleteRequest(
            request.id,
            request.urn,
            _read(request.old_inputs),
            _read(request.properties),
            request.timeout,
        )
        await self._provider.delete(asked)
        return empty_pb2.Empty()

    @_answering
    async def Invoke(self, request: Message, context: Any) -> Message:  # noqa: N802, ARG002 - the protocol's
        """Call a function."""
        answer = await self._provider.invoke(InvokeRequest(request.tok, _read(request.args)))
        # `return` is a word of Python's own: the field can only be given by name.
        fields: dict[str, Any] = {"return": _write(answer.result)}
        return provider_pb2.InvokeResponse(**fields, failures=_failures(answer.failures))

    async def List(self, request: Message, context: Any) -> AsyncIterator[Message]:  # noqa: N802 - the protocol's
        """List a page of what there is of a type; a query may ask for a name."""
        if has_unknowns(_read(request.query)):
            yield provider_pb2.ListResponse(computed=provider_pb2.ListResponse.Computed())
            return
        for item in await self._find_page(request, context):
            yield item

    @_answering
    async def _find_page(self, request: Message, context: Any) -> list[Message]:  # noqa: ARG002 - the decorator's
        query = _read(request.query)
        if not isinstance(self._provider, Lister) or query.keys() - {"name"}:
            raise ProviderError(f"{request.token} can be listed by name only, or not at all")
        page = await self._provider.list_page(
            request.token,
            size=_page_size(request),
            start=request.continuation_token,
            name=str(query.get("name", "")),
        )
        return [*map(_as_result, page.found), *_as_continuation(page, request)]

    async def Cancel(self, request: Message, context: Any) -> Message:  # noqa: N802, ARG002 - the protocol's
        """Come to an end soon."""
        await self._provider.cancel()
        return empty_pb2.Empty()


def _page_size(request: Message) -> int:
    """Give the least of what the host asks for; 0 when it leaves that open."""
    return min((size for size in (request.page_size, request.limit) if size > 0), default=0)


def _as_result(item: Listed) -> Message:
    found = provider_pb2.ListResponse.Result(id=item.id, name=item.name)
    return provider_pb2.ListResponse(result=found)


def _as_continuation(page: ListPage, request: Message) -> list[Message]:
    """Say where the listing goes on, unless the host has what it asked for."""
    if not page.following or 0 < request.limit <= int(page.following):
        return []
    going_on = provider_pb2.ListResponse.Continuation(continuation_token=page.following)
    return [provider_pb2.ListResponse(continuation=going_on)]


def _read(struct: Message) -> dict[str, Any]:
    return wire.decode_map(json_format.MessageToDict(struct))


def _write(values: PropertyMap) -> Message:
    return json_format.ParseDict(wire.encode_map(values), struct_pb2.Struct())


def _check_request(request: Message) -> CheckRequest:
    return CheckRequest(request.urn, _read(request.olds), _read(request.news), request.randomSeed)


def _diff_request(request: Message) -> DiffRequest:
    return DiffRequest(
        request.id,
        request.urn,
        _read(request.old_inputs),
        _read(request.olds),
        _read(request.news),
        tuple(request.ignoreChanges),
    )


def _as_check(response: CheckResponse) -> Message:
    return provider_pb2.CheckResponse(
        inputs=_write(response.inputs), failures=_failures(response.failures)
    )


def _failures(failures: tuple[CheckFailure, ...]) -> list[Message]:
    return [
        provider_pb2.CheckFailure(property=failure.property, reason=failure.reason)
        for failure in failures
    ]


def _as_diff(response: DiffResponse) -> Message:
    detailed = response.detailed_diff
    return provider_pb2.DiffResponse(
        changes=_CHANGES[response.changes],
        diffs=response.diffs,
        replaces=response.replaces,
        deleteBeforeReplace=response.delete_before_replace,
        hasDetailedDiff=detailed is not None,
        detailedDiff={path: _as_property_diff(item) for path, item in (detailed or {}).items()},
    )


def _as_property_diff(item: PropertyDiff) -> Message:
    kind = provider_pb2.PropertyDiff.Kind.Value(item.kind.name)
    return provider_pb2.PropertyDiff(kind=kind, inputDiff=item.input_diff)


def _trace(error: Exception) -> str:
    return "".join(traceback.format_exception(error)).rstrip()


async def _abort_partly_done(context: Any, error: PartlyDone) -> NoReturn:
    """Fail, and hand over what was made, so that the engine stores it."""
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.id,
        properties=_write(error.properties),
        inputs=_write(error.inputs),
        reasons=error.reasons,
    )
    status = Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
    status.details.add().Pack(detail)
    metadata = (("grpc-status-details-bin", status.SerializeToString()),)
    await context.abort(grpc.StatusCode.UNKNOWN, str(error), metadata)
    raise AssertionError("abort raises")


def find_engine_address() -> str:
    """Give the address that an engine starts a plugin with: the first word that is no option."""
    return next((word for word in sys.argv[1:] if not word.startswith("-")), "")


async def serve_engine(factory: ProviderFactory, schema: str, version: str) -> None:
    """
    Serve the engine that started this process: print the port, and answer until the process ends.

    schema: as JSON text.
    """
    log = EngineLog(find_engine_address())
    provider = await factory(log)
    server = grpc.aio.server(options=SERVER_OPTIONS)
    servicer = PrefectServicer(provider, log, schema, version)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    try:
        await server.wait_for_termination()
    finally:
        await provider.close()
