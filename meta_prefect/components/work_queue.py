"""
A queue of a work pool.

Not to be confused with `provider.sdk.WorkQueue`, Prefect's API as it is.
"""

from __future__ import annotations

from typing import ClassVar

import pulumi

from meta_prefect.components.base import Component, Surroundings
from meta_prefect.components.naming import build_logical_name, build_physical_name
from meta_prefect.components.work_pool import WorkPool, build_pool_logical_name
from meta_prefect.interfaces.components import Existing
from meta_prefect.interfaces.components import WorkQueue as WorkQueueRecord
from meta_prefect.provider import sdk


class WorkQueue(Component):
    """
    A work queue.

    queue_name: name in Prefect.
    """

    TYPE: ClassVar[str] = "meta-prefect:components:WorkQueue"

    def __init__(
        self,
        record: WorkQueueRecord,
        pool: WorkPool,
        surroundings: Surroundings,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the queue once its pool is there."""
        name = build_queue_logical_name(record)
        super().__init__(name, surroundings, opts)
        queue = sdk.WorkQueue(
            build_logical_name(name, "queue"),
            work_pool_name=pool.pool_name,
            work_pool_id=pool.pool_id,
            name=_build_name(record, surroundings),
            priority=record.priority,
            concurrency_limit=record.concurrency_limit,
            description=record.description or None,
            opts=self.child(),
        )
        self.queue_name = queue.name
        self.register_outputs({"queueName": self.queue_name})


def build_queue_logical_name(record: WorkQueueRecord) -> str:
    """Name the queue in the stack: `work-queue/POOL/NAME`."""
    pool = build_pool_logical_name(record.pool).partition("/")[2]
    return build_logical_name("work-queue", pool, record.name)


def _build_name(record: WorkQueueRecord, surroundings: Surroundings) -> str:
    """Name the queue in Prefect: two stacks may share a pool, but not a queue of theirs."""
    if isinstance(record.pool.name, Existing):
        return build_physical_name(surroundings.project, surroundings.stack, record.name)
    return record.name
