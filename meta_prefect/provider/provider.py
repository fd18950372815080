"""
The Prefect provider: routes each call of the engine to the handler of its resource type.

Implements `interfaces.provider.ResourceProvider`, so an engine in this process uses it directly;
`server` puts the same object behind gRPC for Pulumi's own engine. What a resource means is in its
handler, what differs is in `comparison`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, TypeVar

import httpx

from meta_prefect.interfaces.diagnostics import Severity
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
    ProviderLog,
    ReadRequest,
    ReadResponse,
    UpdateRequest,
)
from meta_prefect.interfaces.values import UNKNOWN, PropertyMap, PropertyValue, Secret
from meta_prefect.provider.adoption import has_same_key
from meta_prefect.provider.boundary import close_values, open_inputs
from meta_prefect.provider.client import PrefectClient
from meta_prefect.provider.comparison import (
    as_response,
    compare_inputs,
    declare_found,
    merge_found,
)
from meta_prefect.provider.fields import DECLARED
from meta_prefect.provider.flow_book import FlowBook
from meta_prefect.provider.function_registry import FUNCTIONS
from meta_prefect.provider.functions import call_function
from meta_prefect.provider.handler import Context, Found, Handler, Inputs, Stored, check_inputs
from meta_prefect.provider.listings import ListPage, list_page
from meta_prefect.provider.masking import hide_secrets
from meta_prefect.provider.names import is_bridged
from meta_prefect.provider.owner_lock import find_living
from meta_prefect.provider.registry import HANDLERS
from meta_prefect.provider.server_plan import find_lock
from meta_prefect.provider.settings import (
    CONFIG_FIELDS,
    check_config,
    replaces_provider,
    resolve_settings,
)

_Result = TypeVar("_Result")
_SECRET_CONFIG: Final = frozenset(item.name for item in CONFIG_FIELDS if item.secret)
_TYPE_PART: Final = 2


class PrefectProvider:
    """One configured Prefect; see `interfaces.provider` for what each method takes and gives."""

    def __init__(
        self,
        log: ProviderLog,
        *,
        environment: Mapping[str, str],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """
        Make an unconfigured provider.

        environment: where settings that are not given are looked up.
        transport: in place of the network, for tests.
        """
        self._log = log
        self._environment = environment
        self._transport = transport
        self._context: Context | None = None
        self._handlers: dict[str, Handler] = {}

    async def check_config(self, request: CheckRequest) -> CheckResponse:
        """Check the provider resource's own inputs."""
        given = open_inputs(request.news)
        values, failures = check_config(given.values)
        secret = {path[0] for path in given.secrets} | _SECRET_CONFIG
        closed = {
            key: Secret(value) if key in secret and value is not UNKNOWN else value
            for key, value in values.items()
        }
        return CheckResponse(closed, tuple(failures))

    async def diff_config(self, request: DiffRequest) -> DiffResponse:
        """Compare the provider resource's inputs; only another Prefect replaces it."""
        old, new = open_inputs(request.old_inputs).values, open_inputs(request.news).values
        names = tuple(i.name for i in CONFIG_FIELDS if old.get(i.name) != new.get(i.name))
        if not names:
            return DiffResponse(Changes.NONE)
        replaced = ("apiUrl", "accountId", "workspaceId") if replaces_provider(old, new) else ()
        return DiffResponse(
            Changes.SOME, diffs=names, replaces=tuple(n for n in names if n in replaced)
        )

    async def configure(self, request: ConfigureRequest) -> ConfigureResponse:
        """Take the settings for all later calls; touches no network."""
        values, failures = check_config(open_inputs(request.args).values)
        if failures:
            reasons = "; ".join(f"{item.property} {item.reason}".strip() for item in failures)
            raise ProviderError(f"the Prefect provider's settings will not do: {reasons}")
        settings = resolve_settings(values, self._environment)
        client = PrefectClient(settings, self._log, transport=self._transport)
        self._context = Context(client, self._log, settings, FlowBook(client))
        self._handlers = {}
        return ConfigureResponse()

    async def check(self, request: CheckRequest) -> CheckResponse:
        """Check inputs and fill in defaults."""
        handler = self._handler(request.urn)
        news = open_inputs(request.news)
        if request.olds:
            handler.in_state[request.urn] = request.olds  # opened by a create only
        checked = await check_inputs(handler, request.urn, news.values)
        secrets = news.secrets | checked.secrets
        secrets |= handler.spread_secrets(secrets)
        inputs = close_values(checked.values, handler.kind, secrets)
        failures = tuple(
            CheckFailure(item.property, hide_secrets(item.reason, news))
            for item in checked.failures
        )
        return CheckResponse(inputs, failures)

    async def diff(self, request: DiffRequest) -> DiffResponse:
        """Compare inputs in canonical form; warns of what cannot be changed any more."""
        handler = self._handler(request.urn)
        old = _stored(handler, request.id, request.urn, request.old_inputs, request.old_outputs)
        new = _respect(request.ignore_changes, old.inputs, open_inputs(request.news))
        differences = compare_inputs(handler.kind, old.inputs.values, new.values)
        for difference in differences:
            if difference.is_ignored:
                text = f"{difference.field.name} is only set when it is made: the change is ignored"
                self._log(Severity.WARNING, request.urn, text)
        return as_response(differences, handler.find_drift(old))

    async def create(self, request: CreateRequest) -> CreateResponse:
        """Make it, or foresee the outputs."""
        handler = self._handler(request.urn)
        inputs = open_inputs(request.properties)
        if request.preview:
            outputs = handler.foresee_create(request.urn, inputs)
            return CreateResponse(UNKNOWN, _state(handler, inputs, inputs.values, outputs))
        replaced = open_inputs(handler.in_state.get(request.urn, {}))
        if not has_same_key(replaced.values, inputs.values):
            handler.in_state.pop(request.urn, None)
        made = await self._bounded(
            request.timeout_seconds,
            lambda: _answering_safely(handler, inputs, handler.create(request.urn, inputs)),
        )
        values = inputs.values if made.inputs is None else made.inputs
        return CreateResponse(made.id, _state(handler, inputs, values, made.outputs))

    async def read(self, request: ReadRequest) -> ReadResponse:
        """Look at it; for an import, declare what differs from the defaults."""
        handler = self._handler(request.urn)
        if not request.inputs and not request.properties:
            return _found(handler, Inputs({}), await handler.read(request.id, None))
        stored = _stored(handler, request.id, request.urn, request.inputs, request.properties)
        if self._ready().settings.url_unknown:
            return ReadResponse(request.id, request.properties, request.inputs)
        return _found(handler, stored.inputs, await handler.read(request.id, stored))

    def foresee_reads(self, reads: Sequence[ReadRequest]) -> AbstractContextManager[None]:
        """Read the objects in whole pages, as far as their kinds can be asked for like that."""
        lookups = [
            lookup
            for request in reads
            if _type_of(request.urn) in HANDLERS
            for lookup in self._handler(request.urn).list_lookups(request)
        ]
        return self._ready().client.reading_ahead(lookups)

    async def update(self, request: UpdateRequest) -> PropertyMap:
        """Change it in place, or foresee the outputs; sends nothing when nothing differs."""
        handler = self._handler(request.urn)
        old = _stored(handler, request.id, request.urn, request.old_inputs, request.old_outputs)
        new = _respect(request.ignore_changes, old.inputs, open_inputs(request.news))
        if request.preview:
            return _state(handler, new, new.values, handler.foresee_update(old, new))
        differences = compare_inputs(handler.kind, old.inputs.values, new.values)
        changed = frozenset(item.field.name for item in differences if not item.is_ignored)
        changed |= handler.find_drift(old)
        if not changed:
            return _state(handler, new, new.values, old.outputs)
        outputs = await self._bounded(
            request.timeout_seconds,
            lambda: _answering_safely(handler, new, handler.update(old, new, changed)),
        )
        return _state(handler, new, new.values, outputs)

    async def delete(self, request: DeleteRequest) -> None:
        """Take it away; what a local server of the stack held is gone when the server is."""
        handler = self._handler(request.urn)
        if self._went_with_server(handler):
            text = "the local server does not run any more, so this stays in its data"
            self._log(Severity.WARNING, request.urn, text)
            return
        old = _stored(handler, request.id, request.urn, request.old_inputs, request.old_outputs)
        await self._bounded(request.timeout_seconds, lambda: handler.delete(old))
        handler.in_state.pop(request.urn, None)

    def _went_with_server(self, handler: Handler) -> bool:
        home = handler.settings.local_home
        is_api_object = handler.kind.token.startswith("prefect:index:")
        return bool(home) and is_api_object and find_living(find_lock(home)) is None

    async def find_created(self, urn: str, inputs: PropertyMap) -> ReadResponse | None:
        """Look by natural key for what a create with a lost answer may have made."""
        handler = self._handler(urn)
        asked = open_inputs(inputs)
        found = await handler.find_created(urn, asked)
        if isinstance(found, Found):
            return _found(handler, asked, found)
        return None if found else ReadResponse("")

    async def invoke(self, request: InvokeRequest) -> InvokeResponse:
        """Call a function; an unknown argument or API makes every result unknown."""
        function = FUNCTIONS.get(request.token)
        if function is None:
            raise ProviderError(f"the Prefect provider has no function {request.token}")
        return await call_function(function, self._ready(), open_inputs(request.args))

    async def list_page(self, type: str, *, size: int, start: str, name: str) -> ListPage:
        """List what there is of a type; see `listings.list_page`."""
        return await list_page(self._ready().client, type, size=size, start=start, name=name)

    async def cancel(self) -> None:
        """Stop repeating requests; those in flight come to their end."""
        if self._context is not None:
            self._context.client.stop()

    async def close(self) -> None:
        """Close the connections."""
        if self._context is not None:
            await self._context.client.close()

    def _ready(self) -> Context:
        if self._context is None:
            raise ProviderError("the Prefect provider is not configured yet")
        return self._context

    def _handler(self, urn: str) -> Handler:
        token = _type_of(urn)
        if token not in self._handlers:
            made = HANDLERS.get(token)
            if made is None:
                raise ProviderError(_no_type(token))
            self._handlers[token] = made(self._ready())
        return self._handlers[token]

    async def _bounded(
        self, timeout_seconds: float, call: Callable[[], Awaitable[_Result]]
    ) -> _Result:
        try:
            async with asyncio.timeout(timeout_seconds or None):
                return await call()
        except TimeoutError as error:
            raise ProviderError(f"took longer than {timeout_seconds:g} seconds") from error


