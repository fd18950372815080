"""`import`: an `up` that takes over an object that exists, in the place of creating it."""

from __future__ import annotations

from dataclasses import replace

from meta_prefect.cli.commands.change import change
from meta_prefect.cli.commands.diff import draw_differences
from meta_prefect.cli.commands.operation import Stage, Watched, open_stage
from meta_prefect.cli.commands.up import finish
from meta_prefect.cli.context import Context
from meta_prefect.cli.options import Call
from meta_prefect.cli.prompts import ask_to_apply
from meta_prefect.cli.views.theme import Sign
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.interfaces.engine import OperationKind

_WORDS = 3


def run(call: Call, context: Context) -> ExitCode:
    """Bring a flow up with an object that exists."""
    if len(call.words) != _WORDS:
        raise MetaPrefectError(
            "MP1313",
            "import takes a flow, a resource and an id",
            why="the resource as `preview` prints it, the id or name as Prefect knows the object",
            fixes=(call.suggest("import", "my_flow", "work-pool/process/pool", "my-pool"),),
            exit_code=ExitCode.USAGE,
        )
    flow, resource, wanted = call.words
    about = replace(call, words=(flow,))
    stage = open_stage(about, context, OperationKind.UP, adopted={resource: wanted})

    def ask(looked: Watched) -> bool:
        return ask_to_apply(context, call, stage.stack, lambda: draw_differences(stage, looked))

    def check(looked: Watched) -> None:
        _check_adopted(stage, looked, resource)

    return change(stage, ask, lambda report: finish(stage, report), check)


def _check_adopted(stage: Stage, looked: Watched, resource: str) -> None:
    """
    Make sure that the preview takes the object over.

    Raises:
        MetaPrefectError: the flow has no such resource, or the stack has it already.
    """
    rows = {row.name: row for row in looked.picture.rows if not row.is_component}
    row = rows.get(resource)
    if row is not None and row.sign is Sign.IMPORT:
        return
    why = (
        f"it is in the stack already, with the id {row.step.old.id}"
        if row is not None and row.step.old is not None
        else f"what can be imported: {', '.join(rows)}"
    )
    raise MetaPrefectError(
        "MP1314",
        f"there is no {resource} to import into",
        why=why,
        fixes=(stage.call.suggest("preview", *stage.call.words, "--show-same"),),
        exit_code=ExitCode.NOT_FOUND,
    )
