"""`completion` with flags or a wrong shell; the plain form is answered in `early`."""

from __future__ import annotations

from meta_prefect.cli.context import Context
from meta_prefect.cli.early import SHELLS, answer_early
from meta_prefect.cli.options import Call
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError


def run(call: Call, context: Context) -> ExitCode:
    """
    Print the completion script of a shell.

    Raises:
        MetaPrefectError: there is none for this shell.
    """
    shell = call.words[0]
    if not answer_early(["completion", shell], context.terminal.stdout):
        raise MetaPrefectError(
            "MP1301",
            f"there is no completion for {shell}",
            why=f"known: {', '.join(SHELLS)}",
            fixes=('eval "$(meta-prefect completion bash)"',),
            exit_code=ExitCode.USAGE,
        )
    return ExitCode.OK
