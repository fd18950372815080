"""
The engine contract: what an operation is, what comes of it, and how stored state is looked at.

Both engines implement `Engine`; `project.wiring` chooses one. An engine runs a program against a
stack's state; it knows no flows, asks no questions and prints nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol, TypeAlias

from meta_prefect.interfaces.diagnostics import Diagnostic
from meta_prefect.interfaces.events import EventSink, Op
from meta_prefect.interfaces.values import PropertyMap, PropertyValue

DEFAULT_PARALLEL: Final = 16

Program: TypeAlias = Callable[[], object]
"""Declares resources with the Pulumi SDK; may be a coroutine function."""


class OperationKind(StrEnum):
    """What can be done with a stack."""

    PREVIEW = "preview"
    UP = "up"
    DESTROY = "destroy"
    REFRESH = "refresh"
    IMPORT = "import"


class Outcome(StrEnum):
    """How an operation ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Failure(StrEnum):
    """
    What made an operation fail, for the exit code; the first one that happened.

    No engine says `REFUSED`: whoever looks at a preview does, of one that must not be applied.
    """

    NONE = ""
    PROGRAM = "program"
    RESOURCE = "resource"
    CHANGES = "changes"
    MOVED = "moved"
    REFUSED = "refused"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class ConfigValue:
    """
    One value of a stack's configuration.

    value: text; objects and lists as JSON text.
    """

    value: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """
    Which resources an operation is about; empty means all.

    targets, excludes: URNs or globs (`*` within a segment, `**` anything); not both.
    target_dependents, exclude_dependents: what depends on them too.
    replace: URNs or globs of what is to be made anew; restricts nothing by itself.
    """

    targets: tuple[str, ...] = ()
    target_dependents: bool = False
    excludes: tuple[str, ...] = ()
    exclude_dependents: bool = False
    replace: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportItem:
    """
    An object that exists already and is to be in the stack.

    type, name: of the resource it becomes; id: the provider's, of the object.
    parent: URN, or name of another import of the same request; empty means the stack.
    provider: URN of a provider in the stack; empty means the default one.
    properties: names of the inputs to keep; empty means all that the provider tells.
    version: of the package, for the default provider; empty means any.
    """

    type: str
    name: str
    id: str
    parent: str = ""
    provider: str = ""
    properties: tuple[str, ...] = ()
    protect: bool = True
    version: str = ""


@dataclass(frozen=True, slots=True)
class OperationRequest:
    """
    One operation on one stack.

    kind: for `PREVIEW`, `preview_of` says of what (up, destroy, refresh or import).
    program: declares the resources; None for destroy, refresh and import.
    config: by `namespace:key`.
    scope: see `Scope`.
    refresh: read the world first, then go on.
    parallel: steps at once.
    continue_on_error: go on with what does not depend on a failure.
    expect_no_changes: do it, then fail if anything changed.
    planned: (urn, op) of every step a preview showed; the operation stops before a step that is not
        among them (`same` always is). None: no plan.
    report_untouched: emit a `same` event for resources outside the scope as well.
    message: for the history.
    timeout_seconds: the whole operation; 0 means none.
    root: folder of the program, for source positions and plugins; empty means the working folder.
    imports: what an import takes over; nothing else of the stack is touched.
    """

    kind: OperationKind
    project: str
    stack: str
    program: Program | None = None
    preview_of: OperationKind = OperationKind.UP
    config: Mapping[str, ConfigValue] = field(default_factory=dict)
    scope: Scope = field(default_factory=Scope)
    refresh: bool = False
    parallel: int = DEFAULT_PARALLEL
    continue_on_error: bool = False
    expect_no_changes: bool = False
    planned: frozenset[tuple[str, Op]] | None = None
    report_untouched: bool = False
    message: str = ""
    timeout_seconds: float = 0.0
    root: str = ""
    imports: tuple[ImportItem, ...] = ()

    @property
    def is_preview(self) -> bool:
        """Whether nothing may be changed, in the world or in state."""
        return self.kind is OperationKind.PREVIEW

    @property
    def effective_kind(self) -> OperationKind:
        """The operation itself, previewed or not."""
        return self.preview_of if self.is_preview else self.kind


@dataclass(frozen=True, slots=True)
class OutputValue:
    """A stack output; `value` is in clear even when `secret`."""

    value: PropertyValue
    secret: bool = False


@dataclass(frozen=True, slots=True)
class OperationResult:
    """
    What came of an operation.

    changes: counts by op, as in the `Summary` event.
    outputs: of the stack, after the operation.
    diagnostics: what went wrong, with `where` a URN; empty on success.
    failure: the kind of the first failure.
    """

    outcome: Outcome
    changes: Mapping[Op, int] = field(default_factory=dict)
    outputs: Mapping[str, OutputValue] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    failure: Failure = Failure.NONE
    duration_seconds: float = 0.0


class Engine(Protocol):
    """
    Runs operations.

    A failed operation is a result. Exceptions (`MetaPrefectError`) are for what stops it before
    anything was touched: a locked stack, a wrong passphrase, broken state.
    """

    @property
    def description(self) -> str:
        """Name and version, as printed in headings."""
        ...

    def run(self, request: OperationRequest, on_event: EventSink) -> OperationResult:
        """
        Run one operation to its end, with events as they happen.

        Blocks. `on_event` is called from another thread, one event at a time, and must not block.
        """
        ...

    def cancel(self) -> None:
        """Ask the running operation to stop; asked twice, it stops waiting for what runs."""
        ...


@dataclass(frozen=True, slots=True)
class ResourceRecord:
    """
    A resource of a stack, to look at; secrets are `Secret` with the value unread (`None`).

    parent, provider: a URN and a provider reference (`URN::ID`); empty when there is none.
    dependencies: URNs, property dependencies and `deletedWith` included.
    pending_delete: replaced already, still to be deleted.
    created, modified: RFC 3339; empty when unknown.
    """

    urn: str
    type: str
    id: str
    parent: str
    provider: str
    custom: bool
    inputs: PropertyMap
    outputs: PropertyMap
    dependencies: tuple[str, ...] = ()
    protect: bool = False
    external: bool = False
    retain_on_delete: bool = False
    pending_delete: bool = False
    created: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class StackRecord:
    """
    A stack as stored, in file order.

    pending_operations: (urn, kind) of steps whose end is unknown.
    """

    name: str
    resources: Sequence[ResourceRecord]
    pending_operations: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class HistoryRecord:
    """
    One past operation.

    start_time, end_time: seconds since the epoch.
    result: `succeeded` or `failed`.
    """

    kind: str
    start_time: int
    end_time: int
    message: str
    result: str
    changes: Mapping[str, int]


class StackReader(Protocol):
    """The half of stored state that only looks; takes no lock, needs no passphrase."""

    def list_stacks(self) -> Sequence[str]:
        """Names of the project's stacks, sorted."""
        ...

    def read_stack(self, name: str) -> StackRecord | None:
        """Read a stack; None when there is none of that name."""
        ...

    def read_history(self, name: str) -> Sequence[HistoryRecord]:
        """Past operations, newest first."""
        ...
