"""A work pool: where deployments send their runs, and how these are started."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class WorkPool(PrefectResource):
    """
    A work pool: where deployments send their runs, and how these are started.

    Its Pulumi id is its name. Deleting it is refused while deployments outside the stack use it,
    unless `force_delete` is set.
    """

    pulumi_type: ClassVar[str] = "prefect:index:WorkPool"

    name: pulumi.Output[str]
    type: pulumi.Output[str]
    base_job_template: pulumi.Output[Mapping[str, Any]] = pulumi.property("baseJobTemplate")
    template_overlay: pulumi.Output[Mapping[str, Any] | None] = pulumi.property("templateOverlay")
    description: pulumi.Output[str | None]
    paused: pulumi.Output[bool | None]
    concurrency_limit: pulumi.Output[int | None] = pulumi.property("concurrencyLimit")
    result_storage_block_id: pulumi.Output[str | None] = pulumi.property("resultStorageBlockId")
    bundle_upload_step: pulumi.Output[Mapping[str, Any] | None] = pulumi.property(
        "bundleUploadStep"
    )
    bundle_execution_step: pulumi.Output[Mapping[str, Any] | None] = pulumi.property(
        "bundleExecutionStep"
    )
    force_delete: pulumi.Output[bool] = pulumi.property("forceDelete")
    work_pool_id: pulumi.Output[str] = pulumi.property("workPoolId")
    default_queue_id: pulumi.Output[str] = pulumi.property("defaultQueueId")
    template_hash: pulumi.Output[str] = pulumi.property("templateHash")
    created: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        type: pulumi.Input[str],
        base_job_template: pulumi.Input[Mapping[str, Any]] | None = None,
        template_overlay: pulumi.Input[Mapping[str, Any]] | None = None,
        description: pulumi.Input[str] | None = None,
        paused: pulumi.Input[bool] | None = None,
        concurrency_limit: pulumi.Input[int] | None = None,
        result_storage_block_id: pulumi.Input[str] | None = None,
        bundle_upload_step: pulumi.Input[Mapping[str, Any]] | None = None,
        bundle_execution_step: pulumi.Input[Mapping[str, Any]] | None = None,
        force_delete: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a work pool.

        Args:
            resource_name: Logical name.
            name: Name of the pool, not beginning with `prefect`. Replaces.
            type: Worker type, such as `process` or `kubernetes`. Replaces, old one first.
            base_job_template: `job_configuration` and `variables`; default: the type's template.
            template_overlay: `{"variables": {name: {"default": ...}}, "jobConfiguration": {...}}`,
                laid over the template.
            description: For people.
            paused: Start no runs; not given: left as it is.
            concurrency_limit: Runs at once, 0 or more; default: no limit.
            result_storage_block_id: Block in which results are stored.
            bundle_upload_step: Step that uploads a bundle.
            bundle_execution_step: Step that runs a bundle.
            force_delete: Delete the pool although deployments of others use it. Default: false.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            name=name,
            type=type,
            base_job_template=base_job_template,
            template_overlay=template_overlay,
            description=description,
            paused=paused,
            concurrency_limit=concurrency_limit,
            result_storage_block_id=result_storage_block_id,
            bundle_upload_step=bundle_upload_step,
            bundle_execution_step=bundle_execution_step,
            force_delete=force_delete,
        )
