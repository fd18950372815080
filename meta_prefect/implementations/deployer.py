"""
Deployers: builders that are enough alone.

A deployer names the work pool and the worker that it needs and fills in the whole deployment. Not
to be confused with `components.deployed_flow`, the Pulumi component that a deployer becomes.
"""

from __future__ import annotations

from collections.abc import Hashable
from collections.abc import Set as AbstractSet
from dataclasses import replace

from meta_prefect.implementations.metadata import tags_resolver, versioneer
from meta_prefect.interfaces.components import Existing, Worker, WorkerPool
from meta_prefect.interfaces.deployment import DeploymentSpec, LocalCode
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface


class local_deployer(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Run a flow on this machine: a process work pool, a worker that is kept running, local code.

    Without a configured Prefect API the stack also brings up a local Prefect server. Tags come from
    `META_PREFECT__TAGS`, the version from `META_PREFECT__VERSION`.

        local_flow = local_deployer()(flow)

        @local_flow
        def my_flow(x: int, y: int) -> int: ...
    """

    def __init__(self, *, pool: str | Existing = "", limit: int | None = None) -> None:
        """
        Choose where the flow runs.

        pool: empty: the project's default pool; a name: a pool of its own; `existing(...)`: a pool
            that somebody else manages, with its own workers.
        limit: flow runs at once on this machine; None means no limit.

        Raises:
            ValueError: the limit is below 1.
        """
        if limit is not None and limit < 1:
            raise ValueError(f"local_deployer(limit={limit}): the limit is 1 or more")
        self._pool = WorkerPool(name=pool)
        self._limit = limit

    @property
    def requires(self) -> AbstractSet[Hashable]:
        """A pool, and a worker for it unless the pool is somebody else's."""
        if isinstance(self._pool.name, Existing):
            return {self._pool}
        return {self._pool, Worker(pool=self._pool, limit=self._limit)}

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Put the deployment on the pool, with the code where it lies."""
        placed = replace(deployment, work_pool=self._pool, code=LocalCode())
        return versioneer().update_deployment(tags_resolver().update_deployment(placed))