async def build_provider(log: ProviderLog) -> PrefectProvider:
    """Make an unconfigured provider that looks settings up in this process's environment."""
    return PrefectProvider(log, environment=os.environ)


def _no_type(token: str) -> str:
    text = f"the Prefect provider has no resource type {token}"
    if is_bridged(token):
        return (
            f"{text}, which is of the bridged Terraform provider: it is called prefect, too, so "
            "give each of its resources a provider of its package by name"
        )
    return text


def _type_of(urn: str) -> str:
    """Find the resource's own type in a URN, behind those of its parents."""
    parts = urn.split("::")
    if len(parts) <= _TYPE_PART:
        raise ProviderError(f"{urn} is not a URN")
    return parts[_TYPE_PART].rpartition("$")[2]


def _stored(
    handler: Handler, id: str, urn: str, inputs: PropertyMap, outputs: PropertyMap
) -> Stored:
    """Open a state; a host that does not tell the old inputs has them among the outputs."""
    opened = open_inputs(outputs)
    if inputs:
        old = open_inputs(inputs)
    else:
        old = Inputs(handler.kind.inputs_of(opened.values), opened.secrets)
    return Stored(id, urn, old, handler.kind.outputs_of(opened.values))


def _respect(ignored: tuple[str, ...], old: Inputs, new: Inputs) -> Inputs:
    """Give ignored inputs their old value; paths inside of one are the engine's part."""
    values = dict(new.values)
    for key in ignored:
        if key in old.values:
            values[key] = old.values[key]
        else:
            values.pop(key, None)
    return Inputs(values, new.secrets | old.secrets if ignored else new.secrets, new.unknowns)


