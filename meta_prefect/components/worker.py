"""
A worker that the stack keeps running on this machine.

Not to be confused with `provider.sdk.ProcessWorker`, the background process itself.
"""

from __future__ import annotations

import platform
from typing import ClassVar

import pulumi

from meta_prefect.components.base import Component, Surroundings
from meta_prefect.components.naming import build_logical_name, build_physical_name
from meta_prefect.components.work_pool import WorkPool, build_pool_logical_name
from meta_prefect.interfaces.components import Worker as WorkerRecord
from meta_prefect.provider import sdk


class Worker(Component):
    """A process worker of one work pool. Runs keep their results, so that `run` can show them."""

    TYPE: ClassVar[str] = "meta-prefect:components:Worker"

    def __init__(
        self,
        record: WorkerRecord,
        pool: WorkPool,
        surroundings: Surroundings,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Start the worker once its pool is there."""
        name = build_worker_logical_name(record)
        super().__init__(name, surroundings, opts)
        self.process = sdk.ProcessWorker(
            build_logical_name(name, "process"),
            work_pool_name=pool.pool_name,
            work_pool_id=pool.pool_id,
            name=build_physical_name(
                surroundings.project, surroundings.stack, f"{_short(record)}-{platform.node()}"
            ),
            limit=record.limit,
            env={"PREFECT_RESULTS_PERSIST_BY_DEFAULT": "true", **dict(record.env)},
            working_directory=surroundings.root,
            opts=self.child(),
        )
        self.register_outputs({"logFile": self.process.log_file})


def build_worker_logical_name(record: WorkerRecord) -> str:
    """Name the worker in the stack: `worker/NAME`, the only one of a pool after the pool."""
    return build_logical_name("worker", _short(record))


def _short(record: WorkerRecord) -> str:
    return record.name or build_pool_logical_name(record.pool).partition("/")[2]
