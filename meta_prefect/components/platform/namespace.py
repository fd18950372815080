"""
A namespace of a cluster: of the stack's own, or one that is there.

Deleting a namespace deletes what others put there, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pulumi
import pulumi_kubernetes as kubernetes

from meta_prefect.components.naming import OBJECT, build_name
from meta_prefect.components.platform.base import PlatformComponent, Tags, Transforms
from meta_prefect.components.platform.handles import ClusterHandle, NamespaceHandle


@dataclass(frozen=True, slots=True)
class Quota:
    """What all pods of a namespace may ask for together: vCPU, GiB, and their number."""

    cpu: float
    memory: float
    pods: int


class Namespace(PlatformComponent):
    """
    Children: `namespace`, `quota`, `policy`.

    handle: for what runs inside.
    """

    KIND: ClassVar[str] = "namespace"

    def __init__(
        self,
        name: str,
        *,
        cluster: ClusterHandle,
        quota: Quota | None = None,
        default_deny: bool = False,
        tags: Tags | None = None,
        transforms: Transforms | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Make the namespace, `PROJECT-STACK-NAME`.

        default_deny: its pods are reached by nobody, unless another policy lets them in.
        tags: become labels.
        """
        super().__init__(name, tags=tags, transforms=transforms, opts=opts)
        inside = pulumi.ResourceOptions(provider=cluster.provider)
        namespace = self.make(
            "namespace",
            kubernetes.core.v1.Namespace,
            after=cluster.ready,
            metadata={
                "name": build_name(OBJECT, pulumi.get_project(), pulumi.get_stack(), name),
                "labels": {"app.kubernetes.io/managed-by": "meta-prefect", **self.tags},
            },
            opts=inside,
        )
        place = {"namespace": namespace.metadata.name}
        if quota is not None:
            self.make(
                "quota",
                kubernetes.core.v1.ResourceQuota,
                metadata={**place, "name": "quota"},
                spec={
                    "hard": {
                        "requests.cpu": f"{round(quota.cpu * 1000)}m",
                        "requests.memory": f"{round(quota.memory * 1024)}Mi",
                        "pods": str(quota.pods),
                    }
                },
                opts=inside,
            )
        if default_deny:
            self.make(
                "policy",
                kubernetes.networking.v1.NetworkPolicy,
                metadata={**place, "name": "default-deny"},
                spec={"pod_selector": {}, "policy_types": ["Ingress"]},
                opts=inside,
            )
        self.handle = NamespaceHandle(namespace.metadata.name, cluster, (namespace,))
        self.finish(namespace=namespace.metadata.name)


class ExistingNamespace:
    """
    A namespace of somebody else: nothing is declared, nothing changed.

    handle: for what runs inside.
    """

    def __init__(self, name: str, cluster: ClusterHandle) -> None:
        """Name the namespace as the cluster does."""
        self.handle = NamespaceHandle(name, cluster, cluster.ready)
