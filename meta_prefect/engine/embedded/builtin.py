"""
The built-in provider: package `pulumi`, whose resources live in the engine itself.

Serves `StackReference`: the outputs of another stack of the same backend.

Source: `pkg/resource/deploy/builtins.go` of Pulumi 3.260.
"""

from __future__ import annotations

from typing import Final

from meta_prefect.engine.embedded.sources import InProcess
from meta_prefect.engine.state.backend import FileBackend
from meta_prefect.engine.urn import STACK_TYPE, urn_type
from meta_prefect.interfaces.provider import (
    Changes,
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
from meta_prefect.interfaces.values import PropertyMap, Secret

_STACK_REFERENCE: Final = "pulumi:pulumi:StackReference"


def build_builtin_source(backend: FileBackend) -> InProcess:
    """Give the place where the built-in provider comes from."""

    async def make(log: ProviderLog) -> ResourceProvider:  # noqa: ARG001 - it says nothing
        return BuiltinProvider(backend)

    return InProcess({"pulumi": make})


class BuiltinProvider:
    """Reads stacks of a backend."""

    def __init__(self, backend: FileBackend) -> None:
        """Read without locks."""
        self._backend = backend

    async def check_config(self, request: CheckRequest) -> CheckResponse:
        """Take any configuration: there is none."""
        return CheckResponse(request.news)

    async def diff_config(self, request: DiffRequest) -> DiffResponse:  # noqa: ARG002
        """Never differ."""
        return DiffResponse(Changes.NONE)

    async def configure(self, request: ConfigureRequest) -> ConfigureResponse:  # noqa: ARG002
        """Need nothing."""
        return ConfigureResponse()

    async def check(self, request: CheckRequest) -> CheckResponse:
        """Take the name of a stack."""
        return CheckResponse(request.news)

    async def diff(self, request: DiffRequest) -> DiffResponse:
        """Replace a reference to another stack."""
        if request.old_inputs.get("name") == request.news.get("name"):
            return DiffResponse(Changes.NONE)
        return DiffResponse(Changes.SOME, diffs=("name",), replaces=("name",))

    async def create(self, request: CreateRequest) -> CreateResponse:
        """Read the other stack for the first time."""
        name = str(request.properties.get("name"))
        return CreateResponse(name, self._read_outputs(request.urn, name))

    async def read(self, request: ReadRequest) -> ReadResponse:
        """Read the other stack."""
        return ReadResponse(request.id, self._read_outputs(request.urn, request.id), {})

    async def update(self, request: UpdateRequest) -> PropertyMap:
        """Read the other stack again."""
        return self._read_outputs(request.urn, request.id)

    async def delete(self, request: DeleteRequest) -> None:
        """Do nothing: the other stack stays."""

    async def invoke(self, request: InvokeRequest) -> InvokeResponse:
        """Refuse: there are no functions."""
        raise ProviderError(f"unknown function {request.token}")

    async def cancel(self) -> None:
        """Do nothing: no call takes long."""

    async def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def _read_outputs(self, urn: str, name: str) -> PropertyMap:
        if urn_type(urn) != _STACK_REFERENCE:
            raise ProviderError(f"the embedded engine has no resource of type {urn_type(urn)}")
        snapshot = self._backend.load(name.rpartition("/")[2])
        if snapshot is None:
            raise ProviderError(f"there is no stack {name}")
        outputs: PropertyMap = {}
        for state in snapshot.resources:
            if state.type == STACK_TYPE:
                outputs = state.outputs
        secret = sorted(key for key, value in outputs.items() if isinstance(value, Secret))
        return {"name": name, "outputs": dict(outputs), "secretOutputNames": secret}
