"""
A work pool of the stack, or one of somebody else.

Not to be confused with `provider.sdk.WorkPool`, Prefect's API as it is.
"""

from __future__ import annotations

from typing import ClassVar, TypeAlias

import pulumi

from meta_prefect.components.base import Component, Surroundings
from meta_prefect.components.job_template import find_overlay
from meta_prefect.components.naming import build_logical_name, build_physical_name
from meta_prefect.interfaces.components import Existing
from meta_prefect.interfaces.components import WorkerPool as WorkerPoolRecord
from meta_prefect.provider import sdk

GivenPool: TypeAlias = sdk.WorkPool | pulumi.Input[str]


class WorkPool(Component):
    """
    A work pool with its default queue.

    pool_name: name in Prefect.
    pool_id: id in Prefect; another one when the pool was made anew. None: only its name is known.
    """

    TYPE: ClassVar[str] = "meta-prefect:components:WorkPool"

    def __init__(
        self,
        record: WorkerPoolRecord,
        surroundings: Surroundings,
        opts: pulumi.ResourceOptions | None = None,
        *,
        given: GivenPool | None = None,
    ) -> None:
        """
        Make the pool, or look the existing one up.

        given: an existing one that the program knows already, also one that it makes itself.
        """
        name = build_pool_logical_name(record)
        super().__init__(name, surroundings, opts)
        self.pool_id: pulumi.Output[str] | None = None
        match given:
            case None:
                self._use(self._declare(record, build_logical_name(name, "pool")))
            case sdk.WorkPool():
                self._use(given)
            case _:
                self.pool_name = pulumi.Output.from_input(given)
        outputs = {"poolName": self.pool_name, "poolId": self.pool_id}
        self.register_outputs({key: value for key, value in outputs.items() if value is not None})

    def _use(self, pool: sdk.WorkPool) -> None:
        self.pool_name = pool.name
        self.pool_id = pool.work_pool_id

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
