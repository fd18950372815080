"""
A flow with its deployments: the component that a deployer becomes.

Not to be confused with `implementations.deployer`, which records what this component declares.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final

import pulumi

from meta_prefect.components.automation import declare_automations
from meta_prefect.components.base import Component
from meta_prefect.components.built_image import with_built_image
from meta_prefect.components.catalogue import Shared
from meta_prefect.components.grants import declare_grant
from meta_prefect.components.naming import (
    FLOW_TYPE,
    build_deployment_logical_name,
    build_logical_name,
)
from meta_prefect.components.planned_deployment import (
    PlannedDeployment,
    build_job_variables,
    build_pull_steps,
)
from meta_prefect.components.uploaded_code import Upload, upload_code
from meta_prefect.interfaces.blueprint import DEFAULT_DEPLOYMENT
from meta_prefect.interfaces.deployment import DeploymentSpec, UploadedCode
from meta_prefect.provider import sdk

# The provider's inputs behind fields of a spec that are called differently.
_INPUTS: Final[Mapping[str, Sequence[str]]] = {
    "job_variables": ("jobVariables",),
    "pull_steps": ("pullSteps",),
    "work_queue": ("workQueueName",),
    "concurrency_limit": (
        "concurrencyLimit",
        "globalConcurrencyLimitId",
        "collisionStrategy",
        "gracePeriodSeconds",
    ),
}


class DeployedFlow(Component):
    """
    A flow and its deployments, with everything that they require.

    deployments: by what the project calls them; the default one is under the empty name.
    """

    TYPE: ClassVar[str] = FLOW_TYPE

    def __init__(
        self,
        name: str,
        deployments: Sequence[PlannedDeployment],
        shared: Shared,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare what the builders require, the flow, and its deployments after all that.

        name: the flow's logical name.
        deployments: those to declare, at least one.
        """
        super().__init__(name, shared.surroundings, opts)
        self.name = name
        self._shared = shared
        self._uploads: dict[UploadedCode, Upload] = {}
        self._flow = sdk.Flow(
            build_logical_name(name, "flow"), name=deployments[0].spec.flow_name, opts=self.child()
        )
        self.deployments = {item.name: self._declare(item) for item in deployments}
        for item in deployments:
            declare_automations(
                build_deployment_logical_name(name, item.name),
                item,
                self.deployments[item.name].deployment_id,
                self._shared.find,
                self.child(),
            )
            for applied in item.blueprint.builders:
                applied.builder.declare(_Place(self, item, self._find_all(item.needs)))
        self.register_outputs({"flowId": self._flow.id})

    @property
    def main(self) -> sdk.Deployment:
        """The default deployment; without one, the first."""
        first = next(iter(self.deployments.values()))
        return self.deployments.get(DEFAULT_DEPLOYMENT, first)

    @property
    def deployment_id(self) -> pulumi.Output[str]:
        """Id of the main deployment."""
        return self.main.deployment_id

    @property
    def full_name(self) -> pulumi.Output[str]:
        """Name of the main deployment in Prefect, `FLOW/NAME`."""
        return self.main.full_name

    @property
    def ui_url(self) -> pulumi.Output[str]:
        """Page of the main deployment."""
        return self.main.ui_url

    @property
    def pool_name(self) -> pulumi.Output[str | None]:
        """Name in Prefect of the main deployment's work pool."""
        return self.main.work_pool_name

    def _find_all(self, needs: Iterable[Hashable]) -> dict[Hashable, Any]:
        return {need: self._shared.find(need) for need in _in_order(needs)}

    def _declare(self, item: PlannedDeployment) -> sdk.Deployment:
        resources = self._find_all(item.needs)
        spec = with_built_image(item.spec, resources)
        grant = declare_grant(self.name, item, self._shared, self.child())
        code = self._upload(spec, resources)
        pool = resources.get(spec.work_pool)
        limit = resources.get(spec.shared_limit)
        return sdk.Deployment(
            build_deployment_logical_name(self.name, item.name),
            name=spec.name,
            flow_id=self._flow.id,
            entrypoint=spec.entrypoint or spec.source.entrypoint,
            pull_steps=build_pull_steps(spec, code.bucket_name),
            parameters=spec.parameters,
            parameter_openapi_schema=spec.parameter_schema,
            enforce_parameter_schema=spec.enforce_parameter_schema,
            work_pool_name=getattr(pool, "pool_name", None),
            work_pool_id=getattr(pool, "pool_id", None),
            work_queue_name=_find_queue_name(spec, resources),
            job_variables={**build_job_variables(spec), **grant.job_variables},
            schedules=list(spec.schedules) if spec.schedules is not None else None,
            paused=spec.paused,
            concurrency_limit=spec.concurrency_limit,
            global_concurrency_limit_id=getattr(limit, "limit_id", None),
            collision_strategy=spec.collision_strategy or None,
            grace_period_seconds=spec.grace_period_seconds,
            tags=list(spec.tags),
            labels=spec.labels or None,
            version=spec.version or None,
            description=spec.description or None,
            opts=self._after(
                [*_list_resources(resources.values()), *grant.ready, *code.objects], spec.kept
            ),
        )

    def _upload(self, spec: DeploymentSpec, resources: Mapping[Hashable, Any]) -> Upload:
        """Put the code into a bucket where the deployment wants that, once for the flow."""
        if not isinstance(spec.code, UploadedCode):
            return Upload()
        if spec.code not in self._uploads:
            bucket = resources[spec.code.bucket].handle
            self._uploads[spec.code] = upload_code(
                self.name, spec.source, spec.code, bucket, self.child()
            )
        return self._uploads[spec.code]

    def _after(
        self, needs: Iterable[pulumi.Resource], kept: Iterable[str]
    ) -> pulumi.ResourceOptions:
        """Wait for what a deployment needs, so that the graph says who uses what."""
        ignored = [key for name in kept for key in _INPUTS.get(name, (name,))]
        own = pulumi.ResourceOptions(depends_on=list(needs), ignore_changes=ignored)
        return pulumi.ResourceOptions.merge(self.child(), own)


class _Place:
    """What a builder's `declare` gets; see `interfaces.declaring.Declaring`."""

    def __init__(
        self,
        component: DeployedFlow,
        item: PlannedDeployment,
        resources: Mapping[Hashable, Any],
    ) -> None:
        self._component = component
        self.project = component.surroundings.project
        self.stack = component.surroundings.stack
        self.flow = component.name
        self.deployment = item.spec
        self._resources = resources

    @property
    def resources(self) -> Mapping[Hashable, Any]:
        return self._resources

    def name(self, resource: str) -> str:
        deployment = build_deployment_logical_name(self.flow, self.deployment.deployment)
        return build_logical_name(deployment, resource)

    def options(self, **options: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(
            self._component.child(), pulumi.ResourceOptions(**options)
        )


def _list_resources(components: Iterable[object]) -> list[pulumi.Resource]:
    """Leave out what somebody else has, for which no resource stands."""
    return [item for item in components if isinstance(item, pulumi.Resource)]


def _find_queue_name(
    spec: DeploymentSpec, resources: Mapping[Hashable, Any]
) -> pulumi.Input[str] | None:
    if isinstance(spec.work_queue, str):
        return spec.work_queue or None
    name: pulumi.Output[str] = resources[spec.queue].queue_name
    return name


def _in_order(needs: Iterable[Hashable]) -> list[Hashable]:
    """Put requirements in an order that is the same in every run."""
    return sorted(needs, key=lambda need: (type(need).__name__, repr(need)))
