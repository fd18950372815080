"""
The provider contract: what an engine asks of whoever manages a kind of resource.

The shape is Pulumi's provider protocol (`proto/pulumi/provider.proto`, 3.260) in Python values, so
that an in-process provider costs no wire and an external plugin is an adapter. Everything is async;
an engine calls many methods of one provider at once. Not to be confused with `provider`, the room
that implements it for Prefect.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol, TypeAlias, runtime_checkable

from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.events import PropertyDiff
from meta_prefect.interfaces.values import PropertyMap, Unknown


class ProviderError(Exception):
    """A provider refused or failed; its text is what the user reads."""


class ProviderGone(ProviderError):
    """The provider's process ended during a call: what it did is unknown."""


class PartlyDone(ProviderError):
    """A create or update made something that did not become ready: the object exists."""

    def __init__(
        self, id: str, properties: PropertyMap, inputs: PropertyMap, reasons: tuple[str, ...]
    ) -> None:
        """Keep what was made, so that the engine can store it with its `reasons`."""
        super().__init__("; ".join(reasons))
        self.id = id
        self.properties = properties
        self.inputs = inputs
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class CheckFailure:
    """
    One input that will not do.

    property: path of the input; empty when it is about several.
    """

    property: str
    reason: str


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """
    Are these inputs good?

    olds: the inputs of before; empty when there are none or the resource is made anew.
    """

    urn: str
    olds: PropertyMap
    news: PropertyMap
    random_seed: bytes = b""


@dataclass(frozen=True, slots=True)
class CheckResponse:
    """
    The inputs with defaults filled in, or what is wrong with them.

    failures: all of them at once.
    """

    inputs: PropertyMap
    failures: tuple[CheckFailure, ...] = ()


class Changes(Enum):
    """What a provider says about a difference."""

    UNKNOWN = auto()
    NONE = auto()
    SOME = auto()


@dataclass(frozen=True, slots=True)
class DiffRequest:
    """What has to change to come from the old to the new?"""

    id: str
    urn: str
    old_inputs: PropertyMap
    old_outputs: PropertyMap
    news: PropertyMap
    ignore_changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DiffResponse:
    """
    The difference.

    diffs: changed top-level keys; replaces: those that ask for a replacement.
    detailed_diff: by property path; None when the provider gives none.
    """

    changes: Changes
    diffs: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    detailed_diff: Mapping[str, PropertyDiff] | None = None
    delete_before_replace: bool = False


@dataclass(frozen=True, slots=True)
class ConfigureRequest:
    """
    The provider's own inputs, for all later calls.

    urn, id: of the provider resource.
    """

    args: PropertyMap
    urn: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class ConfigureResponse:
    """What the provider can take; the defaults are what an in-process provider does."""

    accept_secrets: bool = True
    accept_resources: bool = True
    supports_preview: bool = True


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """
    Make it.

    timeout_seconds: 0 means the provider's own.
    preview: only say what the outputs would be; unknown where unknowable.
    """

    urn: str
    properties: PropertyMap
    timeout_seconds: float = 0.0
    preview: bool = False


@dataclass(frozen=True, slots=True)
class CreateResponse:
    """
    What was made.

    id: `UNKNOWN` or empty in a preview.
    """

    id: str | Unknown
    properties: PropertyMap


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """
    What is it in the world?

    inputs, properties: what is known of it; empty for an import.
    """

    id: str
    urn: str
    inputs: PropertyMap
    properties: PropertyMap


@dataclass(frozen=True, slots=True)
class ReadResponse:
    """
    What it is.

    id: empty when it does not exist (any more).
    inputs: None when the provider cannot tell them.
    """

    id: str
    properties: PropertyMap = field(default_factory=dict)
    inputs: PropertyMap | None = None


@dataclass(frozen=True, slots=True)
class UpdateRequest:
    """Change it in place; `timeout_seconds` and `preview` as in `CreateRequest`."""

    id: str
    urn: str
    old_inputs: PropertyMap
    old_outputs: PropertyMap
    news: PropertyMap
    timeout_seconds: float = 0.0
    ignore_changes: tuple[str, ...] = ()
    preview: bool = False


@dataclass(frozen=True, slots=True)
class DeleteRequest:
    """Take it away; deleting what is gone already succeeds."""

    id: str
    urn: str
    old_inputs: PropertyMap
    old_outputs: PropertyMap
    timeout_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class InvokeRequest:
    """
    Call a function.

    token: `package:module:function`.
    """

    token: str
    args: PropertyMap


@dataclass(frozen=True, slots=True)
class InvokeResponse:
    """The function's answer, or what is wrong with its arguments."""

    result: PropertyMap
    failures: tuple[CheckFailure, ...] = ()


ProviderLog: TypeAlias = Callable[[Severity, str, str], None]
"""Takes severity, URN (may be empty) and message; handed to a provider when it is made."""


class ResourceProvider(Protocol):
    """
    Manages the resources of one package.

    Every method raises `ProviderError` with a text for the user; `create` and `update` may raise
    `PartlyDone`. `configure` comes before everything but the two config calls.
    """

    async def check_config(self, request: CheckRequest) -> CheckResponse: ...

    async def diff_config(self, request: DiffRequest) -> DiffResponse: ...

    async def configure(self, request: ConfigureRequest) -> ConfigureResponse: ...

    async def check(self, request: CheckRequest) -> CheckResponse: ...

    async def diff(self, request: DiffRequest) -> DiffResponse: ...

    async def create(self, request: CreateRequest) -> CreateResponse: ...

    async def read(self, request: ReadRequest) -> ReadResponse: ...

    async def update(self, request: UpdateRequest) -> PropertyMap: ...

    async def delete(self, request: DeleteRequest) -> None: ...

    async def invoke(self, request: InvokeRequest) -> InvokeResponse: ...

    async def cancel(self) -> None:
        """Make calls in flight end soon, with or without success."""
        ...

    async def close(self) -> None:
        """Let go of connections and processes; the last call."""
        ...


class FindsCreated(Protocol):
    """A provider that can tell whether a create whose answer was lost took place."""

    async def find_created(self, urn: str, inputs: PropertyMap) -> ReadResponse | None:
        """
        Look for the object by its natural key.

        Gives the object; a response with an empty id when it is surely not there; None when the
        provider cannot say.
        """
        ...


@runtime_checkable
class ForeseesReads(Protocol):
    """A provider that looks at many objects with few calls when it is told of them beforehand."""

    def foresee_reads(self, reads: Sequence[ReadRequest]) -> AbstractContextManager[None]:
        """
        Be told which reads come, each at most once, while the context is open.

        An object may be looked at any time after the context is entered, and before it is read;
        leaving the context forgets what was seen. Fails for no object: what is wrong with one is
        said when it is read.
        """
        ...


ProviderFactory: TypeAlias = Callable[[ProviderLog], Awaitable[ResourceProvider]]
"""Makes an unconfigured provider; the engine calls it once for each provider resource."""
