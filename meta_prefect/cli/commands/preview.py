"""`preview`: what `up` would do; changes nothing."""

from __future__ import annotations

from meta_prefect.cli.commands.operation import open_stage
from meta_prefect.cli.context import Context
from meta_prefect.cli.options import Call
from meta_prefect.cli.views.base import NextStep
from meta_prefect.interfaces.diagnostics import ExitCode
from meta_prefect.interfaces.engine import OperationKind, Outcome


def run(call: Call, context: Context) -> ExitCode:
    """Show what would happen."""
    stage = open_stage(call, context, OperationKind.UP)
    looked = stage.preview()
    if problem := stage.check_expectation(looked):
        return stage.fail_expectation(looked, problem)
    if looked.result.outcome is not Outcome.SUCCEEDED:
        return stage.fail_preview(looked)
    report = stage.report(looked, _steps(call) if looked.picture.changes else ())
    stage.view.show_plan(report)
    return stage.close(report, ExitCode.OK)


def _steps(call: Call) -> list[NextStep]:
    return [
        NextStep("Details", call.suggest("diff", *call.words)),
        NextStep("Do it", call.suggest("up", *(call.words or ("--all",)))),
    ]
