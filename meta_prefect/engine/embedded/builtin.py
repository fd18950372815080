"""
The built-in provider: package `pulumi`, whose resources live in the engine itself.

Serves `StackReference`, the outputs of another stack of the same backend, and `Stash`, a value that
stays as it was first.

Source: `pkg/resource/deploy/builtins.go` of Pulumi 3.260.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from typing import Final

from meta_prefect.engine.diff import is_same
from meta_prefect.engine.embedded.sources import InProcess
from meta_prefect.engine.state.backend import FileBackend
from meta_prefect.engine.state.checkpoint import ResourceState, Snapshot
from meta_prefect.engine.urn import STACK_TYPE, urn_type
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
    ProviderError,
    ProviderLog,
    ReadRequest,
    ReadResponse,
    ResourceProvider,
    UpdateRequest,
)
from meta_prefect.interfaces.values import UNKNOWN, PropertyMap, PropertyValue, has_secrets

_STACK_REFERENCE: Final = "pulumi:pulumi:StackReference"
_STASH: Final = "pulumi:index:Stash"
_INPUTS: Final = {_STACK_REFERENCE: "name", _STASH: "input"}
"""The one input that each type has, and must have."""
_READ_OUTPUTS: Final = "pulumi:pulumi:readStackOutputs"
_READ_RESOURCES: Final = "pulumi:pulumi:readStackResourceOutputs"
GET_RESOURCE: Final = "pulumi:pulumi:getResource"
"""The function that looks a resource of the program up; only the operation can answer it."""


def build_builtin_source(backend: FileBackend) -> InProcess:
    """Give the place where the built-in provider comes from."""

    async def make(log: ProviderLog) -> ResourceProvider:  # noqa: ARG001 - it says nothing
        return BuiltinProvider(backend)

    return InProcess({"pulumi": make})


class BuiltinProvider:
    """Reads stacks of a backend, and keeps values."""

    def __init__(self, backend: FileBackend) -> None:
        """Read without locks."""
        self._backend = backend

    async def check_config(self, request: CheckRequest) -> CheckResponse:  # noqa: ARG002
        """Take no configuration: there is nothing to configure."""
        return CheckResponse({})

    async def diff_config(self, request: DiffRequest) -> DiffResponse:  # noqa: ARG002
        """Never differ."""
        return DiffResponse(Changes.NONE)

    async def configure(self, request: ConfigureRequest) -> ConfigureResponse:  # noqa: ARG002
        """Need nothing."""
        return ConfigureResponse()

    async def check(self, request: CheckRequest) -> CheckResponse:
        """Take the only input that there is."""
        key = _INPUTS.get(urn_type(request.urn))
        if key is None:
            raise _unknown_type(request.urn)
        unknown = [CheckFailure(name, f'unknown property "{name}"') for name in request.news]
        failures = [failure for failure in unknown if failure.property != key]
        if key not in request.news:
            failures.append(CheckFailure(key, f'missing required property "{key}"'))
        return CheckResponse(request.news, tuple(failures[:1]))

    async def diff(self, request: DiffRequest) -> DiffResponse:
        """Replace a reference to another stack; store another input of a stash beside its value."""
        kind = urn_type(request.urn)
        key = _INPUTS[kind]
        if is_same(request.old_inputs.get(key), request.news.get(key)):
            return DiffResponse(Changes.NONE)
        if kind == _STASH:
            return DiffResponse(Changes.SOME, diffs=(key,))
        return DiffResponse(Changes.SOME, replaces=(key,))

    async def create(self, request: CreateRequest) -> CreateResponse:
        """Read the other stack for the first time, or stash a value."""
        id = UNKNOWN if request.preview else str(uuid.uuid4())
        if urn_type(request.urn) == _STASH:
            value = request.properties["input"]
            return CreateResponse(id, {"input": value, "output": value})
        return CreateResponse(id, await self._read_outputs(request.properties))

    async def read(self, request: ReadRequest) -> ReadResponse:
        """Read the other stack, or leave a stash as it is."""
        kind = urn_type(request.urn)
        if kind not in _INPUTS:
            raise _unknown_type(request.urn)
        if _INPUTS[kind] not in request.inputs:
            raise ProviderError(f"{kind} can not be imported")
        if kind == _STASH:
            return ReadResponse(request.id, request.properties, request.inputs)
        outputs = await self._read_outputs(request.inputs)
        return ReadResponse(request.id, outputs, request.inputs)

    async def update(self, request: UpdateRequest) -> PropertyMap:
        """Keep the value that was stashed first."""
        if urn_type(request.urn) != _STASH:
            raise _unknown_type(request.urn)
        return {"input": request.news["input"], "output": request.old_outputs.get("output")}

    async def delete(self, request: DeleteRequest) -> None:
        """Do nothing: the other stack stays, and a stash is in state only."""

    async def invoke(self, request: InvokeRequest) -> InvokeResponse:
        """Read what another stack has."""
        match request.token:
            case token if token == _READ_OUTPUTS:
                return InvokeResponse(await self._read_outputs(request.args))
            case token if token == _READ_RESOURCES:
                return InvokeResponse(await self._read_resources(request.args))
        raise ProviderError(f"unrecognized function name: '{request.token}'")

    async def cancel(self) -> None:
        """Do nothing: no call takes long."""

    async def close(self) -> None:
        """Do nothing: there is nothing to close."""

    async def _read_outputs(self, args: PropertyMap) -> PropertyMap:
        name = str(args.get("name"))
        outputs: PropertyMap = {}
        for state in await self._load(name):
            if state.type == STACK_TYPE:
                outputs = state.outputs
        secret = sorted(key for key, value in outputs.items() if has_secrets(value))
        return {"name": name, "outputs": dict(outputs), "secretOutputNames": secret}

    async def _read_resources(self, args: PropertyMap) -> PropertyMap:
        name = str(args.get("stackName"))
        resources = await self._load(name)
        found = {state.urn: _describe(state) for state in resources if not state.delete}
        return {"name": name, "outputs": found}

    async def _load(self, name: str) -> Sequence[ResourceState]:
        """Read a stack's records in another thread, as its secrets may take a while."""
        return (await asyncio.to_thread(self._load_now, name)).resources

    def _load_now(self, name: str) -> Snapshot:
        *folders, stack = name.split("/")
        backend = self._backend.for_project(folders[1]) if len(folders) > 1 else self._backend
        snapshot = backend.load(stack)
        if snapshot is None:
            raise ProviderError(f'unknown stack "{name}"')
        return snapshot


def _describe(state: ResourceState) -> PropertyValue:
    return {"type": state.type, "outputs": dict(state.outputs)}


def _unknown_type(urn: str) -> ProviderError:
    return ProviderError(f"unrecognized resource type '{urn_type(urn)}'")
