"""
What a builder's `declare` gets: the place in the program where its resources belong.

The escape hatch for raw Pulumi. `components.deployed_flow` implements it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from meta_prefect.interfaces.deployment import DeploymentSpec


class Declaring(Protocol):
    """
    A flow's part of the running program.

    project, stack: Pulumi's names.
    flow: the logical name of the flow; names of its resources start with `FLOW/`.
    deployment: the finished spec.
    """

    project: str
    stack: str
    flow: str
    deployment: DeploymentSpec

    def name(self, resource: str) -> str:
        """Give the logical name of one of the flow's resources."""
        ...

    def options(self, **options: Any) -> Any:
        """Give `pulumi.ResourceOptions` with the flow as parent; `options` are laid over them."""
        ...

    @property
    def resources(self) -> Mapping[object, Any]:
        """The component that stands for each requirement record of the flow."""
        ...
