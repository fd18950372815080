"""
Builders of how runs go: whether there are any, how often they try again and how long they may take.

`retries` and `timeout` act in the worker, on the flow itself. Not to be confused with
`implementations.limits`, which is about runs at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from meta_prefect.implementations.checked import checked
from meta_prefect.implementations.checking import check_positive
from meta_prefect.interfaces.deployment import DeploymentSpec
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface

KEEPABLE: Final = frozenset(
    {
        "version",
        "description",
        "tags",
        "parameters",
        "job_variables",
        "pull_steps",
        "schedules",
        "entrypoint",
        "work_queue",
        "concurrency_limit",
    }
)


class paused(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Pause all schedules of a deployment, or say that they are not paused.

        @paused()
        @cron("0 2 * * *")
        @local_deployer()
        @flow
        def nightly() -> None: ...

        @paused(in_stacks=("dev", "test"))

    Without it, whoever pauses the deployment by hand stays in charge.
    """

    @checked
    def __init__(self, paused: bool = True, *, in_stacks: Sequence[str] = ()) -> None:
        """
        Choose.

        in_stacks: paused in these, and running in all others.

        Raises:
            TypeError: the stacks are one text.
        """
        self._paused = paused
        self._stacks = tuple(in_stacks)

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Pause it or not."""
        here = not self._stacks or deployment.stack in self._stacks
        return replace(deployment, paused=here if self._stacks else self._paused)


class retries(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Let a run that fails try again; inside of `deployment(...)`, in runs of that one only.

        @deployment("nightly", cron("0 2 * * *"), retries(3, delay=timedelta(minutes=5)))
        @local_deployer()
        @flow
        def load() -> None: ...
    """

    @checked
    def __init__(self, times: int, *, delay: timedelta | float = 0) -> None:
        """
        Choose how often.

        delay: between two tries, seconds or a `timedelta`.

        Raises:
            ValueError: a number is below 0.
        """
        self._delay_seconds = _to_seconds(delay)
        if times < 0:
            raise ValueError(f"retries({times}): 0 or more")
        if self._delay_seconds < 0:
            raise ValueError(f"retries(delay={delay}): 0 or more")
        self._times = times

    def prepare_flow(self, flow: Any) -> None:
        """Set the flow's own policy."""
        flow.retries = self._times
        flow.retry_delay_seconds = self._delay_seconds


class timeout(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    End a run that takes too long; inside of `deployment(...)`, in runs of that one only.

        @timeout(timedelta(hours=1))
        @local_deployer()
        @flow
        def load() -> None: ...
    """

    @checked
    def __init__(self, after: timedelta | float) -> None:
        """
        Choose how long a run may take, seconds or a `timedelta`.

        Raises:
            ValueError: it is not above 0.
        """
        self._seconds = _to_seconds(after)
        check_positive("timeout", after=self._seconds)

    def prepare_flow(self, flow: Any) -> None:
        """Set the flow's own limit."""
        flow.timeout_seconds = self._seconds


class keep(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Leave fields of a deployment as they are in Prefect, for those that are changed by hand there.

        @keep("tags", "description")
        @local_deployer()
        @flow
        def report() -> None: ...

    What the builders say counts when the deployment is made, not afterwards.
    """

    @checked
    def __init__(self, *names: str) -> None:
        """
        Choose the fields.

        Raises:
            ValueError: one cannot be kept.
        """
        for name in names:
            if name not in KEEPABLE:
                raise ValueError(f'keep("{name}"): one of {", ".join(sorted(KEEPABLE))}')
        self._names = names

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Add the fields to those that are kept."""
        return replace(deployment, kept=tuple(dict.fromkeys((*deployment.kept, *self._names))))


def _to_seconds(value: timedelta | float) -> float:
    return value.total_seconds() if isinstance(value, timedelta) else float(value)
