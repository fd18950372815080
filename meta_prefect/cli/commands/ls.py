"""`ls`: the project's flows, and which of them are up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from meta_prefect.cli.context import Context
from meta_prefect.cli.options import Call
from meta_prefect.cli.views.base import NextStep
from meta_prefect.cli.views.documents import write_answer
from meta_prefect.cli.views.pages import draw_steps
from meta_prefect.cli.views.table import draw_table
from meta_prefect.cli.views.text import BLANK, Line, line, say_age
from meta_prefect.interfaces.diagnostics import ExitCode

if TYPE_CHECKING:
    from meta_prefect.project.listings import FlowListing

SCHEMA: Final = "meta-prefect.flows.v1"


def run(call: Call, context: Context) -> ExitCode:
    """List flows."""
    project = context.open_project(call)
    listings = project.list_flows()
    stack = project.settings.stack
    document = {
        "schema": SCHEMA,
        "project": project.settings.project,
        "stack": stack,
        "flows": [_build_flow(item) for item in listings],
    }
    lines = draw_flows(listings, stack, datetime.now(UTC))
    if not listings:
        lines += [BLANK, *draw_steps([NextStep("Begin", call.suggest("init"))])]
    write_answer(call, context.terminal, document, lines)
    return ExitCode.OK


def draw_flows(listings: Sequence[FlowListing], stack: str, now: datetime) -> list[Line]:
    """Draw a line for each flow."""
    if not listings:
        return [line("no flow is defined here")]
    rows = [
        (
            item.name,
            f"{item.file}:{item.line}" if item.file else "no longer in the project",
            ", ".join(item.deployments) or "-",
            _say_modified(item.modified, now),
        )
        for item in listings
    ]
    up = sum(bool(item.deployments) for item in listings)
    table = draw_table(("flow", "defined in", f"up on {stack}", "changed"), rows)
    return [*table, BLANK, line(f"{len(listings)} found, {up} up on {stack}")]


def _say_modified(text: str, now: datetime) -> str:
    return say_age((now - datetime.fromisoformat(text)).total_seconds()) if text else "-"


def _build_flow(item: FlowListing) -> dict[str, Any]:
    return {
        "name": item.name,
        "flow_name": item.flow_name,
        "file": item.file or None,
        "line": item.line or None,
        "deployments": list(item.deployments),
        "modified": item.modified or None,
    }
