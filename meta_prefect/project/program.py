"""
The Pulumi program of a project: the chosen flows and everything they require.

Makes a callable that an engine runs; nothing is declared before that. Enforces the naming law that
lets an operation be about one flow: names below a flow begin with `FLOW/`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from meta_prefect.components.naming import build_deployment_logical_name
from meta_prefect.components.planned_deployment import PlannedDeployment, check_names
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.project.selecting import FlowPart, choose_deployment

if TYPE_CHECKING:
    import pulumi

    from meta_prefect.project.loading import LoadedFlow
    from meta_prefect.project.place import PrefectPlace
    from meta_prefect.project.settings import ProjectSettings


@dataclass(frozen=True, slots=True)
class PlannedFlow:
    """
    A flow with the deployments that an operation is about.

    name: logical name.
    part: which deployments these are, in the stack.
    """

    name: str
    deployments: tuple[PlannedDeployment, ...]
    part: FlowPart

    @property
    def needs(self) -> frozenset[Hashable]:
        """The records of everything that its deployments need."""
        return frozenset(need for item in self.deployments for need in item.needs)


def plan_flow(flow: LoadedFlow, stack: str, wanted: Collection[str] = ()) -> PlannedFlow:
    """
    Let a flow's builders finish its deployments for a stack.

    wanted: names of deployments, the project's or Prefect's; empty: all.

    Raises:
        MetaPrefectError: a builder failed, builders contradict each other, or there is no such
            deployment.
    """
    planned = {
        build_deployment_logical_name(flow.name, name): flow.plan(stack, name)
        for name in flow.blueprint.deployments
    }
    check_names(flow.name, planned.values())
    known = {logical: item.spec.name for logical, item in planned.items()}
    chosen = tuple(choose_deployment(flow.name, name, known) for name in wanted)
    deployments = tuple(item for name, item in planned.items() if not chosen or name in chosen)
    return PlannedFlow(flow.name, deployments, FlowPart(flow.name, chosen))


def build_program(
    flows: Sequence[PlannedFlow], settings: ProjectSettings, place: PrefectPlace
) -> Callable[[], None]:
    """
    Make the program that declares these flows.

    Raises:
        MetaPrefectError: a requirement has no component, or two contradict each other.
    """
    from meta_prefect.components.catalogue import list_names

    list(list_names(need for flow in flows for need in flow.needs))

    def program() -> None:
        import pulumi

        from meta_prefect.components.base import Surroundings
        from meta_prefect.components.catalogue import Shared
        from meta_prefect.components.deployed_flow import DeployedFlow

        pulumi.runtime.register_stack_transformation(_enforce_names)
        if not flows:
            return
        surroundings = Surroundings(
            settings.project,
            settings.stack,
            str(settings.root),
            _declare_prefect(settings, place),
            place.access,
        )
        shared = Shared(surroundings)
        for flow in flows:
            DeployedFlow(flow.name, flow.deployments, shared)

    return program


def build_patterns(settings: ProjectSettings, name: str) -> tuple[str, str]:
    """Give the patterns for a resource and all below it; `name` may be a pattern itself."""
    start = f"urn:pulumi:{settings.stack}::{settings.project}::**::{name}"
    return start, f"{start}/**"


def home_of_server(settings: ProjectSettings) -> Path:
    """Give the folder in which a local server keeps its data."""
    return settings.folder / "prefect"


def _declare_prefect(settings: ProjectSettings, place: PrefectPlace) -> pulumi.ProviderResource:
    from meta_prefect.components.server import declare_existing_prefect, declare_local_prefect

    if place.api_url:
        return declare_existing_prefect(place.api_url)
    return declare_local_prefect(home_of_server(settings))


def _enforce_names(
    args: pulumi.ResourceTransformationArgs,
) -> pulumi.ResourceTransformationResult | None:
    from meta_prefect.components.deployed_flow import DeployedFlow

    parent = args.opts.parent
    if isinstance(parent, DeployedFlow) and not args.name.startswith(f"{parent.name}/"):
        raise MetaPrefectError(
            "MP2105",
            f"the resource {args.name} of flow {parent.name} has a name outside of the flow",
            why=f"names of a flow's resources begin with {parent.name}/",
            fixes=(f'declaring.name("{args.name}")',),
            exit_code=ExitCode.USAGE,
        )
    return None