def _state(
    handler: Handler, inputs: Inputs, values: Mapping[str, Any], outputs: Mapping[str, Any]
) -> dict[str, PropertyValue]:
    return close_values({**values, **outputs}, handler.kind, inputs.secrets)


def _found(handler: Handler, stored: Inputs, found: Found | None) -> ReadResponse:
    if found is None:
        return ReadResponse("")
    kind = handler.kind
    if DECLARED in stored.values:
        values = merge_found(kind, stored.values, found.inputs)
    else:
        values = declare_found(kind, found.inputs, found.repeated)
    secrets = stored.secrets | found.secrets
    inputs = close_values(values, kind, secrets)
    state = close_values({**values, **found.outputs}, kind, secrets)
    return ReadResponse(found.id, state, inputs)


async def _answering_safely(handler: Handler, asked: Inputs, call: Awaitable[_Result]) -> _Result:
    """Give a handler's plain `PartlyDone` a whole state, and hide secrets in other errors."""
    try:
        return await call
    except PartlyDone as error:
        inputs = close_values(error.inputs, handler.kind, asked.secrets)
        properties = _state(handler, asked, error.inputs, error.properties)
        raise PartlyDone(error.id, properties, inputs, error.reasons) from error
    except ProviderError as error:
        text = hide_secrets(str(error), asked)
        if text == str(error):
            raise
        # Its cause would repeat the secret in a traceback.
        raise ProviderError(text) from None
