"""
A flow with its deployments: the component that a deployer becomes.

Not to be confused with `implementations.deployer`, which records what this component declares.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pulumi

from meta_prefect.components.base import Component
from meta_prefect.components.catalogue import Shared
from meta_prefect.components.naming import FLOW_TYPE, build_logical_name
from meta_prefect.interfaces.blueprint import Blueprint
from meta_prefect.interfaces.deployment import DeploymentSpec, LocalCode
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.provider import sdk


@dataclass(frozen=True, slots=True)
class PlannedDeployment:
    """
    A deployment to declare.

    name: its logical name below the flow.
    """

    name: str
    spec: DeploymentSpec


class DeployedFlow(Component):
    """
    A flow and its deployments, with everything that they require.

    deployments: by logical name.
    """

    TYPE: ClassVar[str] = FLOW_TYPE

    def __init__(
        self,
        name: str,
        blueprint: Blueprint,
        deployments: Sequence[PlannedDeployment],
        shared: Shared,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare what the builders require, the flow, and its deployments after all that.

        name: the flow's logical name.
        """
        super().__init__(name, shared.surroundings, opts)
        self.name = name
        self._resources = {need: shared.find(need) for need in _in_order(blueprint.requires)}
        self._flow = sdk.Flow(
            build_logical_name(name, "flow"), name=deployments[0].spec.flow_name, opts=self.child()
        )
        self.deployments = {item.name: self._declare(item) for item in deployments}
        for item in deployments:
            for applied in blueprint.builders:
                applied.builder.declare(_Place(self, item.spec))
        self.register_outputs(
            {"deployments": {key: item.full_name for key, item in self.deployments.items()}}
        )

    @property
    def resources(self) -> Mapping[Hashable, pulumi.Resource]:
        """The component of each requirement."""
        return self._resources

    def _declare(self, item: PlannedDeployment) -> sdk.Deployment:
        spec = item.spec
        pool = self._resources.get(spec.work_pool)
        return sdk.Deployment(
            build_logical_name(self.name, item.name),
            name=spec.name,
            flow_id=self._flow.id,
            entrypoint=spec.entrypoint or spec.source.entrypoint,
            pull_steps=build_pull_steps(spec),
            parameters=spec.parameters,
            parameter_openapi_schema=spec.parameter_schema,
            enforce_parameter_schema=spec.enforce_parameter_schema,
            work_pool_name=getattr(pool, "pool_name", None),
            work_pool_id=getattr(pool, "pool_id", None),
            work_queue_name=spec.work_queue or None,
            job_variables=spec.job_variables,
            schedules=list(spec.schedules) if spec.schedules is not None else None,
            paused=spec.paused,
            concurrency_limit=spec.concurrency_limit,
            collision_strategy=spec.collision_strategy or None,
            tags=list(spec.tags),
            labels=spec.labels or None,
            version=spec.version or None,
            description=spec.description or None,
            opts=self._after_requirements(),
        )

    def _after_requirements(self) -> pulumi.ResourceOptions:
        """Wait for what the flow needs, so that the graph says who uses what."""
        needs = list(self._resources.values())
        return pulumi.ResourceOptions.merge(self.child(), pulumi.ResourceOptions(depends_on=needs))


class _Place:
    """What a builder's `declare` gets; see `interfaces.declaring.Declaring`."""

    def __init__(self, component: DeployedFlow, spec: DeploymentSpec) -> None:
        self._component = component
        self.project = component.surroundings.project
        self.stack = component.surroundings.stack
        self.flow = component.name
        self.deployment = spec

    @property
    def resources(self) -> Mapping[Hashable, Any]:
        return self._component.resources

    def name(self, resource: str) -> str:
        return build_logical_name(self.flow, resource)

    def options(self, **options: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(
            self._component.child(), pulumi.ResourceOptions(**options)
        )


def build_pull_steps(spec: DeploymentSpec) -> list[Mapping[str, Any]]:
    """
    Say how a worker gets the code, as `prefect deploy` would.

    Raises:
        MetaPrefectError: the work pool's workers run elsewhere and the spec names no code for them.
    """
    match spec.code:
        case LocalCode(path=path):
            step = "prefect.deployments.steps.set_working_directory"
            return [{step: {"directory": path or spec.source.root}}, *spec.pull_steps]
        case _ if spec.pull_steps or spec.work_pool is None:
            return list(spec.pull_steps)
    raise MetaPrefectError(
        "MP2104",
        f"nothing says where a worker finds the code of {spec.flow_name}",
        where=f"{spec.source.file} line {spec.source.line}",
        why="the deployment has a work pool, but neither `code` nor `pull_steps`",
        fixes=("replace(deployment, code=LocalCode())  # workers on this machine",),
        exit_code=ExitCode.USAGE,
    )


def _in_order(needs: frozenset[Hashable]) -> list[Hashable]:
    """Put requirements in an order that is the same in every run."""
    return sorted(needs, key=lambda need: (type(need).__name__, repr(need)))
