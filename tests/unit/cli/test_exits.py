from types import SimpleNamespace

import pytest

from meta_prefect.cli.exits import judge_operation, judge_run
from meta_prefect.interfaces.diagnostics import ExitCode
from meta_prefect.interfaces.engine import Failure, OperationResult, Outcome


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (Failure.NONE, ExitCode.ERROR),
        (Failure.PROGRAM, ExitCode.ERROR),
        (Failure.RESOURCE, ExitCode.RESOURCE),
        (Failure.CHANGES, ExitCode.CHANGES),
        (Failure.MOVED, ExitCode.MOVED),
        (Failure.REFUSED, ExitCode.POLICY),
        (Failure.TIMEOUT, ExitCode.TIMEOUT),
    ],
)
def test_failures(failure, code):
    """Every kind of failure has its code."""
    assert judge_operation(OperationResult(Outcome.FAILED, failure=failure)) is code


def test_other_outcomes():
    """Success is 0, and an interrupted operation 8 whatever failed."""
    cancelled = OperationResult(Outcome.CANCELLED, failure=Failure.RESOURCE)

    assert judge_operation(OperationResult(Outcome.SUCCEEDED)) is ExitCode.OK
    assert judge_operation(cancelled) is ExitCode.CANCELLED


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("COMPLETED", ExitCode.OK),
        ("FAILED", ExitCode.RESOURCE),
        ("CRASHED", ExitCode.RESOURCE),
        ("CANCELLED", ExitCode.CANCELLED),
    ],
)
def test_runs(kind, code):
    """A run's last state decides."""
    assert judge_run(SimpleNamespace(type=kind)) is code
