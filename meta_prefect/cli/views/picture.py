"""
The picture of an operation: its events folded into one row for each resource.

Every view draws from it, so all formats say the same. Knows no text and no terminal. Rows stand in
the order in which the program declared them; a replacement's halves are one row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final, TypeAlias

from meta_prefect.cli.views.theme import Sign
from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.events import (
    Cancelled,
    DiagnosticEvent,
    Event,
    Op,
    Prelude,
    ResourceFailed,
    ResourceOutputs,
    ResourcePre,
    StepMetadata,
    Summary,
)

STACK_TYPE: Final = "pulumi:pulumi:Stack"
PROVIDER_PREFIX: Final = "pulumi:providers:"

_SIGNS: Final = {
    Op.SAME: Sign.SAME,
    Op.REFRESH: Sign.SAME,
    Op.CREATE: Sign.CREATE,
    Op.UPDATE: Sign.CHANGE,
    Op.DELETE: Sign.DELETE,
    Op.READ: Sign.READ,
    Op.DISCARD: Sign.FORGET,
    Op.IMPORT: Sign.IMPORT,
}
# `replace` only announces a replacement, and the delete half may come long before or after.
_REPLACED_BY: Final = (Op.CREATE_REPLACEMENT, Op.READ_REPLACEMENT, Op.IMPORT_REPLACEMENT)
_SILENT: Final = (Op.DELETE_REPLACED, Op.DISCARD_REPLACED, Op.REMOVE_PENDING_REPLACE)


class State(Enum):
    """How far a row is."""

    WAITING = auto()
    RUNNING = auto()
    DONE = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class Row:
    """
    One resource in an operation.

    step: the step that says most about it.
    began, ended: clock readings in seconds; None while it did not.
    status: the latest passing message.
    problem: why it failed.
    """

    sign: Sign
    step: StepMetadata
    state: State
    began: float | None = None
    ended: float | None = None
    status: str = ""
    problem: str = ""

    @property
    def urn(self) -> str:
        """The resource's URN."""
        return self.step.urn

    @property
    def name(self) -> str:
        """The logical name: how people call it."""
        return find_name(self.step.urn)

    @property
    def is_component(self) -> bool:
        """Whether it only groups others."""
        return not self.step.provider and not self.step.type.startswith(PROVIDER_PREFIX)

    def seconds(self, now: float) -> float | None:
        """Say how long it took, or has been taking; None when it did not begin."""
        if self.began is None:
            return None
        return (self.ended if self.ended is not None else now) - self.began


_Change: TypeAlias = Callable[[Row, StepMetadata, float], Row]


