"""
The Pulumi program of a project: the chosen flows and everything they require.

Makes a callable that an engine runs; nothing is declared before that. Enforces the naming law that
lets an operation be about one flow: names below a flow begin with `FLOW/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

if TYPE_CHECKING:
    import pulumi

    from meta_prefect.project.loading import LoadedFlow
    from meta_prefect.project.place import PrefectPlace
    from meta_prefect.project.settings import ProjectSettings

_DEFAULT_DEPLOYMENT: Final = "deployment"


def build_program(
    flows: Sequence[LoadedFlow], settings: ProjectSettings, place: PrefectPlace
) -> Callable[[], None]:
    """
    Make the program that declares these flows.

    Builders are asked for their deployments here, so that their mistakes show before an engine
    runs.

    Raises:
        MetaPrefectError: a builder failed, or a spec cannot become a deployment.
    """
    from meta_prefect.components.catalogue import list_names
    from meta_prefect.components.deployed_flow import PlannedDeployment, build_pull_steps
    from meta_prefect.components.naming import build_deployment_name

    planned = []
    for flow in flows:
        spec = flow.build_deployment(build_deployment_name(settings.stack))
        build_pull_steps(spec)
        list(list_names(flow.blueprint.requires))
        planned.append((flow, [PlannedDeployment(_DEFAULT_DEPLOYMENT, spec)]))

    def program() -> None:
        import pulumi

        from meta_prefect.components.base import Surroundings
        from meta_prefect.components.catalogue import Shared
        from meta_prefect.components.deployed_flow import DeployedFlow

        pulumi.runtime.register_stack_transformation(_enforce_names)
        if not planned:
            return
        surroundings = Surroundings(
            settings.project, settings.stack, str(settings.root), _declare_prefect(settings, place)
        )
        shared = Shared(surroundings)
        for flow, deployments in planned:
            DeployedFlow(flow.name, flow.blueprint, deployments, shared)

    return program


def list_targets(
    flows: Sequence[LoadedFlow], settings: ProjectSettings, place: PrefectPlace
) -> Iterator[str]:
    """
    Give target patterns for everything that the program of these flows declares.

    But for the connection to Prefect: a provider always takes part, and naming it would mean all
    that lives in it.
    """
    from meta_prefect.components.catalogue import list_names
    from meta_prefect.components.server import SERVER_NAME

    names = [] if place.api_url else [SERVER_NAME]
    for flow in flows:
        names += [flow.name, *list_names(flow.blueprint.requires)]
    for name in dict.fromkeys(names):
        yield from build_patterns(settings, name)


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
