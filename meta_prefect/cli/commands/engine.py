"""`engine`: install Pulumi's own engine, for those who want it; nothing else ever does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from meta_prefect.cli.context import Context
from meta_prefect.cli.options import Call
from meta_prefect.cli.prompts import ask_yes
from meta_prefect.cli.views.documents import write_answer
from meta_prefect.cli.views.text import Line, line
from meta_prefect.engine.automation.installation import find_home, install_executable
from meta_prefect.interfaces.diagnostics import ExitCode

if TYPE_CHECKING:
    from meta_prefect.engine.automation.executable import Executable

SCHEMA: Final = "meta-prefect.engine.v1"


def run(call: Call, context: Context) -> ExitCode:
    """
    Install the executable, after asking.

    Raises:
        MetaPrefectError: it cannot be fetched.
    """
    home = find_home(context.environment)
    question = f"Download Pulumi from get.pulumi.com into {home / 'bin'}?"
    if not (call.operating.yes or ask_yes(context, call, question)):
        return ExitCode.CANCELLED
    found = install_executable(home)
    document = {"schema": SCHEMA, "version": found.version_text, "path": found.path}
    write_answer(call, context.terminal, document, _describe(found, context.environment["PATH"]))
    return ExitCode.OK


def _describe(found: Executable, path: str) -> list[Line]:
    folder = Path(found.path).parent
    lines = [line(f"pulumi {found.version_text} is in {folder}")]
    if str(folder) not in path.split(os.pathsep):
        lines.append(line(f'it is used when it is on PATH: export PATH="{folder}:$PATH"'))
    return lines
