"""`graph`: what needs what, as text or for a program that draws."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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

_NEEDS: Final = "needs"
_INSIDE: Final = "inside"


@dataclass(frozen=True, slots=True)
class Edge:
    """
    What ties one resource to another.

    start, end: URNs; the end is there first.
    kind: `needs`, or `inside` of a component.
    """

    start: str
    end: str
    kind: str


Drawing: TypeAlias = Callable[[Sequence[ResourceRecord], Sequence[Edge]], list[Line]]


def run(call: Call, context: Context) -> ExitCode:
    """Show the graph of the stack, or of one flow with all that it needs."""
    project = context.open_project(call)
    flow = call.words[0] if call.words else None
    shown = [item for item in project.resources(flow) if _is_shown(item)]
    resources = choose_around(shown, call.looking.of, call.looking.depth)
    edges = build_edges(resources)
    document = {
        "schema": SCHEMA,
        "stack": project.settings.stack,
        "flow": flow,
        "nodes": [
            {"name": find_name(item.urn), "urn": item.urn, "type": item.type} for item in resources
        ],
        "edges": [
            {"from": find_name(edge.start), "to": find_name(edge.end), "kind": edge.kind}
            for edge in edges
        ],
    }
    draw = _FORMATS[call.looking.format]
    write_answer(call, context.terminal, document, draw(resources, edges))
    return ExitCode.OK


def build_edges(resources: Sequence[ResourceRecord]) -> list[Edge]:
    """List what each resource needs, and which component it is inside of."""
    known = {item.urn for item in resources}
    return [edge for item in resources for edge in _list_edges(item) if edge.end in known]


def choose_around(
    resources: Sequence[ResourceRecord], name: str, depth: int = 0
) -> Sequence[ResourceRecord]:
    """
    Choose a resource, what it needs and what needs it; all when no name is given.

    name: as the tree prints it. depth: steps away from it; 0: as far as it goes.

    Raises:
        MetaPrefectError: nothing is called so.
    """
    if not name:
        return resources
    around = {item.urn for item in resources if name in (find_name(item.urn), item.urn)}
    if not around:
        from meta_prefect.project.graph import build_unknown

        urns = [item.urn for item in resources]
        raise build_unknown(name, "this graph", urns, "meta-prefect graph")
    pairs = [(edge.start, edge.end) for edge in build_edges(resources)]
    found = _reach(around, pairs, depth) | _reach(around, [(b, a) for a, b in pairs], depth)
    return [item for item in resources if item.urn in found]


def _reach(start: set[str], pairs: Sequence[tuple[str, str]], depth: int) -> set[str]:
    """Follow pairs from their first to their second, some steps far."""
    found, newest, steps = set(start), set(start), 0
    while newest and (steps < depth or not depth):
        newest = {end for begin, end in pairs if begin in newest} - found
        found |= newest
        steps += 1
    return found


def draw_text(resources: Sequence[ResourceRecord], edges: Sequence[Edge]) -> list[Line]:
    """Draw each resource with what it needs below it."""
    if not resources:
        return [line("nothing is up")]
    return [part for item in resources for part in _draw_node(item, edges)]


def draw_mermaid(resources: Sequence[ResourceRecord], edges: Sequence[Edge]) -> list[Line]:
    """Draw a flowchart for Mermaid."""
    ids = {item.urn: f"n{index}" for index, item in enumerate(resources)}
    nodes = [f'  {ids[item.urn]}["{_label(item)}"]' for item in resources]
    signs = {_NEEDS: "-->", _INSIDE: "-.->"}
    arrows = [f"  {ids[edge.start]} {signs[edge.kind]} {ids[edge.end]}" for edge in edges]
    return [line(text) for text in ("flowchart LR", *nodes, *arrows)]


def draw_dot(resources: Sequence[ResourceRecord], edges: Sequence[Edge]) -> list[Line]:
    """Draw a digraph for Graphviz."""
    nodes = [f"  {_quote(item.urn)} [label={_quote(_label(item))}];" for item in resources]
    signs = {_NEEDS: "", _INSIDE: " [style=dotted]"}
    arrows = [f"  {_quote(edge.start)} -> {_quote(edge.end)}{signs[edge.kind]};" for edge in edges]
    return [line(text) for text in ("digraph {", "  rankdir=LR;", *nodes, *arrows, "}")]


_FORMATS: Final[Mapping[str, Drawing]] = {
    "text": draw_text,
    "mermaid": draw_mermaid,
    "dot": draw_dot,
}


def _is_shown(item: ResourceRecord) -> bool:
    hidden = item.type == STACK_TYPE or item.type.startswith(PROVIDER_PREFIX)
    return not (hidden or item.pending_delete)


def _list_edges(item: ResourceRecord) -> Iterator[Edge]:
    yield Edge(item.urn, item.parent, _INSIDE)
    for needed in dict.fromkeys(item.dependencies):
        if needed != item.parent:
            yield Edge(item.urn, needed, _NEEDS)


def _draw_node(item: ResourceRecord, edges: Sequence[Edge]) -> Iterator[Line]:
    yield line(find_name(item.urn), "  ", Span(say_type(item.type), Style.DIM))
    for edge in edges:
        if edge.start == item.urn:
            yield line(Span(f"  {edge.kind:<6}  ", Style.DIM), find_name(edge.end))


def _label(item: ResourceRecord) -> str:
    return f"{find_name(item.urn)} ({say_type(item.type)})"


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
