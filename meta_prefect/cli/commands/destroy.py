"""`destroy`: preview, ask for the name, delete what flows own."""

from __future__ import annotations

from meta_prefect.cli.commands.change import change, no_ending
from meta_prefect.cli.commands.operation import Stage, open_stage
from meta_prefect.cli.context import Context
from meta_prefect.cli.options import Call
from meta_prefect.cli.prompts import ask_for_name
from meta_prefect.interfaces.diagnostics import ExitCode
from meta_prefect.interfaces.engine import OperationKind


def run(call: Call, context: Context) -> ExitCode:
    """Take flows down; an empty stack goes, too, when that is asked for."""
    stage = open_stage(call, context, OperationKind.DESTROY)
    code = change(stage, lambda _: _ask(stage), no_ending)
    if code is ExitCode.OK and call.operating.forget_stack:
        stage.project.state.forget_stack()
        stage.view.say(f"Stack {stage.stack} is forgotten, with its history.")
    return code


def _ask(stage: Stage) -> bool:
    """Ask for the flow's name; for the stack's, when it is not about one flow."""
    flows = stage.operation.subject.flows
    name, noun = (flows[0], "flow") if len(flows) == 1 else (stage.stack, "stack")
    return ask_for_name(stage.context, stage.call, name, stage.stack, noun)
