"""`version` with flags; without any it is answered in `early`, before a parser is loaded."""

from __future__ import annotations

from meta_prefect.cli.context import Context
from meta_prefect.cli.early import write_versions
from meta_prefect.cli.options import Call
from meta_prefect.interfaces.diagnostics import ExitCode


def run(call: Call, context: Context) -> ExitCode:
    """Say which versions take part."""
    write_versions(context.terminal.stdout, as_json=call.everywhere.json)
    return ExitCode.OK
