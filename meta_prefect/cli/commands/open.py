"""`open`: the page of a flow's deployment in the Prefect UI."""

from __future__ import annotations

import webbrowser
from typing import Final

from meta_prefect.cli.commands.operation import build_flow_question
from meta_prefect.cli.context import Context
from meta_prefect.cli.options import Call
from meta_prefect.cli.views.documents import write_answer
from meta_prefect.cli.views.text import line
from meta_prefect.interfaces.diagnostics import ExitCode

SCHEMA: Final = "meta-prefect.pages.v1"


def run(call: Call, context: Context) -> ExitCode:
    """Print where the pages are, and open them where somebody sits in front of a browser."""
    project = context.open_project(call)
    if not call.words:
        raise build_flow_question(call, project)
    pages = project.list_pages(call.words[0])
    document = {"schema": SCHEMA, "flow": call.words[0], "pages": list(pages)}
    write_answer(call, context.terminal, document, [line(page) for page in pages])
    if context.terminal.can_ask(call.everywhere):
        for page in pages:
            webbrowser.open(page)
    return ExitCode.OK
