"""A lane of a work pool with a priority and a limit of its own."""

from __future__ import annotations

from typing import ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class WorkQueue(PrefectResource):
    """
    A lane of a work pool with a priority and a limit of its own.

    The queue `default` comes with its pool: declaring it manages that one, deleting it puts its
    defaults back.
    """

    pulumi_type: ClassVar[str] = "prefect:index:WorkQueue"

    work_pool_name: pulumi.Output[str] = pulumi.property("workPoolName")
    name: pulumi.Output[str]
    priority: pulumi.Output[int | None]
    concurrency_limit: pulumi.Output[int | None] = pulumi.property("concurrencyLimit")
    description: pulumi.Output[str | None]
    paused: pulumi.Output[bool | None]
    work_pool_id: pulumi.Output[str | None] = pulumi.property("workPoolId")
    queue_id: pulumi.Output[str] = pulumi.property("queueId")
    created: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        work_pool_name: pulumi.Input[str],
        name: pulumi.Input[str],
        priority: pulumi.Input[int] | None = None,
        concurrency_limit: pulumi.Input[int] | None = None,
        description: pulumi.Input[str] | None = None,
        paused: pulumi.Input[bool] | None = None,
        work_pool_id: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a work queue.

        Args:
            resource_name: Logical name.
            work_pool_name: Name of the pool. Replaces.
            name: Name of the queue.
            priority: Rank in the pool, 1 is first; not given: the server's next free one.
            concurrency_limit: Runs at once, 0 or more; default: no limit.
            description: For people.
            paused: Start no runs; not given: left as it is.
            work_pool_id: The pool's `work_pool_id`: a pool made anew gets its queue again.
                Replaces, old one first.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            work_pool_name=work_pool_name,
            name=name,
            priority=priority,
            concurrency_limit=concurrency_limit,
            description=description,
            paused=paused,
            work_pool_id=work_pool_id,
        )
