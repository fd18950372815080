"""
Builders of a work pool and of its worker, for what the builders of infrastructure do not say.

Not to be confused with `implementations.infra`, which chooses a pool and sizes the runs in it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from meta_prefect.implementations.checked import checked
from meta_prefect.implementations.checking import check_env, check_positive, check_text
from meta_prefect.interfaces.components import Existing, Worker, WorkerPool
from meta_prefect.interfaces.deployment import DeploymentSpec, LocalCode
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface


class work_pool(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Choose the work pool, also in place of the one that a deployer inside of this one chose.

        @work_pool(existing("shared"), type="kubernetes")
        @eks(cpu=1, memory=2)
        @flow
        def report() -> None: ...

        @work_pool("small", limit=2)  # a pool of the project's own
        @local_deployer()
        @flow
        def other() -> None: ...

    A pool of another type than the deployer's is refused: sizes of one type mean nothing in another.
    """  # noqa: E501 - a sentence is not broken

    @checked
    def __init__(
        self,
        name: str | Existing = "",
        *,
        type: str = "process",
        limit: int | None = None,
        description: str = "",
    ) -> None:
        """
        Describe the pool.

        name: empty: the project's default pool of this type; a name: a pool of its own;
            `existing(...)`: a pool that somebody else manages, with its own workers.
        type: as in Prefect.
        limit: flow runs at once; None means no limit.

        Raises:
            TypeError: a value is of another type.
            ValueError: a value is not allowed, or given for a pool of somebody else.
        """
        check_text("work_pool", type=type)
        check_positive("work_pool", limit=limit)
        if not isinstance(name, Existing) and name != "":
            check_text("work_pool", name=name)
        if isinstance(name, Existing) and (limit is not None or description):
            raise ValueError(
                "work_pool(existing(...)): whoever made it set its limit and description"
            )
        self._pool = WorkerPool(name, type, limit, description)

    @property
    def requires(self) -> AbstractSet[Hashable]:
        """The pool."""
        return {self._pool}

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """
        Put the deployment on the pool.

        Raises:
            MetaPrefectError: a builder inside of this one sized the runs for another type of pool.
        """
        before = deployment.work_pool
        if before is None or not deployment.placed_by:
            placed = deployment.placed_on(self._pool, type(self).__name__)
        else:
            self._check_type(deployment, before)
            given_up = {*deployment.given_up, before} - {self._pool}
            placed = replace(deployment, work_pool=self._pool, given_up=tuple(given_up))
        return placed if placed.runs_in_container else placed.with_default_code(LocalCode())

    def _check_type(self, deployment: DeploymentSpec, before: WorkerPool) -> None:
        if before.type == self._pool.type:
            return
        wanted = f'work_pool(type="{self._pool.type}")'
        raise MetaPrefectError(
            "MP2106",
            f"{deployment.placed_by} and {wanted} both say where {deployment.flow_name} runs",
            where=deployment.where,
            why=f"{deployment.placed_by} is for a pool of type {before.type}",
            fixes=(f'work_pool(..., type="{before.type}")', "remove one of them"),
            exit_code=ExitCode.USAGE,
        )


class worker(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Keep a worker of one's own running on this machine, for the pool that the deployment ends up in.

        @worker(limit=2, env={"TOKEN_FILE": "/srv/token"})
        @local_deployer()
        @flow
        def report() -> None: ...

        @worker()  # for a process pool of somebody else
        @work_pool(existing("shared"))
        @flow
        def other() -> None: ...

    It takes the place of the one that `process` or `local_deployer` would run.
    """

    @checked
    def __init__(
        self, name: str = "", *, limit: int | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        """
        Describe the worker.

        name: empty: the pool's only one; a name: one more beside it.
        limit: flow runs at once in this worker; None means no limit.
        env: environment variables of the worker and the runs that it starts.

        Raises:
            TypeError: a variable is no text.
            ValueError: a value is not allowed.
        """
        check_positive("worker", limit=limit)
        variables = tuple(sorted(check_env("worker", env).items()))
        self._worker = Worker(name=name, limit=limit, env=variables)

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Choose the worker; it becomes one of the pool that the deployment ends up in."""
        return replace(deployment, worker=self._worker)
