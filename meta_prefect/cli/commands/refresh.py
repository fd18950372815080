"""`refresh`: write the world's truth into state."""

from __future__ import annotations

from meta_prefect.cli.commands.change import change, no_ending
from meta_prefect.cli.commands.diff import draw_differences
from meta_prefect.cli.commands.operation import Watched, open_stage
from meta_prefect.cli.context import Context
from meta_prefect.cli.options import Call
from meta_prefect.cli.prompts import ask_to_apply
from meta_prefect.interfaces.diagnostics import ExitCode
from meta_prefect.interfaces.engine import OperationKind


def run(call: Call, context: Context) -> ExitCode:
    """Take over what changed in the world."""
    stage = open_stage(call, context, OperationKind.REFRESH)

    def ask(looked: Watched) -> bool:
        return ask_to_apply(context, call, stage.stack, lambda: draw_differences(stage, looked))

    return change(stage, ask, no_ending)
