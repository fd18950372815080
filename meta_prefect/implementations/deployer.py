"""
Deployers: builders that are enough alone.

A deployer names the work pool and the worker that it needs and fills in the whole deployment. Not
to be confused with `components.deployed_flow`, the Pulumi component that a deployer becomes.
"""

from __future__ import annotations

from meta_prefect.implementations.checked import checked
from meta_prefect.implementations.infra import eks, process
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

    @checked
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
        return _finish(super().update_deployment(deployment))


class eks_deployer(eks):  # noqa: N801 - used as a decorator
    """
    Run a flow in a Kubernetes cluster, the stack's own or a team's, with all that it needs there.

    A team gives its cluster once, and its flows say nothing of it:

        team_flow = eks_deployer(cpu=1, memory=2, cluster=existing("prod"))(flow)

        @team_flow
        def my_flow(x: int, y: int) -> int: ...

    Arguments are those of `eks`. On AWS the code goes into a bucket if no builder says otherwise.
    Tags come from `META_PREFECT__TAGS`, the version from `META_PREFECT__VERSION`.
    """

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Put the deployment on the pool, tag it and give it a version."""
        return _finish(super().update_deployment(deployment))


def _finish(deployment: DeploymentSpec) -> DeploymentSpec:
    return versioneer().update_deployment(tags_resolver().update_deployment(deployment))
