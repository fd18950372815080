"""
Blueprints: the builders of one flow, in the order in which they apply.

A blueprint lives on the `Flow` object itself, so calling the flow stays plain Python. It is made by
applying builders (`interfaces.flow_builder_interface`) and read by `project.loading`.
"""

from __future__ import annotations

from collections.abc import Hashable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from meta_prefect.interfaces.declaring import Declaring
from meta_prefect.interfaces.deployment import DeploymentSpec

_ATTRIBUTE: Final = "__meta_prefect_blueprint__"
DEFAULT_DEPLOYMENT: Final = ""


class Builder(Protocol):
    """What a blueprint asks of a builder; authors subclass `FlowBuilderInterface`."""

    @property
    def requires(self) -> AbstractSet[Hashable]: ...

    @property
    def asked_deployments(self) -> tuple[str, ...]: ...

    def select_builders(self, deployment: str, stack: str) -> tuple[Builder, ...]: ...

    def prepare_flow(self, flow: Any) -> None: ...

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec: ...

    def declare(self, declaring: Declaring) -> None: ...


@dataclass(frozen=True, slots=True)
class AppliedBuilder:
    """
    A builder and the line that applied it.

    file: absolute path; empty when the builder was applied in no file (a console).
    """

    builder: Builder
    file: str = ""
    line: int = 0

    @property
    def name(self) -> str:
        """The builder as users write it."""
        return type(self.builder).__name__


@dataclass(frozen=True, slots=True)
class Blueprint:
    """
    Builders from the innermost, which applies first, to the outermost, which wins.

    Pickled it is empty: Prefect sends a flow along with its tasks, and nobody deploys from there.
    """

    builders: tuple[AppliedBuilder, ...] = ()

    def __reduce__(self) -> tuple[type[Blueprint], tuple[()]]:
        """Stay where it was made: builders may hold what cannot travel."""
        return Blueprint, ()

    @property
    def requires(self) -> frozenset[Hashable]:
        """Everything that the builders need, equal needs once."""
        return frozenset(need for applied in self.builders for need in applied.builder.requires)

    @property
    def deployments(self) -> tuple[str, ...]:
        """What the flow's deployments are called; the default one alone when none is asked for."""
        asked = (name for item in self.builders for name in item.builder.asked_deployments)
        return tuple(dict.fromkeys(asked)) or (DEFAULT_DEPLOYMENT,)

    def select(self, deployment: str, stack: str) -> Blueprint:
        """Give the builders for one deployment in a stack, taken out of their scopes."""
        return Blueprint(
            tuple(
                replace(applied, builder=builder)
                for applied in self.builders
                for builder in applied.builder.select_builders(deployment, stack)
            )
        )

    def build_deployment(self, base: DeploymentSpec) -> DeploymentSpec:
        """Let each builder change the spec in turn."""
        spec = base
        for applied in self.builders:
            spec = applied.builder.update_deployment(spec)
        return spec


def attach(flow: Any, applied: AppliedBuilder) -> None:
    """
    Add a builder to a flow, as its new outermost one, and let its run half act.

    A flow's result storage may be a builder too, which is then the innermost one. `flow` is a
    Prefect `Flow`.
    """
    found = find_blueprint(flow) or _start(flow)
    setattr(flow, _ATTRIBUTE, Blueprint((*found.builders, applied)))
    applied.builder.prepare_flow(flow)


def find_blueprint(flow: Any) -> Blueprint | None:
    """Give a flow's blueprint; None when no builder was applied. `flow` may be anything."""
    return getattr(flow, _ATTRIBUTE, None)


def _start(flow: Any) -> Blueprint:
    storage: Any = getattr(flow, "result_storage", None)
    if not hasattr(storage, "select_builders"):
        return Blueprint()
    storage.prepare_flow(flow)
    return Blueprint((AppliedBuilder(storage),))
