"""A flow with the place of its code, parameters, schedules and work pool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class Deployment(PrefectResource):
    """
    A flow with the place of its code, parameters, schedules and work pool.

    Only its name and its flow replace it; everything else changes in place.
    """

    pulumi_type: ClassVar[str] = "prefect:index:Deployment"

    name: pulumi.Output[str]
    flow_id: pulumi.Output[str] = pulumi.property("flowId")
    flow_name: pulumi.Output[str | None] = pulumi.property("flowName")
    entrypoint: pulumi.Output[str | None]
    path: pulumi.Output[str | None]
    pull_steps: pulumi.Output[list[Mapping[str, Any]]] = pulumi.property("pullSteps")
    parameters: pulumi.Output[Mapping[str, Any]]
    parameter_openapi_schema: pulumi.Output[Mapping[str, Any]] = pulumi.property(
        "parameterOpenapiSchema"
    )
    enforce_parameter_schema: pulumi.Output[bool] = pulumi.property("enforceParameterSchema")
    work_pool_name: pulumi.Output[str | None] = pulumi.property("workPoolName")
    work_pool_id: pulumi.Output[str | None] = pulumi.property("workPoolId")
    work_queue_name: pulumi.Output[str | None] = pulumi.property("workQueueName")
    job_variables: pulumi.Output[Mapping[str, Any]] = pulumi.property("jobVariables")
    schedules: pulumi.Output[list[Mapping[str, Any]] | None]
    paused: pulumi.Output[bool | None]
    concurrency_limit: pulumi.Output[int | None] = pulumi.property("concurrencyLimit")
    collision_strategy: pulumi.Output[str | None] = pulumi.property("collisionStrategy")
    grace_period_seconds: pulumi.Output[int | None] = pulumi.property("gracePeriodSeconds")
    global_concurrency_limit_id: pulumi.Output[str | None] = pulumi.property(
        "globalConcurrencyLimitId"
    )
    tags: pulumi.Output[list[str] | None]
    labels: pulumi.Output[Mapping[str, Any] | None]
    version: pulumi.Output[str | None]
    version_info: pulumi.Output[Mapping[str, Any] | None] = pulumi.property("versionInfo")
    description: pulumi.Output[str | None]
    storage_document_id: pulumi.Output[str | None] = pulumi.property("storageDocumentId")
    deployment_id: pulumi.Output[str] = pulumi.property("deploymentId")
    full_name: pulumi.Output[str] = pulumi.property("fullName")
    work_queue_id: pulumi.Output[str | None] = pulumi.property("workQueueId")
    schedule_ids: pulumi.Output[Mapping[str, str]] = pulumi.property("scheduleIds")
    ui_url: pulumi.Output[str] = pulumi.property("uiUrl")
    created: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        flow_id: pulumi.Input[str] | None = None,
        flow_name: pulumi.Input[str] | None = None,
        entrypoint: pulumi.Input[str] | None = None,
        path: pulumi.Input[str] | None = None,
        pull_steps: pulumi.Input[Sequence[pulumi.Input[Mapping[str, Any]]]] | None = None,
        parameters: pulumi.Input[Mapping[str, Any]] | None = None,
        parameter_openapi_schema: pulumi.Input[Mapping[str, Any]] | None = None,
        enforce_parameter_schema: pulumi.Input[bool] | None = None,
        work_pool_name: pulumi.Input[str] | None = None,
        work_pool_id: pulumi.Input[str] | None = None,
        work_queue_name: pulumi.Input[str] | None = None,
        job_variables: pulumi.Input[Mapping[str, Any]] | None = None,
        schedules: pulumi.Input[Sequence[pulumi.Input[Mapping[str, Any]]]] | None = None,
        paused: pulumi.Input[bool] | None = None,
        concurrency_limit: pulumi.Input[int] | None = None,
        collision_strategy: pulumi.Input[str] | None = None,
        grace_period_seconds: pulumi.Input[int] | None = None,
        global_concurrency_limit_id: pulumi.Input[str] | None = None,
        tags: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        labels: pulumi.Input[Mapping[str, Any]] | None = None,
        version: pulumi.Input[str] | None = None,
        version_info: pulumi.Input[Mapping[str, Any]] | None = None,
        description: pulumi.Input[str] | None = None,
        storage_document_id: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a deployment.

        Args:
            resource_name: Logical name.
            name: Name of the deployment. Replaces.
            flow_id: The flow's id; this or `flow_name`. Replaces.
            flow_name: The flow's name; the flow is made when it is missing. Replaces.
            entrypoint: `path.py:function` or `module.function`.
            path: Folder of the code; default: none, the pull steps say it.
            pull_steps: Steps that fetch the code.
            parameters: Parameters of each run, JSON values by name.
            parameter_openapi_schema: JSON schema of the parameters.
            enforce_parameter_schema: Refuse runs whose parameters do not fit. Default: true.
            work_pool_name: Pool that runs it; default: none, it is served.
            work_pool_id: The pool's `work_pool_id`: a pool made anew is linked again.
            work_queue_name: Queue of the pool; default: `default`.
            job_variables: Values for the variables of the pool's template.
            schedules: The whole list of schedules; not given: they are not managed here. Each has
                `slug` (default: made from the rest), one of `cron` (with `dayOr`), `interval`
                (seconds or `PT1H`, with `anchorDate`) and `rrule`, and `timezone`, `active` (not
                given: left as it is), `parameters`, `maxScheduledRuns`.
            paused: Make no scheduled runs; not given: left as it is.
            concurrency_limit: Runs at once, 1 or more; default: no limit.
            collision_strategy: At the limit, `ENQUEUE` or `CANCEL_NEW`.
            grace_period_seconds: Seconds a slot is held for a run that does not start, 60 to
                86,400.
            global_concurrency_limit_id: A limit shared with others; not with `concurrency_limit`.
            tags: Set of tags.
            labels: Text, numbers or booleans by name.
            version: Version of the flow.
            version_info: `type` and `version` with more; kept by Prefect Cloud only.
            description: For people; Markdown.
            storage_document_id: Block with the code (legacy).
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            name=name,
            flow_id=flow_id,
            flow_name=flow_name,
            entrypoint=entrypoint,
            path=path,
            pull_steps=pull_steps,
            parameters=parameters,
            parameter_openapi_schema=parameter_openapi_schema,
            enforce_parameter_schema=enforce_parameter_schema,
            work_pool_name=work_pool_name,
            work_pool_id=work_pool_id,
            work_queue_name=work_queue_name,
            job_variables=job_variables,
            schedules=schedules,
            paused=paused,
            concurrency_limit=concurrency_limit,
            collision_strategy=collision_strategy,
            grace_period_seconds=grace_period_seconds,
            global_concurrency_limit_id=global_concurrency_limit_id,
            tags=tags,
            labels=labels,
            version=version,
            version_info=version_info,
            description=description,
            storage_document_id=storage_document_id,
        )
