"""
Blueprints: the builders of one flow, in the order in which they apply.

A blueprint lives on the `Flow` object itself, so calling the flow stays plain Python. It is made by
applying builders (`interfaces.flow_builder_interface`) and read by `project.loading`.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from meta_prefect.interfaces.deployment import DeploymentSpec

if TYPE_CHECKING:
    from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface

_ATTRIBUTE: Final = "__meta_prefect_blueprint__"


@dataclass(frozen=True, slots=True)
class AppliedBuilder:
    """
    A builder and the line that applied it.

    file: absolute path; empty when the builder was applied in no file (a console).
    """

    builder: FlowBuilderInterface
    file: str = ""
    line: int = 0

    @property
    def name(self) -> str:
        """The builder as users write it."""
        return type(self.builder).__name__


@dataclass(frozen=True, slots=True)
class Blueprint:
    """Builders from the innermost, which applies first, to the outermost, which wins."""

    builders: tuple[AppliedBuilder, ...] = ()

    @property
    def requires(self) -> frozenset[Hashable]:
        """Everything that the builders need, equal needs once."""
        return frozenset(need for applied in self.builders for need in applied.builder.requires)

    def build_deployment(self, base: DeploymentSpec) -> DeploymentSpec:
        """Let each builder change the spec in turn."""
        spec = base
        for applied in self.builders:
            spec = applied.builder.update_deployment(spec)
        return spec


def attach(flow: Any, applied: AppliedBuilder) -> None:
    """Add a builder to a flow, as its new outermost one. `flow` is a Prefect `Flow`."""
    found = find_blueprint(flow) or Blueprint()
    setattr(flow, _ATTRIBUTE, Blueprint((*found.builders, applied)))


def find_blueprint(flow: Any) -> Blueprint | None:
    """Give a flow's blueprint; None when no builder was applied. `flow` may be anything."""
    return getattr(flow, _ATTRIBUTE, None)
