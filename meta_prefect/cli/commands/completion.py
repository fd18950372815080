"""`completion` with flags; the plain form is answered in `early`."""

from __future__ import annotations

from meta_prefect.cli.context import Context
from meta_prefect.cli.early import answer_early
from meta_prefect.cli.options import Call
from meta_prefect.interfaces.diagnostics import ExitCode


def run(call: Call, context: Context) -> ExitCode:
    """Print the completion script of a shell."""
    answer_early(["completion", *call.words], context.terminal.stdout)
    return ExitCode.OK
