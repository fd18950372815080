"""`show`: the resources of the stack or of one flow, as stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from meta_prefect.cli.context import Context
from meta_prefect.cli.options import Call
from meta_prefect.cli.views.diff import say_value
from meta_prefect.cli.views.documents import write_answer
from meta_prefect.cli.views.json import build_value
from meta_prefect.cli.views.picture import Row, State, find_name, is_hidden
from meta_prefect.cli.views.taste import read_taste
from meta_prefect.cli.views.text import BLANK, Line, Span, count_noun, cut, line, pad
from meta_prefect.cli.views.theme import Sign, Style
from meta_prefect.cli.views.tree import Layout, draw_branches, grow
from meta_prefect.cli.views.words import say_property
from meta_prefect.interfaces.diagnostics import ExitCode
from meta_prefect.interfaces.engine import ResourceRecord
from meta_prefect.interfaces.events import Op, ResourceView, StepMetadata
from meta_prefect.interfaces.values import Secret

SCHEMA: Final = "meta-prefect.resources.v1"
_LABEL_WIDTH: Final = 28
# The output that people look for first; the id where a type has none of these.
_TELLING: Final = ("fullName", "url", "name", "apiUrl")


def run(call: Call, context: Context) -> ExitCode:
    """Show what is up."""
    project = context.open_project(call)
    flow = call.words[0] if call.words else None
    resources = project.resources(flow)
    settings = project.settings
    document = {
        "schema": SCHEMA,
        "project": settings.project,
        "stack": settings.stack,
        "flow": flow,
        "resources": [_build_resource(item) for item in resources],
    }
    taste = read_taste(call)
    lines = draw_resources(resources, taste.layout(context.terminal), full=taste.full)
    heading = line(Span(f"{flow or settings.project} on {settings.stack}", Style.BOLD))
    write_answer(call, context.terminal, document, [heading, BLANK, *lines])
    return ExitCode.OK


def draw_resources(
    resources: Sequence[ResourceRecord], layout: Layout, *, full: bool = False
) -> list[Line]:
    """Draw the tree of stored resources, each with its outputs on request."""
    records = {item.urn: item for item in resources if not item.pending_delete}
    rows = [row for row in map(_build_row, records.values()) if not is_hidden(row.step)]
    if not rows:
        return [line("  nothing is up")]
    branches = list(grow(rows))
    heads = draw_branches(
        branches, layout, lambda _: None, lambda row: Span(_telling(records[row.urn]))
    )
    lines: list[Line] = []
    for branch, head in zip(branches, heads, strict=True):
        lines.append(head)
        lines += _draw_outputs(records[branch.row.urn], layout) if full else ()
    return [*lines, BLANK, line(f"  {count_noun(len(rows), 'resource')}")]


def _build_row(item: ResourceRecord) -> Row:
    view = ResourceView(item.id, item.inputs, item.outputs, item.protect)
    step = StepMetadata(Op.SAME, item.urn, item.type, view, view, item.parent, item.provider)
    return Row(Sign.SAME, step, State.DONE)


def _telling(item: ResourceRecord) -> str:
    if not item.custom:
        return ""
    values = (item.outputs.get(key) for key in _TELLING)
    return next((value for value in values if isinstance(value, str) and value), item.id)


def _draw_outputs(item: ResourceRecord, layout: Layout) -> Iterator[Line]:
    for key, value in item.outputs.items():
        if key.startswith("__") or value is None:
            continue
        shown = "(secret)" if isinstance(value, Secret) else say_value(value, full=False)
        text = f"      {pad(say_property(key), _LABEL_WIDTH)}"
        yield line(Span(text, Style.DIM), cut(shown, layout.width - len(text), "..."))


def _build_resource(item: ResourceRecord) -> dict[str, Any]:
    return {
        "name": find_name(item.urn),
        "urn": item.urn,
        "type": item.type,
        "id": item.id or None,
        "parent": item.parent or None,
        "protect": item.protect,
        "pending_delete": item.pending_delete,
        "inputs": build_value(item.inputs),
        "outputs": build_value(item.outputs),
        "dependencies": list(item.dependencies),
        "created": item.created or None,
        "modified": item.modified or None,
    }
