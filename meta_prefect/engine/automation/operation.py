"""
One operation of the executable, from its first event to its result.

Passes events on and draws the conclusions: outputs, counts, what failed first. What the executable
does not tell apart is told apart here: a program that raised from a step that failed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from meta_prefect.engine import urn as urns
from meta_prefect.engine.automation.errors import build_error, build_missing_plugin
from meta_prefect.engine.embedded.program import ProgramFailure
from meta_prefect.engine.masking import SECRET_TEXT
from meta_prefect.interfaces.diagnostics import Diagnostic, Severity
from meta_prefect.interfaces.engine import (
    Failure,
    OperationRequest,
    OperationResult,
    Outcome,
    OutputValue,
)
from meta_prefect.interfaces.events import (
    Cancelled,
    DiagnosticEvent,
    Event,
    EventSink,
    Op,
    ResourceOutputs,
    ResourcePre,
    StepMetadata,
    Summary,
)
from meta_prefect.interfaces.values import PropertyMap, PropertyValue, walk

_LAST_WORD: Final = re.compile(r"(update|preview|destroy|refresh|import) (failed|canceled)")
_NO_CHANGES_EXPECTED: Final = "no changes were expected"
_NO_PLUGIN: Final = "MP5107"
_CODES: Final = (
    (re.compile(r"as it is currently marked for protection|because it is protected"), "MP3004"),
    (re.compile(r"could not be found in the stack|not specified in --"), "MP3006"),
    (re.compile(r"Duplicate resource URN"), "MP3002"),
    (re.compile(r"no resource plugin|plugin .*not found|install resource plugin"), _NO_PLUGIN),
)
_OTHER_CODE: Final = "MP3001"
_KINDS: Final = {
    "MP5103": Failure.TIMEOUT,
    "MP5104": Failure.CHANGES,
    "MP5205": Failure.NONE,
}


@dataclass(frozen=True, slots=True)
class Ending:
    """
    How the executable ended.

    stderr: all that it said there.
    program: how the program failed; None when it did not.
    cancelled: somebody asked for it, before anything had failed.
    """

    exit_code: int
    stderr: str
    program: ProgramFailure | None
    cancelled: bool
    duration_seconds: float


class Operation:
    """Hears the events of one operation."""

    def __init__(self, request: OperationRequest, on_event: EventSink) -> None:
        """Pass events on to a callable."""
        self._request = request
        self._emit = on_event
        self._outside = _find_outside(request)
        self._dropped = 0
        self._warned: set[tuple[str, Op]] = set()
        self._complaints: list[Diagnostic] = []
        self._changes: Mapping[Op, int] = {}
        self._outputs: PropertyMap = {}
        self.began = False

    @property
    def failed(self) -> bool:
        """Whether anything went wrong until now."""
        return bool(self._complaints)

    @property
    def has_secret_outputs(self) -> bool:
        """Whether outputs came masked, so that somebody has to ask for them."""
        return any(_is_masked(value) for value in self._outputs.values())

    def take(self, event: Event) -> None:
        """Take an event of the executable; what is of no interest is not passed on."""
        match event:
            case ResourcePre(metadata):
                self.began = True
                if self._drop(metadata):
                    return
                self._note_stack(metadata, before=True)
                self._emit(event)
                self._check_plan(metadata)
            case ResourceOutputs(metadata):
                self._note_stack(metadata, before=False)
                if not self._is_untouched(metadata):
                    self._emit(event)
            case Cancelled():
                return  # the last event of every operation: no sign of an interruption
            case Summary():
                self._emit(self._take_summary(event))
            case DiagnosticEvent(Severity.ERROR):
                self._complain(event)
                self._emit(event)
            case _:
                self._emit(event)

    def complain(self, diagnostic: Diagnostic) -> None:
        """Say what went wrong that the executable does not know of."""
        self._complaints.append(diagnostic)
        self._emit(DiagnosticEvent(Severity.ERROR, "", diagnostic.summary))

    def conclude(self, ending: Ending, clear: Mapping[str, object]) -> OperationResult:
        """
        Say what came of it.

        clear: the stack's outputs with secrets in clear, where they are known.
        """
        if ending.cancelled:
            self._emit(Cancelled())
        outcome = _judge(ending, timed_out=self._timed_out)
        failed = outcome is not Outcome.SUCCEEDED
        diagnostics = tuple(self._explain(ending)) if failed else ()
        outputs = {
            key: OutputValue(clear.get(key, value), _is_masked(value))
            for key, value in self._outputs.items()
        }
        return OperationResult(
            outcome,
            self._changes,
            outputs,
            diagnostics,
            _classify(diagnostics, ending),
            ending.duration_seconds,
        )

    @property
    def _timed_out(self) -> bool:
        return any(item.code == "MP5103" for item in self._complaints)

    def _drop(self, metadata: StepMetadata) -> bool:
        if not self._is_untouched(metadata):
            return False
        self._dropped += metadata.logical
        return True

    def _is_untouched(self, metadata: StepMetadata) -> bool:
        type = metadata.type
        if metadata.op is not Op.SAME or type == urns.STACK_TYPE or urns.is_provider_type(type):
            return False
        return self._outside(metadata.urn)

    def _note_stack(self, metadata: StepMetadata, *, before: bool) -> None:
        if metadata.type == urns.STACK_TYPE:
            view = metadata.old if before else metadata.new
            self._outputs = view.outputs if view is not None else {}

    def _check_plan(self, metadata: StepMetadata) -> None:
        """Warn of a step that the preview did not show: the executable cannot be held to it."""
        planned, step = self._request.planned, (metadata.urn, metadata.op)
        if planned is None or metadata.op is Op.SAME or step in planned | self._warned:
            return
        self._warned.add(step)
        text = f"the preview did not show this step ({metadata.op.value})"
        self._emit(DiagnosticEvent(Severity.WARNING, metadata.urn, text))

    def _take_summary(self, summary: Summary) -> Summary:
        same = summary.changes.get(Op.SAME, 0) - self._dropped
        changes = {**summary.changes, Op.SAME: same}
        self._changes = {op: number for op, number in changes.items() if number > 0}
        return replace(summary, preview=self._request.is_preview, changes=self._changes)

    def _complain(self, event: DiagnosticEvent) -> None:
        if _LAST_WORD.fullmatch(event.message):
            return
        code = next((code for text, code in _CODES if text.search(event.message)), _OTHER_CODE)
        if code == _NO_PLUGIN:
            self._complaints.append(build_missing_plugin(event.message, event.urn))
        else:
            self._complaints.append(Diagnostic(code, event.message, event.urn))

    def _explain(self, ending: Ending) -> list[Diagnostic]:
        """Give what went wrong; a program that raised is named once, by what it raised."""
        found = self._complaints
        if ending.program is not None:
            said = ending.program.summary
            found = [item for item in found if item.where or said not in item.summary]
            found.extend(ending.program.diagnostics)
        if _NO_CHANGES_EXPECTED in ending.stderr:
            text = "no changes were expected but changes occurred"
            found = [*found, Diagnostic("MP5104", text)]
        if not found and not ending.cancelled:
            kind, stack = self._request.kind.value, self._request.stack
            found = [build_error([kind], stack, ending.exit_code, ending.stderr).diagnostic]
        return found


def _find_outside(request: OperationRequest) -> Callable[[str], bool]:
    """Make a test for URNs that the operation is not about; the executable tells of them too."""
    scope = request.scope
    if request.report_untouched or not (scope.targets or scope.excludes):
        return lambda _: False
    if scope.targets:
        is_target = urns.build_matcher(scope.targets)
        return lambda urn: not is_target(urn)
    return urns.build_matcher(scope.excludes)


def _is_masked(value: PropertyValue) -> bool:
    return any(item == SECRET_TEXT for item in walk(value))


def _judge(ending: Ending, *, timed_out: bool) -> Outcome:
    if ending.exit_code == 0:
        return Outcome.SUCCEEDED
    return Outcome.CANCELLED if ending.cancelled and not timed_out else Outcome.FAILED


def _classify(diagnostics: Sequence[Diagnostic], ending: Ending) -> Failure:
    """Give the kind of the first failure; one that waits for others to happen comes last."""
    if not diagnostics:
        return Failure.NONE
    if ending.program is not None and diagnostics[0] in ending.program.diagnostics:
        return Failure.PROGRAM
    return _KINDS.get(diagnostics[0].code, Failure.RESOURCE)
