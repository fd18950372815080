"""
Planning: which resources an `up`, `destroy` or `refresh` is about, and what stays afterwards.

Pure: from the stored graph, the loaded flows and the user's choice to a `Scope`. Not to be confused
with `operations`, which lets an engine do it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from meta_prefect.components.naming import FLOW_TYPE
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.interfaces.engine import Scope
from meta_prefect.project.graph import StackGraph, find_name
from meta_prefect.project.keeping import render_kept
from meta_prefect.project.program import build_patterns
from meta_prefect.project.selecting import FlowPart

if TYPE_CHECKING:
    from meta_prefect.project.operations import OperationOptions
    from meta_prefect.project.settings import ProjectSettings

_SERVER_TYPE: Final = "prefect:local:Server"
_API_FLOW_TYPE: Final = "prefect:index:Flow"


def exclude_others(graph: StackGraph, parts: Sequence[FlowPart]) -> tuple[str, ...]:
    """
    Give what an `up` of some flows leaves alone: all that other flows and deployments own.

    Naming what is out rather than what is in: a shared thing that is in would take along whatever
    depends on it, and the program declares the chosen flows only. What nobody needs any more goes.
    """
    owned = {urn for part in parts for urn in graph.list_owned(part)}
    every = {urn for flow in graph.flows for urn in graph.list_owned(FlowPart(flow))}
    components = {graph.flows[part.flow] for part in parts if part.flow in graph.flows}
    flows = {
        item.urn
        for item in graph.select(every)
        if item.type == _API_FLOW_TYPE and item.parent in components
    }
    return tuple(sorted(every - owned - components - flows))


def scope_destroy(graph: StackGraph, parts: Sequence[FlowPart]) -> tuple[str, ...]:
    """
    Give the targets of a `destroy` of some flows: theirs, and shared things nobody else needs.

    A flow goes with its last deployment.

    Raises:
        MetaPrefectError: one of them is not up.
    """
    check_up(graph, parts)
    return tuple(sorted(graph.list_unneeded([_widen(graph, part) for part in parts])))


def scope_refresh(graph: StackGraph, parts: Sequence[FlowPart]) -> tuple[str, ...]:
    """
    Give the targets of a `refresh` of some flows: theirs, and what they need.

    Raises:
        MetaPrefectError: one of them is not up.
    """
    check_up(graph, parts)
    return tuple(sorted(graph.list_needed(urn for part in parts for urn in graph.list_owned(part))))


def check_up(graph: StackGraph, parts: Sequence[FlowPart]) -> None:
    """
    Make sure that flows are up.

    Raises:
        MetaPrefectError: one is not.
    """
    for flow in (part.flow for part in parts):
        if flow not in graph.flows:
            known = ", ".join(sorted(graph.flows))
            raise MetaPrefectError(
                "MP1108",
                f"flow {flow} is not up",
                why=f"up in this stack: {known}" if known else "nothing is up in this stack",
                fixes=(f"meta-prefect up {flow}",),
                exit_code=ExitCode.NOT_FOUND,
            )


def merge_parts(parts: Iterable[FlowPart]) -> list[FlowPart]:
    """Put parts of one flow together; a whole flow swallows its deployments."""
    merged: dict[str, FlowPart] = {}
    for part in parts:
        known = merged.get(part.flow, part)
        whole = not (known.deployments and part.deployments)
        names = () if whole else tuple(dict.fromkeys((*known.deployments, *part.deployments)))
        merged[part.flow] = FlowPart(part.flow, names)
    return list(merged.values())


def _widen(graph: StackGraph, part: FlowPart) -> FlowPart:
    left = graph.list_deployments(part.flow).keys() - set(part.deployments)
    return part if part.deployments and left else FlowPart(part.flow)


def build_scope(
    targets: Sequence[str],
    others: Sequence[str],
    options: OperationOptions,
    settings: ProjectSettings,
) -> Scope:
    """
    Lay the user's `--only`, `--except` and `--replace` over the scope of the flows.

    targets: what it is about; others: what it is not about; one of the two, or none.
    """
    only = _patterns(options.only, settings)
    return Scope(
        targets=only or tuple(targets),
        target_dependents=bool(options.only),
        excludes=() if only else (*_patterns(options.excluded, settings), *others),
        exclude_dependents=bool(options.excluded),
        replace=tuple(pattern for name in options.replaced for pattern in _exact(name, settings)),
    )


def list_kept(graph: StackGraph, targets: Sequence[str]) -> list[str]:
    """
    Say, a line each, what a destroy leaves behind.

    targets: empty means everything.
    """
    condemned = set(targets) or {item.urn for item in graph.resources}
    servers = [item for item in graph.select(condemned) if item.type == _SERVER_TYPE]
    kept = [*render_kept(graph.select(condemned))]
    kept += [
        f"the local server's data stay, with the runs' history: {server.inputs.get('home')}"
        for server in servers
        if not server.inputs.get("deleteData")
    ]
    if not servers and any(item.type == _API_FLOW_TYPE for item in graph.select(condemned)):
        kept.append("a flow that has runs keeps its history in Prefect")
    return kept + _shared_lines(graph, condemned)


def _shared_lines(graph: StackGraph, condemned: set[str]) -> list[str]:
    left = graph.flows.items()
    others = sorted(name for name, urn in left if urn not in condemned)
    gone = [name for name, urn in left if urn in condemned]
    if not others or not gone:
        return []
    used = graph.list_needed(urn for name in gone for urn in graph.list_owned(FlowPart(name)))
    shared = [
        find_name(item.urn)
        for item in graph.select(used - condemned)
        if item.type != FLOW_TYPE and item.custom and not item.type.startswith("pulumi:")
    ]
    return [f"shared with {', '.join(others)}: {', '.join(shared)}"] if shared else []


def _patterns(names: Sequence[str], settings: ProjectSettings) -> tuple[str, ...]:
    return tuple(pattern for name in names for pattern in build_patterns(settings, name))


def _exact(name: str, settings: ProjectSettings) -> tuple[str]:
    return (build_patterns(settings, name)[0],)
