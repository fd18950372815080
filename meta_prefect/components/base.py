"""
What all components share: their surroundings and their place in the graph.

Not to be confused with `provider.sdk.resource`, the base of single resources.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import pulumi

from meta_prefect.components.access import PrefectAccess


@dataclass(frozen=True, slots=True)
class Surroundings:
    """
    Where components are declared.

    project, stack: Pulumi's names; part of names in the world.
    root: absolute folder of the project.
    prefect: the Prefect that everything lives in.
    access: how workers in other places reach it.
    """

    project: str
    stack: str
    root: str
    prefect: pulumi.ProviderResource
    access: PrefectAccess = field(default_factory=PrefectAccess)


class Component(pulumi.ComponentResource):
    """A component of ours; a subclass names its Pulumi type in `TYPE`."""

    TYPE: ClassVar[str]

    def __init__(
        self, name: str, surroundings: Surroundings, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Register the component; its children get Prefect from `surroundings`."""
        self.surroundings = surroundings
        defaults = pulumi.ResourceOptions(providers=[surroundings.prefect])
        super().__init__(self.TYPE, name, None, pulumi.ResourceOptions.merge(defaults, opts))

    def child(self) -> pulumi.ResourceOptions:
        """Give the options that make a resource a child of this component."""
        return pulumi.ResourceOptions(parent=self)
