"""
Addons of a cluster that can only start once there are nodes.

Those that nodes need themselves are in `eks_cluster`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import pulumi
import pulumi_aws as aws

from meta_prefect.components.platform.base import PlatformComponent, Tags, Transforms
from meta_prefect.components.platform.handles import ClusterHandle


class ClusterAddons(PlatformComponent):
    """Children: `addon-NAME`."""

    KIND: ClassVar[str] = "cluster-addons"

    def __init__(
        self,
        name: str,
        *,
        cluster: ClusterHandle,
        nodes: Sequence[pulumi.Resource],
        addons: Sequence[str] = ("coredns", "metrics-server"),
        tags: Tags | None = None,
        transforms: Transforms | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Install the addons; AWS waits until their pods run.

        nodes: the first node group at least.
        """
        super().__init__(name, tags=tags, transforms=transforms, opts=opts)
        self.addons = tuple(make_addon(self, addon, cluster.name, nodes) for addon in addons)
        self.finish()


def make_addon(
    component: PlatformComponent,
    addon: str,
    cluster_name: pulumi.Input[str] | None,
    after: Sequence[pulumi.Resource],
    **inputs: Any,
) -> pulumi.Resource:
    """Declare an addon; what somebody changed by hand in a cluster is left as it is."""
    made: pulumi.Resource = component.make(
        f"addon-{addon}",
        aws.eks.Addon,
        after=after,
        addon_name=addon,
        cluster_name=cluster_name,
        resolve_conflicts_on_create="OVERWRITE",
        resolve_conflicts_on_update="PRESERVE",
        tags=component.tags,
        **inputs,
    )
    return made
