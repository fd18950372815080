"""
The cluster autoscaler: starts a machine for a pod that waits, and stops one that nobody needs.

With it a node group may have no machines at all while nothing runs. It finds the groups of its
cluster by the tags that EKS puts on them. ◇ How long a machine takes to come is AWS's affair.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

import pulumi
import pulumi_kubernetes as kubernetes

from meta_prefect.components.naming import OBJECT, build_name
from meta_prefect.components.platform.account import read_account, read_partition, read_region
from meta_prefect.components.platform.base import PlatformComponent, Tags, Transforms
from meta_prefect.components.platform.handles import ClusterHandle, NamespaceHandle
from meta_prefect.components.platform.pod_identity import PodIdentity
from meta_prefect.components.platform.pods import (
    SECURE,
    build_deployment_spec,
    build_env,
    build_http_probe,
    build_labels,
    build_resources,
    build_security,
)
from meta_prefect.components.platform.policies import allow_scaling, render_policy
from meta_prefect.components.platform.rbac import (
    AUTOSCALER,
    AUTOSCALER_EVERYWHERE,
    render_rules,
)

_NAMESPACE: Final = "kube-system"
_UID: Final = 65534
_PORT: Final = 8085
_GROUP: Final = "rbac.authorization.k8s.io"


class ClusterAutoscaler(PlatformComponent):
    """Children: `identity` with its own, `cluster-role`, `cluster-binding`, `deployment`."""

    KIND: ClassVar[str] = "cluster-autoscaler"

    def __init__(
        self,
        name: str,
        *,
        cluster: ClusterHandle,
        version: str,
        after: Sequence[pulumi.Resource] = (),
        tags: Tags | None = None,
        transforms: Transforms | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Start it.

        version: of the cluster's Kubernetes, which its own has to fit.
        after: what must be there first: nodes on which it runs.
        tags: become labels.
        """
        super().__init__(name, tags=tags, transforms=transforms, opts=opts)
        self._inside = pulumi.ResourceOptions(provider=cluster.provider)
        self._object_name = build_name(OBJECT, name, "autoscaler")
        identity = PodIdentity(
            "identity",
            owner=self.logical_name,
            namespace=NamespaceHandle(_NAMESPACE, cluster, cluster.ready),
            service_account=self._object_name,
            policies={"scaling": self._build_policy(cluster)},
            rules=AUTOSCALER,
            opts=pulumi.ResourceOptions(parent=self),
        )
        binding = self._bind(cluster)
        labels = build_labels("cluster-autoscaler", self._object_name)
        pod = {
            "service_account_name": self._object_name,
            "security_context": build_security(_UID),
            "containers": [self._build_container(cluster, version)],
        }
        self.make(
            "deployment",
            kubernetes.apps.v1.Deployment,
            after=[binding, *identity.ready, *after],
            metadata={
                "name": self._object_name,
                "namespace": _NAMESPACE,
                "labels": {**self.tags, **labels},
            },
            spec=build_deployment_spec(labels, pod),
            opts=self._inside,
        )
        self.finish(deployment=self._object_name)

    def _build_policy(self, cluster: ClusterHandle) -> pulumi.Output[str]:
        return pulumi.Output.all(
            cluster=cluster.name,
            partition=read_partition(self),
            region=read_region(self),
            account=read_account(self),
        ).apply(lambda found: render_policy(allow_scaling(**found)))

    def _bind(self, cluster: ClusterHandle) -> pulumi.Resource:
        name = {"name": self._object_name}
        role = self.make(
            "cluster-role",
            kubernetes.rbac.v1.ClusterRole,
            after=cluster.ready,
            metadata=name,
            rules=render_rules(AUTOSCALER_EVERYWHERE),
            opts=self._inside,
        )
        binding: pulumi.Resource = self.make(
            "cluster-binding",
            kubernetes.rbac.v1.ClusterRoleBinding,
            after=[role],
            metadata=name,
            role_ref={"api_group": _GROUP, "kind": "ClusterRole", **name},
            subjects=[{"kind": "ServiceAccount", "namespace": _NAMESPACE, **name}],
            opts=self._inside,
        )
        return binding

    def _build_container(self, cluster: ClusterHandle, version: str) -> dict[str, Any]:
        enabled = "k8s.io/cluster-autoscaler/enabled,k8s.io/cluster-autoscaler/"
        groups = pulumi.Output.concat(
            "--node-group-auto-discovery=asg:tag=", enabled, cluster.name or ""
        )
        return {
            "name": "autoscaler",
            "image": f"registry.k8s.io/autoscaling/cluster-autoscaler:v{version}.0",
            "command": [
                "./cluster-autoscaler",
                "--cloud-provider=aws",
                groups,
                "--balance-similar-node-groups",
                "--skip-nodes-with-system-pods=false",
                "--expander=least-waste",
            ],
            "env": build_env({"AWS_REGION": read_region(self)}),
            "liveness_probe": build_http_probe(
                "/health-check", _PORT, initial_delay_seconds=30, period_seconds=30
            ),
            "resources": build_resources(0.1, 0.5),
            "security_context": SECURE,
        }
