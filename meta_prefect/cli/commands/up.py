"""`up`: preview, ask, create or change everything that flows need."""

from __future__ import annotations

from dataclasses import replace

from meta_prefect.cli.commands.change import change
from meta_prefect.cli.commands.diff import draw_differences
from meta_prefect.cli.commands.operation import Stage, Watched, open_stage
from meta_prefect.cli.context import Context
from meta_prefect.cli.options import Call
from meta_prefect.cli.plans import read_plan
from meta_prefect.cli.prompts import ask_to_apply
from meta_prefect.cli.views.base import NextStep, Report, Result
from meta_prefect.interfaces.diagnostics import ExitCode
from meta_prefect.interfaces.engine import OperationKind


def run(call: Call, context: Context) -> ExitCode:
    """Bring flows up, or do what a plan says."""
    plan = read_plan(call.operating.plan) if call.operating.plan else None
    if plan is not None:
        call = plan.direct(call)
    stage = open_stage(call, context, OperationKind.UP)

    def ask(looked: Watched) -> bool:
        return ask_to_apply(context, call, stage.stack, lambda: draw_differences(stage, looked))

    def check(looked: Watched) -> None:
        if plan is not None:
            subject = stage.operation.subject
            plan.check(subject.project, subject.stack, looked.picture)

    return change(stage, ask, lambda report: finish(stage, report), check)


def finish(stage: Stage, report: Report) -> Report:
    """Say what is there now, and how to try it."""
    flows = report.subject.flows
    steps = []
    if len(flows) == 1 and report.result in (Result.SUCCEEDED, Result.NO_CHANGES):
        steps.append(NextStep("Try it", stage.call.suggest("run", flows[0])))
    return replace(report, facts=tuple(stage.project.facts(flows)), steps=tuple(steps))
