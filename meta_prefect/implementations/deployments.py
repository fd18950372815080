"""
Builders out of builders: one named deployment of several, some stacks, and a team's own preset.

Not to be confused with `implementations.deployer`, whose builders are enough alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Hashable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from meta_prefect.implementations.checking import check_text
from meta_prefect.interfaces.declaring import Declaring
from meta_prefect.interfaces.deployment import DeploymentSpec
from meta_prefect.interfaces.flow_builder_interface import Composed, FlowBuilderInterface

DEPLOYMENT_VARIABLE: Final = "META_PREFECT_DEPLOYMENT"
STACK_VARIABLE: Final = "META_PREFECT_RUN_STACK"
_FORBIDDEN: Final = re.compile(r"[/%&<>:*]|^\s|\s$")
_TAKEN: Final = frozenset({"flow", "deployment"})  # names of what every flow has in the stack


class compose(Composed):  # noqa: N801 - used as a decorator
    """
    Make one builder out of several: the first applies first, the last one wins.

        team_flow = compose(local_deployer(), tags("team"), limit(1))(flow)
    """

    def __init__(self, *builders: FlowBuilderInterface) -> None:
        """
        Keep the builders.

        Raises:
            TypeError: one of them is no builder.
        """
        _check_builders("compose", builders)
        super().__init__(*builders)


class _Scope(FlowBuilderInterface):
    """Builders for some deployments or stacks; which, says `select_builders` of the class."""

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Let the builders change what is in the scope, and leave anything else as it is."""
        for builder in self.select_builders(deployment.deployment, deployment.stack):
            deployment = builder.update_deployment(deployment)
        return deployment

    def declare(self, declaring: Declaring) -> None:
        """Let the builders declare for what is in the scope."""
        for builder in self.select_builders(declaring.deployment.deployment, declaring.stack):
            builder.declare(declaring)


class deployment(_Scope):  # noqa: N801 - used as a decorator
    """
    Give a flow a deployment of its own name; builders outside of it apply to all deployments.

        @deployment("nightly", cron("0 2 * * *"), limit(1))
        @deployment("by-hand")
        @local_deployer()
        @flow
        def report(day: str = "today") -> None: ...

    `up report` brings both up, `up report/nightly` one of them. A flow without any `deployment` has
    the default one; otherwise that exists if `deployment("")` is among them. In Prefect the default
    one is called `STACK`, another one `NAME-STACK`.
    """

    def __init__(self, name: str = "", *builders: FlowBuilderInterface) -> None:
        """
        Scope builders to one deployment; several scopes of one name add up.

        name: of the deployment; empty: the default one.

        Raises:
            TypeError: the name is no text, or something that follows is no builder.
            ValueError: the name cannot be used, or a builder is for another deployment.
        """
        _check_name(name)
        _check_builders(f'deployment("{name}")', builders)
        self.name = name
        self._inner = Composed(*builders)
        others = set(self._inner.asked_deployments) - {name}
        if others:
            raise ValueError(
                f'deployment("{name}") holds a builder for deployment("{min(others)}"): '
                "put the one next to the other"
            )

    @property
    def requires(self) -> AbstractSet[Hashable]:
        """What the builders need."""
        return self._inner.requires

    @property
    def asked_deployments(self) -> tuple[str, ...]:
        """The one deployment."""
        return (self.name,)

    def select_builders(self, deployment: str, stack: str) -> tuple[FlowBuilderInterface, ...]:
        """Give the builders for the one deployment, none for another."""
        if deployment != self.name:
            return ()
        found = self._inner.select_builders(deployment, stack)
        return (*found, *_find_mark(DEPLOYMENT_VARIABLE, self.name, found))

    def prepare_flow(self, flow: Any) -> None:
        """Let the builders change the flow in runs of the one deployment."""
        if os.environ.get(DEPLOYMENT_VARIABLE, "") == self.name:
            self._inner.prepare_flow(flow)


class in_stacks(_Scope):  # noqa: N801 - used as a decorator
    """
    Let builders apply in some stacks and not in others.

        @in_stacks("prod", slack(existing("alerts")), tags("critical"), env(LOG_LEVEL="WARNING"))
        @in_stacks(("dev", "test"), paused())
        @local_deployer()
        @flow
        def report() -> None: ...
    """

    def __init__(self, stacks: str | Sequence[str], *builders: FlowBuilderInterface) -> None:
        """
        Scope builders to a stack, or to several.

        Raises:
            TypeError: the stacks are no texts, or something that follows is no builder.
            ValueError: there is no stack, or a builder asks for a deployment.
        """
        if not isinstance(stacks, Sequence):
            raise TypeError(f"in_stacks({stacks!r}): the name of a stack, or several names")
        self.stacks = (stacks,) if isinstance(stacks, str) else tuple(stacks)
        for stack in self.stacks:
            check_text("in_stacks", stack=stack)
        if not self.stacks:
            raise ValueError('in_stacks(()): at least one stack, such as "prod"')
        _check_builders(f"in_stacks({stacks!r})", builders)
        self._inner = Composed(*builders)
        for name in self._inner.asked_deployments:
            raise ValueError(
                f'in_stacks({stacks!r}) holds deployment("{name}"): a flow has the same '
                "deployments in all stacks, so put in_stacks inside of it"
            )

    def select_builders(self, deployment: str, stack: str) -> tuple[FlowBuilderInterface, ...]:
        """Give the builders for the stacks, none for another."""
        if stack not in self.stacks:
            return ()
        found = self._inner.select_builders(deployment, stack)
        return (*found, *_find_mark(STACK_VARIABLE, stack, found))

    def prepare_flow(self, flow: Any) -> None:
        """Let the builders change the flow in runs of the stacks."""
        if os.environ.get(STACK_VARIABLE, "") in self.stacks:
            self._inner.prepare_flow(flow)


class _Mark(FlowBuilderInterface):
    """Tells runs which deployment or stack they belong to, for the run halves of its builders."""

    def __init__(self, variable: str, value: str) -> None:
        self._variable = variable
        self._value = value

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        return deployment.with_env({self._variable: self._value})


def _find_mark(
    variable: str, value: str, inner: Sequence[FlowBuilderInterface]
) -> tuple[FlowBuilderInterface, ...]:
    """Give a mark where it is needed: for a scope that has a name and a builder with a run half."""
    without = FlowBuilderInterface.prepare_flow
    has_run_half = any(type(builder).prepare_flow is not without for builder in inner)
    return (_Mark(variable, value),) if value and has_run_half else ()


def _check_name(name: object) -> None:
    if not isinstance(name, str):
        raise TypeError(
            f"deployment({type(name).__name__}, ...): its name comes first, as in "
            'deployment("nightly", ...)'
        )
    if name in _TAKEN or _FORBIDDEN.search(name):
        raise ValueError(
            f'deployment("{name}"): a name holds none of / % & < > : *, no space at its ends, and '
            f"is not one of {', '.join(sorted(_TAKEN))}"
        )


def _check_builders(where: str, builders: tuple[object, ...]) -> None:
    for builder in builders:
        if isinstance(builder, type) and issubclass(builder, FlowBuilderInterface):
            raise TypeError(f"{where}: write {builder.__name__}(...), with brackets")
        if not isinstance(builder, FlowBuilderInterface):
            raise TypeError(f"{where} is made of builders, not of {type(builder).__name__}")
