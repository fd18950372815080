"""
Listings: what `ls`, `open` and the end of an operation say about a stack.

Pure: from the stored graph to records. Not to be confused with `project`, which reads the graph.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from meta_prefect.interfaces.engine import ResourceRecord
from meta_prefect.interfaces.values import Secret
from meta_prefect.project.discovery import FlowSite
from meta_prefect.project.graph import DEPLOYMENT_TYPE, STACK_TYPE, StackGraph
from meta_prefect.project.selecting import FlowPart

_SECRET_TEXT: Final = "[secret]"  # noqa: S105 - what stands in the place of one


@dataclass(frozen=True, slots=True)
class FlowListing:
    """
    A flow for `ls`.

    deployments: names in Prefect (`FLOW/NAME`) of those that are up in this stack.
    modified: when one of them last changed, RFC 3339; empty when none is up.
    file, line: empty and 0 when the flow is up but no longer in the project.
    """

    name: str
    flow_name: str
    file: str
    line: int
    deployments: tuple[str, ...]
    modified: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of what is there after an operation."""

    label: str
    text: str


def list_flow(name: str, site: FlowSite | None, graph: StackGraph) -> FlowListing:
    """Say where a flow is defined, and what of it is up."""
    deployments = [
        item
        for item in graph.select(graph.list_owned(FlowPart(name)))
        if item.type == DEPLOYMENT_TYPE
    ]
    return FlowListing(
        name=name,
        flow_name=site.flow_name if site else name.replace("_", "-"),
        file=site.file if site else "",
        line=site.line if site else 0,
        deployments=tuple(str(item.outputs.get("fullName", "")) for item in deployments),
        modified=max((item.modified for item in deployments), default=""),
    )


def list_outputs(graph: StackGraph) -> tuple[Fact, ...]:
    """Give the outputs of a stack; a secret one stays hidden."""
    stacks = [item for item in graph.resources if item.type == STACK_TYPE]
    return tuple(
        Fact(name, _SECRET_TEXT if isinstance(value, Secret) else str(value))
        for stack in stacks
        for name, value in stack.outputs.items()
    )


def list_facts(item: ResourceRecord) -> Iterator[Fact]:
    """Say what is there now because of a resource, as far as people ask for it."""
    outputs = item.outputs
    match item.type:
        case "prefect:index:Deployment":
            yield Fact("deployment", str(outputs.get("fullName", "")))
            yield Fact("page", str(outputs.get("uiUrl", "")))
        case "prefect:index:WorkPool":
            yield Fact("pool", str(outputs.get("name", "")))
        case "prefect:local:ProcessWorker":
            yield Fact("worker", f"{outputs.get('name')}, log in {outputs.get('logFile')}")
        case "prefect:local:Server":
            yield Fact("server", f"{outputs.get('uiUrl')}, log in {outputs.get('logFile')}")
