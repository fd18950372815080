"""
A test kit for builders: what a flow would need, and what its deployment would be.

Loads neither Pulumi nor a server, and changes nothing. For tests of flows themselves, Prefect has
`prefect.testing`.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from meta_prefect.interfaces.deployment import DeploymentSpec
from meta_prefect.project.flow_objects import read_flow_object
from meta_prefect.project.program import plan_flow

if TYPE_CHECKING:
    from prefect import Flow

    from meta_prefect.components.planned_deployment import PlannedDeployment


def requirements_of(
    flow: Flow[..., Any], *, stack: str = "dev", deployment: str = ""
) -> frozenset[Hashable]:
    """
    Give the records of everything that a deployment of a flow needs.

        assert WorkerPool("team") in requirements_of(my_flow)

    deployment: its name; empty: the default one, or the only one.

    Raises:
        MetaPrefectError: what `meta-prefect up` would say about the flow.
        ValueError: the flow has several deployments, and none is named.
    """
    return _plan(flow, stack, deployment).needs


def deployment_of(
    flow: Flow[..., Any], *, stack: str = "dev", deployment: str = ""
) -> DeploymentSpec:
    """
    Give a flow's deployment as its builders make it for a stack.

        assert deployment_of(my_flow, stack="prod").tags == ("team",)

    deployment: its name; empty: the default one, or the only one.

    Raises:
        MetaPrefectError: what `meta-prefect up` would say about the flow.
        ValueError: the flow has several deployments, and none is named.
    """
    return _plan(flow, stack, deployment).spec


def _plan(flow: Flow[..., Any], stack: str, deployment: str) -> PlannedDeployment:
    loaded = read_flow_object(flow, must_be_found=False)
    planned = plan_flow(loaded, stack, [deployment] if deployment else [])
    found = [item for item in planned.deployments if item.name == deployment]
    if not found and len(planned.deployments) > 1:
        names = ", ".join(item.name for item in planned.deployments)
        raise ValueError(f'name one of the deployments of {flow.name}, deployment="...": {names}')
    return (found or planned.deployments)[0]
