"""`diff`: property differences between program and state, or between state and world."""

from __future__ import annotations

from meta_prefect.cli.commands.operation import Stage, Watched, open_stage
from meta_prefect.cli.context import Context
from meta_prefect.cli.options import Call
from meta_prefect.cli.views.base import NextStep
from meta_prefect.cli.views.diff import DiffStyle, draw_diff
from meta_prefect.cli.views.taste import read_taste
from meta_prefect.interfaces.diagnostics import ExitCode
from meta_prefect.interfaces.engine import OperationKind, Outcome


def run(call: Call, context: Context) -> ExitCode:
    """Show what differs, property by property."""
    kind = OperationKind.REFRESH if call.looking.drift else OperationKind.UP
    stage = open_stage(call, context, kind)
    looked = stage.preview()
    problem = stage.check_expectation(looked)
    if problem is None and looked.result.outcome is not Outcome.SUCCEEDED:
        return stage.fail_preview(looked)
    if not call.everywhere.json:
        draw_differences(stage, looked)
    if problem is not None:
        return stage.fail_expectation(looked, problem)
    steps = (NextStep("Put back", call.suggest_same("up", "--refresh")),)
    drifted = call.looking.drift and looked.picture.changes
    return stage.close(stage.report(looked, steps if drifted else ()), ExitCode.OK)


def draw_differences(stage: Stage, looked: Watched) -> None:
    """Write the differences that a preview found to stdout."""
    terminal, taste = stage.context.terminal, read_taste(stage.call)
    style = DiffStyle(terminal.width, terminal.glyphs, full=taste.full, urns=taste.urns)
    terminal.answer(draw_diff(looked.picture, style), taste.color)
