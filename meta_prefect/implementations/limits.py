"""
Builders of limits: how many runs at once, and in which lane of a pool.

Not to be confused with the limit of a whole pool or worker, which belongs to where a flow runs
(`implementations.infra`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal

from meta_prefect.implementations.checked import checked
from meta_prefect.interfaces.components import Existing, SharedLimit, WorkQueue
from meta_prefect.interfaces.deployment import DeploymentSpec
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface

_STRATEGIES: Final = {"": "", "enqueue": "ENQUEUE", "cancel_new": "CANCEL_NEW"}
_SHORTEST_GRACE_SECONDS: Final = 60


class limit(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Run a deployment so many times at once and no more, alone or together with others.

        @limit(1, on_collision="cancel_new")
        @local_deployer()
        @flow
        def nightly() -> None: ...

        @limit(5, shared="database")  # 5 runs of all flows that say so
        @limit(shared=existing("database"))  # a global limit of somebody else

    The outermost limit wins.
    """

    @checked
    def __init__(
        self,
        runs: int | None = None,
        *,
        shared: str | Existing = "",
        on_collision: Literal["", "enqueue", "cancel_new"] = "",
        grace_period_seconds: int | None = None,
    ) -> None:
        """
        Limit the runs of one deployment, or of all that share the limit.

        runs: at once; not for a limit of somebody else, which has a number.
        shared: name of the limit that deployments share; empty: the deployment's own.
        on_collision: at the limit, let a new run wait or cancel it; empty: Prefect's default, wait.
        grace_period_seconds: how long a slot is kept for a run that does not start.

        Raises:
            ValueError: a value is not allowed, or missing.
        """
        _check_runs(runs, shared)
        if on_collision not in _STRATEGIES:
            raise ValueError(f'limit(on_collision="{on_collision}"): enqueue or cancel_new')
        if grace_period_seconds is not None and grace_period_seconds < _SHORTEST_GRACE_SECONDS:
            raise ValueError(
                f"limit(grace_period_seconds={grace_period_seconds}): Prefect takes "
                f"{_SHORTEST_GRACE_SECONDS} or more"
            )
        self._runs = None if shared else runs
        self._shared = SharedLimit(shared, runs or 0) if shared else None
        self._strategy = _STRATEGIES[on_collision]
        self._grace_period_seconds = grace_period_seconds

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Set the limit."""
        return replace(
            deployment,
            concurrency_limit=self._runs,
            shared_limit=self._shared,
            collision_strategy=self._strategy,
            grace_period_seconds=self._grace_period_seconds,
        )


def _check_runs(runs: int | None, shared: str | Existing) -> None:
    if isinstance(shared, Existing):
        if runs is not None:
            raise ValueError(f"limit({runs}, shared=existing(...)): whoever made it set the number")
    elif runs is None or runs < 1:
        raise ValueError(f"limit({'' if runs is None else runs}): the limit is 1 or more")


class work_queue(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Send a deployment's runs through a queue of its own in the pool; equal queues are shared.

        @work_queue("urgent", priority=1, limit=2)
        @local_deployer()
        @flow
        def alert() -> None: ...

        @work_queue(existing("urgent"))  # of a pool of somebody else, and theirs
    """

    @checked
    def __init__(
        self,
        name: str | Existing,
        *,
        priority: int | None = None,
        limit: int | None = None,
        description: str = "",
    ) -> None:
        """
        Describe the queue, or name one that is there.

        priority: 1 is first; None: the next one that is free.
        limit: runs at once, 0 stops them; None means no limit.

        Raises:
            ValueError: a value is not allowed.
        """
        short = name.name if isinstance(name, Existing) else name
        if not short.strip() or "/" in short:
            raise ValueError(f'work_queue("{short}"): a name has letters and no /')
        if priority is not None and priority < 1:
            raise ValueError(f"work_queue(priority={priority}): 1 is first")
        if limit is not None and limit < 0:
            raise ValueError(f"work_queue(limit={limit}): 0 or more")
        described = priority is not None or limit is not None or description
        if isinstance(name, Existing) and described:
            raise ValueError("work_queue(existing(...)): whoever made it described it")
        self._queue = (
            name.name
            if isinstance(name, Existing)
            else WorkQueue(
                name, priority=priority, concurrency_limit=limit, description=description
            )
        )

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Choose the queue; it becomes one of the pool that the deployment ends up in."""
        return replace(deployment, work_queue=self._queue)
