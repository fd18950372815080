"""
Exit codes of results: what came of an operation or a run, in numbers.

Pure. Errors that are raised carry their code; `main` reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from meta_prefect.interfaces.diagnostics import ExitCode
from meta_prefect.interfaces.engine import Failure, OperationResult, Outcome

if TYPE_CHECKING:
    from meta_prefect.project.runs import RunState

_FAILURES: Final = {
    Failure.NONE: ExitCode.ERROR,
    Failure.PROGRAM: ExitCode.ERROR,
    Failure.RESOURCE: ExitCode.RESOURCE,
    Failure.CHANGES: ExitCode.CHANGES,
    Failure.MOVED: ExitCode.MOVED,
    Failure.REFUSED: ExitCode.POLICY,
    Failure.TIMEOUT: ExitCode.TIMEOUT,
}
_RUNS: Final = {
    "COMPLETED": ExitCode.OK,
    "CANCELLED": ExitCode.CANCELLED,
    "CANCELLING": ExitCode.CANCELLED,
}


def judge_operation(result: OperationResult) -> ExitCode:
    """Give the code of an operation's result."""
    match result.outcome:
        case Outcome.SUCCEEDED:
            return ExitCode.OK
        case Outcome.CANCELLED:
            return ExitCode.CANCELLED
    return _FAILURES[result.failure]


def judge_run(state: RunState) -> ExitCode:
    """Give the code of a run's last state."""
    return _RUNS.get(state.type, ExitCode.RESOURCE)
