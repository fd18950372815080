"""
A work pool of the stack, or one of somebody else.

Not to be confused with `provider.sdk.WorkPool`, Prefect's API as it is.
"""

from __future__ import annotations

from typing import ClassVar

import pulumi

from meta_prefect.components.base import Component, Surroundings
from meta_prefect.components.job_template import find_overlay
from meta_prefect.components.naming import build_logical_name, build_physical_name
from meta_prefect.interfaces.components import Existing
from meta_prefect.interfaces.components import WorkerPool as WorkerPoolRecord
from meta_prefect.provider import sdk


class WorkPool(Component):
    """
    A work pool with its default queue.

    pool_name: name in Prefect.
    pool_id: id in Prefect; another one when the pool was made anew.
    """

    TYPE: ClassVar[str] = "meta-prefect:components:WorkPool"

    def __init__(
        self,
        record: WorkerPoolRecord,
        surroundings: Surroundings,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the pool, or look the existing one up."""
        name = build_pool_logical_name(record)
        super().__init__(name, surroundings, opts)
        pool = self._declare(record, build_logical_name(name, "pool"))
        self.pool_name = pool.name
        self.pool_id = pool.work_pool_id
        self.register_outputs({"poolName": self.pool_name, "poolId": self.pool_id})

    def _declare(self, record: WorkerPoolRecord, name: str) -> sdk.WorkPool:
        if isinstance(record.name, Existing):
            return sdk.WorkPool.get(name, record.name.name, self.child())
        return sdk.WorkPool(
            name,
            name=build_physical_name(
                self.surroundings.project, self.surroundings.stack, record.name or record.type
            ),
            type=record.type,
            template_overlay=find_overlay(record.type),
            concurrency_limit=record.concurrency_limit,
            description=record.description or None,
            opts=self.child(),
        )


def build_pool_logical_name(record: WorkerPoolRecord) -> str:
    """Name the pool in the stack: `work-pool/NAME`, the default one after its type."""
    name = record.name.name if isinstance(record.name, Existing) else record.name
    return build_logical_name("work-pool", name or record.type)
