"""
Builders out of builders: one named deployment of several, and a team's own preset.

Not to be confused with `implementations.deployer`, whose builders are enough alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Hashable
from collections.abc import Set as AbstractSet
from typing import Any, Final

from meta_prefect.interfaces.declaring import Declaring
from meta_prefect.interfaces.deployment import DeploymentSpec
from meta_prefect.interfaces.flow_builder_interface import Composed, FlowBuilderInterface

DEPLOYMENT_VARIABLE: Final = "META_PREFECT_DEPLOYMENT"
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


class deployment(FlowBuilderInterface):  # noqa: N801 - used as a decorator
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

    def select_builders(self, deployment: str) -> tuple[FlowBuilderInterface, ...]:
        """Give the builders for the one deployment, none for another."""
        if deployment != self.name:
            return ()
        return (*self._inner.select_builders(deployment), *_find_mark(self.name, self._inner))

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Let the builders change the one deployment, and leave another as it is."""
        for builder in self.select_builders(deployment.deployment):
            deployment = builder.update_deployment(deployment)
        return deployment

    def declare(self, declaring: Declaring) -> None:
        """Let the builders declare for the one deployment."""
        for builder in self.select_builders(declaring.deployment.deployment):
            builder.declare(declaring)

    def prepare_flow(self, flow: Any) -> None:
        """Let the builders change the flow in runs of the one deployment."""
        if os.environ.get(DEPLOYMENT_VARIABLE, "") == self.name:
            self._inner.prepare_flow(flow)


class _Mark(FlowBuilderInterface):
    """Tells runs which deployment they belong to, for the run halves of its builders."""

    def __init__(self, name: str) -> None:
        self._name = name

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        return deployment.with_env({DEPLOYMENT_VARIABLE: self._name})


def _find_mark(name: str, inner: Composed) -> tuple[FlowBuilderInterface, ...]:
    """Give a mark where it is needed: for a named deployment with a builder that has a run half."""
    without = FlowBuilderInterface.prepare_flow
    has_run_half = any(
        type(builder).prepare_flow is not without for builder in inner.select_builders(name)
    )
    return (_Mark(name),) if name and has_run_half else ()


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
