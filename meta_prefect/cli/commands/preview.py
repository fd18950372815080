"""`preview`: what `up` would do; changes nothing."""

from __future__ import annotations

from meta_prefect.cli.commands.operation import open_stage
from meta_prefect.cli.context import Context
from meta_prefect.cli.options import Call
from meta_prefect.cli.plans import build_plan, write_plan
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
    if path := call.operating.save_plan:
        subject = stage.operation.subject
        write_plan(path, build_plan(subject.project, subject.stack, call, looked.picture))
    report = stage.report(looked, _steps(call) if looked.picture.changes else ())
    stage.view.show_plan(report)
    return stage.close(report, ExitCode.OK)


def _steps(call: Call) -> list[NextStep]:
    return [
        NextStep("Details", call.suggest_same("diff")),
        NextStep("Do it", _suggest_up(call)),
    ]


def _suggest_up(call: Call) -> str:
    if path := call.operating.save_plan:
        return call.suggest("up", "--plan", path)
    return call.suggest_same("up")
