"""
What all views share: the contract, and the report that every format is made from.

A view draws; it asks nothing, decides nothing and knows no exit code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from meta_prefect.cli.views.picture import Picture, Row
from meta_prefect.interfaces.diagnostics import Diagnostic
from meta_prefect.interfaces.engine import OperationKind, OutputValue
from meta_prefect.interfaces.events import Event

if TYPE_CHECKING:
    from meta_prefect.project.listings import Fact
    from meta_prefect.project.operations import Subject


class Result(StrEnum):
    """How a command about an operation ended, in the words of the JSON document."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    NO_CHANGES = "no-changes"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class NextStep:
    """
    A command to type next.

    label: why, as in `Try it:`.
    """

    label: str
    command: str


@dataclass(frozen=True, slots=True)
class Report:
    """
    Everything there is to say about a preview or an operation.

    command: the verb.
    picture: of the operation, or of the preview when nothing was applied.
    diagnostics: errors first named by URN are named as in the tree here.
    kept: what stays, a line each.
    """

    command: str
    kind: OperationKind
    subject: Subject
    picture: Picture
    result: Result
    seconds: float
    outputs: Mapping[str, OutputValue] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    facts: tuple[Fact, ...] = ()
    kept: tuple[str, ...] = ()
    steps: tuple[NextStep, ...] = ()


class View(Protocol):
    """
    Draws a command about an operation, from heading to end.

    Called from one thread in this order: `open`, then for each of preview and operation `begin`,
    `update` and `tick` as often as it takes, `end`; `show_plan` between the two; `show_report`.
    """

    def open(self, command: str, subject: Subject) -> None:
        """Say what it is about."""
        ...

    def begin(self, picture: Picture) -> None:
        """Start following a preview or an operation."""
        ...

    def update(self, event: Event, row: Row | None) -> None:
        """Take notice of an event, which the picture holds already."""
        ...

    def tick(self, now: float) -> None:
        """Let time pass: called several times a second."""
        ...

    def say(self, text: str) -> None:
        """Tell the person something in passing."""
        ...

    def end(self) -> None:
        """Stop following."""
        ...

    def show_plan(self, report: Report) -> None:
        """Show what would happen, before somebody is asked."""
        ...

    def show_report(self, report: Report) -> None:
        """Show how it ended."""
        ...
