"""
Deployers: builders that are enough alone.

A deployer names the work pool and the worker that it needs and fills in the whole deployment. Not
to be confused with `components.deployed_flow`, the Pulumi component that a deployer becomes.
"""

from __future__ import annotations

from meta_prefect.implementations.infra import process
from meta_prefect.implementations.metadata import tags_resolver, versioneer
from meta_prefect.interfaces.components import Existing
from meta_prefect.interfaces.deployment import DeploymentSpec


class local_deployer(process):  # noqa: N801 - used as a decorator
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
        super().__init__(pool=pool, limit=limit)

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Put the deployment on the pool, tag it and give it a version."""
        placed = super().update_deployment(deployment)
        return versioneer().update_deployment(tags_resolver().update_deployment(placed))