class Picture:
    """All rows of one preview or one operation, and what was said meanwhile."""

    def __init__(self, *, preview: bool, began: float, drift: bool = False) -> None:
        """Begin empty; `drift` is the picture of a refresh, where a change is the world's."""
        self.preview = preview
        self.began = began
        self.ended: float | None = None
        self.cancelled = False
        self.messages: list[DiagnosticEvent] = []
        self._rows: dict[str, Row] = {}
        self._drift = drift
        self._hidden_work = False

    @classmethod
    def expecting(cls, preview: Picture, began: float) -> Picture:
        """Begin an operation with what its preview showed, all of it waiting."""
        picture = cls(preview=False, began=began, drift=preview._drift)
        for urn, row in preview._rows.items():
            state = State.WAITING if row.sign.is_change else State.DONE
            picture._rows[urn] = Row(row.sign, row.step, state)
        return picture

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, in order."""
        return tuple(self._rows.values())

    @property
    def changes(self) -> tuple[Row, ...]:
        """Rows that mean work."""
        return tuple(row for row in self._rows.values() if row.sign.is_change)

    @property
    def means_work(self) -> bool:
        """Whether there is anything to do, be it to what no view shows: the stack itself."""
        return self._hidden_work or bool(self.changes)

    @property
    def frames(self) -> frozenset[str]:
        """
        URNs of components that are there for what they hold, and say nothing themselves.

        One that changes while nothing inside of it does is no frame.
        """
        inside = {row.step.parent for row in self._rows.values()}
        moving = {row.step.parent for row in self._rows.values() if row.sign.is_change}
        return frozenset(
            row.urn
            for row in self._rows.values()
            if row.is_component and row.urn in (moving if row.sign.is_change else inside)
        )

    @property
    def work(self) -> tuple[Row, ...]:
        """The changes that count: without frames."""
        frames = self.frames
        return tuple(row for row in self.changes if row.urn not in frames)

    def find(self, urn: str) -> Row | None:
        """Give a resource's row."""
        return self._rows.get(urn)

    def seconds(self, now: float) -> float:
        """Say how long the operation took, or has been taking."""
        return (self.ended if self.ended is not None else now) - self.began

    def count(self, *, done_only: bool = False) -> Counter[Sign]:
        """Count rows by sign, in the order of signs; `done_only` leaves out what did not end."""
        frames = self.frames
        counted = Counter(
            row.sign
            for row in self._rows.values()
            if row.urn not in frames
            and (not done_only or row.state is State.DONE or not row.sign.is_change)
        )
        return Counter({sign: counted[sign] for sign in Sign if counted[sign]})

    def note(self, event: Event, now: float) -> Row | None:
        """Take an event in; gives the row it is about."""
        match event:
            case ResourcePre(metadata=step):
                return self._put(step, self._begin, now)
            case ResourceOutputs(metadata=step):
                return self._put(step, self._end, now)
            case ResourceFailed(metadata=step):
                return self._put(step, self._fail, now)
            case DiagnosticEvent():
                return self._listen(event)
            case Summary():
                self.close(now)
            case Cancelled():
                self.cancelled = True
            case Prelude():
                pass
        return None

    def close(self, now: float) -> None:
        """End the operation: components and old halves of replacements have no end of theirs."""
        if self.ended is not None:
            return
        self.ended = now
        for urn, row in self._rows.items():
            if row.state is State.RUNNING and (row.is_component or row.sign is Sign.REPLACE):
                self._rows[urn] = replace(row, state=State.DONE, ended=now)

    def _put(self, step: StepMetadata, change: _Change, now: float) -> Row | None:
        if is_hidden(step):
            self._hidden_work |= self._sign(step.op).is_change
            return None
        old = self._rows.get(step.urn) or Row(Sign.SAME, step, State.WAITING)
        row = change(old, step, now)
        self._rows[step.urn] = row
        return row

    def _begin(self, row: Row, step: StepMetadata, now: float) -> Row:
        sign, told = self._sign_of(row, step), _tell_more(row.step, step)
        if row.state is State.DONE and sign is Sign.REPLACE and row.sign is Sign.REPLACE:
            return replace(row, step=told)
        began = row.began if row.began is not None else now
        return replace(row, sign=sign, step=told, state=State.RUNNING, began=began)

    def _end(self, row: Row, step: StepMetadata, now: float) -> Row:
        sign, told = self._sign_of(row, step), _tell_more(row.step, step)
        if sign is Sign.REPLACE and step.op not in _REPLACED_BY:
            return replace(row, sign=sign, step=told)
        ended = now if row.began is not None else None
        return replace(row, sign=sign, step=told, state=State.DONE, ended=ended, status="")

    def _fail(self, row: Row, step: StepMetadata, now: float) -> Row:
        sign, told = self._sign_of(row, step), _tell_more(row.step, step)
        return replace(row, sign=sign, step=told, state=State.FAILED, ended=now)

    def _listen(self, event: DiagnosticEvent) -> Row | None:
        row = self._rows.get(event.urn)
        if not event.ephemeral:
            self.messages.append(event)
        if row is None:
            return None
        if event.ephemeral:
            row = replace(row, status=event.message)
        elif event.severity is Severity.ERROR:
            row = replace(row, problem=event.message)
        self._rows[event.urn] = row
        return row

    def _sign_of(self, row: Row, step: StepMetadata) -> Sign:
        """Give the sign of a step; what is imported and changed in one go stays an import."""
        sign = self._sign(step.op)
        is_import = row.sign is Sign.IMPORT and sign is Sign.CHANGE
        return Sign.IMPORT if is_import else sign

    def _sign(self, op: Op) -> Sign:
        sign = _SIGNS.get(op, Sign.REPLACE)
        return Sign.DRIFT if self._drift and sign is Sign.CHANGE else sign


def is_hidden(step: StepMetadata) -> bool:
    """Say whether nobody asked for a resource by name: the stack, and default providers."""
    if step.type == STACK_TYPE:
        return True
    name = find_name(step.urn)
    is_default = name == "default" or name.startswith("default_")
    return step.type.startswith(PROVIDER_PREFIX) and is_default


def find_name(urn: str) -> str:
    """Give the logical name in a URN; any other text is its own name."""
    return urn.split("::", 3)[-1]


def _tell_more(old: StepMetadata, new: StepMetadata) -> StepMetadata:
    """Choose the step to describe a row by: the delete half of a replacement says little."""
    return old if new.op in _SILENT and old.new is not None else new
