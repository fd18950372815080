"""`graph`: what needs what, as text or for a program that draws."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from meta_prefect.cli.context import Context
from meta_prefect.cli.options import Call
from meta_prefect.cli.views.documents import write_answer
from meta_prefect.cli.views.picture import PROVIDER_PREFIX, STACK_TYPE, find_name
from meta_prefect.cli.views.text import Line, Span, line
from meta_prefect.cli.views.theme import Style
from meta_prefect.cli.views.words import say_type
from meta_prefect.interfaces.diagnostics import ExitCode
from meta_prefect.interfaces.engine import ResourceRecord

SCHEMA: Final = "meta-prefect.graph.v1"

Edges: TypeAlias = Mapping[str, Sequence[str]]


def run(call: Call, context: Context) -> ExitCode:
    """Show the graph of the stack, or of one flow with all that it needs."""
    project = context.open_project(call)
    flow = call.words[0] if call.words else None
    resources = [item for item in project.resources(flow) if _is_shown(item)]
    edges = build_edges(resources)
    document = {
        "schema": SCHEMA,
        "stack": project.settings.stack,
        "flow": flow,
        "nodes": [
            {"name": find_name(item.urn), "urn": item.urn, "type": item.type} for item in resources
        ],
        "edges": [
            {"from": find_name(urn), "to": find_name(needed)}
            for urn, needs in edges.items()
            for needed in needs
        ],
    }
    draw = _FORMATS[call.looking.format]
    write_answer(call, context.terminal, document, draw(resources, edges))
    return ExitCode.OK


def build_edges(resources: Sequence[ResourceRecord]) -> dict[str, list[str]]:
    """Give what each resource needs, by URN: its dependencies, and its parent."""
    known = {item.urn for item in resources}
    return {
        item.urn: [urn for urn in dict.fromkeys((*item.dependencies, item.parent)) if urn in known]
        for item in resources
    }


def draw_text(resources: Sequence[ResourceRecord], edges: Edges) -> list[Line]:
    """Draw each resource with what it needs below it."""
    if not resources:
        return [line("nothing is up")]
    return [part for item in resources for part in _draw_node(item, edges[item.urn])]


def draw_mermaid(resources: Sequence[ResourceRecord], edges: Edges) -> list[Line]:
    """Draw a flowchart for Mermaid."""
    ids = {item.urn: f"n{index}" for index, item in enumerate(resources)}
    nodes = [f'  {ids[item.urn]}["{_label(item)}"]' for item in resources]
    arrows = [f"  {ids[urn]} --> {ids[needed]}" for urn, needed in _pairs(edges)]
    return [line(text) for text in ("flowchart LR", *nodes, *arrows)]


def draw_dot(resources: Sequence[ResourceRecord], edges: Edges) -> list[Line]:
    """Draw a digraph for Graphviz."""
    nodes = [f"  {_quote(item.urn)} [label={_quote(_label(item))}];" for item in resources]
    arrows = [f"  {_quote(urn)} -> {_quote(needed)};" for urn, needed in _pairs(edges)]
    return [line(text) for text in ("digraph {", "  rankdir=LR;", *nodes, *arrows, "}")]


_FORMATS: Final[Mapping[str, Callable[[Sequence[ResourceRecord], Edges], list[Line]]]] = {
    "text": draw_text,
    "mermaid": draw_mermaid,
    "dot": draw_dot,
}


def _is_shown(item: ResourceRecord) -> bool:
    hidden = item.type == STACK_TYPE or item.type.startswith(PROVIDER_PREFIX)
    return not (hidden or item.pending_delete)


def _draw_node(item: ResourceRecord, needs: Sequence[str]) -> Iterator[Line]:
    yield line(find_name(item.urn), "  ", Span(say_type(item.type), Style.DIM))
    for needed in needs:
        yield line(Span("  needs  ", Style.DIM), find_name(needed))


def _pairs(edges: Edges) -> Iterator[tuple[str, str]]:
    return ((urn, needed) for urn, needs in edges.items() for needed in needs)


def _label(item: ResourceRecord) -> str:
    return f"{find_name(item.urn)} ({say_type(item.type)})"


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
