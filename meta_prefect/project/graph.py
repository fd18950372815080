"""
The stored graph of a stack: who owns what, who needs what, and what nobody needs any more.

Pure. An engine knows no ownership; this module turns flows into sets of resources for it. A flow
owns its component and everything below; all else but the stack itself is shared.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Final

from meta_prefect.components.naming import FLOW_TYPE
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.interfaces.engine import ResourceRecord, StackRecord
from meta_prefect.project.selecting import FlowPart

STACK_TYPE: Final = "pulumi:pulumi:Stack"
DEPLOYMENT_TYPE: Final = "prefect:index:Deployment"
_LOOSE: Final = frozenset({STACK_TYPE, FLOW_TYPE})  # parts of these come and go one by one


class StackGraph:
    """
    A stack's resources with their edges; each is looked at by URN.

    flows: logical name of each flow that is up, to the URN of its component.
    """

    def __init__(self, stack: StackRecord | None) -> None:
        """Index the resources of a stack; None is an empty one."""
        self.resources = tuple(stack.resources) if stack is not None else ()
        self._by_urn = {item.urn: item for item in self.resources if not item.pending_delete}
        self._children: dict[str, list[str]] = {}
        for item in self.resources:
            self._children.setdefault(item.parent, []).append(item.urn)
        self.flows = {
            find_name(item.urn): item.urn for item in self.resources if item.type == FLOW_TYPE
        }

    def list_deployments(self, flow: str) -> dict[str, str]:
        """Give logical name of each deployment of a flow that is up, to its name in Prefect."""
        return {
            find_name(item.urn): str(item.inputs.get("name", ""))
            for item in self.select(self._list_below(flow))
            if item.type == DEPLOYMENT_TYPE
        }

    def list_owned(self, part: FlowPart) -> set[str]:
        """
        Give the URNs of what a flow, or some of its deployments, owns; empty when it is not up.

        A flow owns its component and everything below, a deployment what is named after it.
        """
        owned = self._list_below(part.flow)
        if not part.deployments:
            return owned
        return {urn for urn in owned if _is_named_after(find_name(urn), part.deployments)}

    def _list_below(self, flow: str) -> set[str]:
        waiting = [self.flows[flow]] if flow in self.flows else []
        found: set[str] = set()
        while waiting:
            urn = waiting.pop()
            found.add(urn)
            waiting.extend(self._children.get(urn, ()))
        return found

    def list_needed(self, urns: Iterable[str]) -> set[str]:
        """
        Give resources and everything that they need: dependencies, parents, providers.

        A shared component is one thing: who needs a part of it needs all of it.
        """
        waiting = list(urns)
        needed: set[str] = set()
        while waiting:
            urn = waiting.pop()
            item = self._by_urn.get(urn)
            if item is not None and urn not in needed:
                needed.add(urn)
                waiting.extend(_edges(item))
                if not item.custom and item.type not in _LOOSE:
                    waiting.extend(self._children.get(urn, ()))
        return needed

    def list_unneeded(self, parts: Iterable[FlowPart]) -> set[str]:
        """
        Give everything that flows own or need only through these parts of them.

        The stack itself never belongs to it.
        """
        going = {urn for part in parts for urn in self.list_owned(part)}
        others = {urn for flow in self.flows for urn in self._list_below(flow)} - going
        kept = self.list_needed(others)
        return {
            item.urn for item in self.resources if item.urn not in kept and item.type != STACK_TYPE
        }

    def select(self, urns: Collection[str]) -> tuple[ResourceRecord, ...]:
        """Give the resources with these URNs, in the order of the stack."""
        return tuple(item for item in self.resources if item.urn in urns)


def find_name(urn: str) -> str:
    """Give the logical name in a URN."""
    return urn.split("::", 3)[3]


def build_unknown(name: str, place: str, urns: Iterable[str], look: str) -> MetaPrefectError:
    """
    Say that there is no resource of a name in a place, and which ones are called nearly so.

    urns: of those that are in it. look: the command that shows them.
    """
    near = get_close_matches(name, [find_name(urn) for urn in urns], n=2, cutoff=0.5)
    return MetaPrefectError(
        "MP4115",
        f"there is no resource {name} in {place}",
        why=f"did you mean {' or '.join(near)}?" if near else "",
        fixes=(look,),
        exit_code=ExitCode.NOT_FOUND,
    )


def _is_named_after(name: str, owners: Collection[str]) -> bool:
    return any(name == owner or name.startswith(f"{owner}/") for owner in owners)


def _edges(item: ResourceRecord) -> Iterable[str]:
    yield from item.dependencies
    if item.parent:
        yield item.parent
    if item.provider:
        yield item.provider.rpartition("::")[0]
