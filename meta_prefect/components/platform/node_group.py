"""
Nodes of a cluster: a group of machines of Amazon that are alike.

◇ Size, labels and taints are changed in place. Kind of machine, disk and name replace the group:
the new one is up before the old one goes, as its name in AWS only begins with ours. Pods choose a
group by our label, which stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

import pulumi
import pulumi_aws as aws

from meta_prefect.components.naming import NODE_GROUP_PREFIX, ROLE
from meta_prefect.components.platform.account import managed_policy
from meta_prefect.components.platform.base import PlatformComponent, Tags, Transforms
from meta_prefect.components.platform.handles import ClusterHandle
from meta_prefect.components.platform.policies import EC2, render_policy, trust_service
from meta_prefect.components.platform.roles import make_role
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

NODE_GROUP_LABEL: Final = "meta-prefect.io/node-group"
_ROLE_POLICIES: Final = ("AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly")
_RESERVED_LABELS: Final = ("kubernetes.io/", "k8s.io/", "eks.amazonaws.com/")
_IMAGES: Final[Mapping[tuple[str, bool], str]] = {
    ("x86_64", False): "AL2023_x86_64_STANDARD",
    ("arm64", False): "AL2023_ARM_64_STANDARD",
    ("x86_64", True): "AL2023_x86_64_NVIDIA",
    ("arm64", True): "AL2023_ARM_64_NVIDIA",
}

Arch = Literal["x86_64", "arm64"]
Effect = Literal["NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"]


@dataclass(frozen=True, slots=True)
class Taint:
    """What keeps pods away from nodes, in the words of EKS."""

    key: str
    effect: Effect = "NO_SCHEDULE"
    value: str = ""


@dataclass(frozen=True, slots=True)
class NodeSize:
    """
    What the machines are and how many there may be.

    instance_types: several for spot, so that one of them can be had.
    min_size: below 1 only with an autoscaler in the cluster: pods that wait start no machine.
    desired_size: at the start; None: the least.
    spot: cheaper, and taken away when AWS wants to.
    gpu: NVIDIA's drivers, and a taint that keeps other pods away.
    disk_gib: of each machine.
    """

    instance_types: tuple[str, ...] = ("m6i.large",)
    min_size: int = 1
    max_size: int = 3
    desired_size: int | None = None
    spot: bool = False
    gpu: bool = False
    arch: Arch = "x86_64"
    disk_gib: int = 50


class NodeGroup(PlatformComponent):
    """
    Children: `role`, `role-policy-N`, `template`, `group`.

    ready: what must be there before pods find a node.
    """

    KIND: ClassVar[str] = "node-group"

    def __init__(
        self,
        name: str,
        *,
        cluster: ClusterHandle,
        size: NodeSize = NodeSize(),
        labels: Mapping[str, str] | None = None,
        taints: Sequence[Taint] = (),
        role_arn: pulumi.Input[str] | None = None,
        autoscaled: bool = False,
        tags: Tags | None = None,
        transforms: Transforms | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Make the group.

        role_arn: of the nodes' role; None: a role of its own.
        autoscaled: something in the cluster starts and stops nodes; their number is then its.

        Raises:
            MetaPrefectError: the cluster is not in EKS or has no network, or the sizes, labels or
                taints will not do; checked before anything is declared.
        """
        _check(name, cluster, size, labels or {}, autoscaled)
        super().__init__(name, tags=tags, transforms=transforms, opts=opts)
        attached: list[pulumi.Resource] = []
        if role_arn is None:
            role_arn, attached = self._build_role()
        template = self._build_template(size)
        assert cluster.network is not None  # `_check` refused
        self.group = self.make(
            "group",
            aws.eks.NodeGroup,
            after=[*attached, *cluster.before_nodes, *cluster.network.ready],
            cluster_name=cluster.name,
            node_group_name_prefix=f"{self.physical_name(NODE_GROUP_PREFIX)}-",
            node_role_arn=role_arn,
            subnet_ids=cluster.network.private_subnet_ids,
            instance_types=list(size.instance_types),
            ami_type=_IMAGES[size.arch, size.gpu],
            capacity_type="SPOT" if size.spot else "ON_DEMAND",
            scaling_config={
                "min_size": size.min_size,
                "max_size": size.max_size,
                "desired_size": _desired(size),
            },
            update_config={"max_unavailable": 1},
            launch_template={
                "id": template.id,
                "version": template.latest_version.apply(str),
            },
            labels={NODE_GROUP_LABEL: name, **(labels or {})},
            taints=[_render_taint(taint) for taint in (*taints, *_gpu_taints(size))] or None,
            tags=self.tags,
            opts=pulumi.ResourceOptions(
                ignore_changes=["scalingConfig.desiredSize"] if autoscaled else []
            ),
        )
        self.ready: tuple[pulumi.Resource, ...] = (self.group,)
        self.finish(nodeGroupName=self.group.node_group_name, arn=self.group.arn)

    def _build_role(self) -> tuple[pulumi.Output[str], list[pulumi.Resource]]:
        role = make_role(
            self, "role", self.physical_name(ROLE, "nodes"), render_policy(trust_service(EC2))
        )
        attached = [
            self.make(
                f"role-policy-{number}",
                aws.iam.RolePolicyAttachment,
                role=role.name,
                policy_arn=managed_policy(self, policy),
            )
            for number, policy in enumerate(_ROLE_POLICIES)
        ]
        return role.arn, attached

    def _build_template(self, size: NodeSize) -> aws.ec2.LaunchTemplate:
        return self.make(
            "template",
            aws.ec2.LaunchTemplate,
            name_prefix=f"{self.physical_name(NODE_GROUP_PREFIX)}-",
            update_default_version=True,
            block_device_mappings=[
                {
                    "device_name": "/dev/xvda",
                    "ebs": {
                        "volume_size": size.disk_gib,
                        "volume_type": "gp3",
                        "encrypted": "true",
                        "delete_on_termination": "true",
                    },
                }
            ],
            # One hop: pods are one further away, and do not get at the node's own identity.
            metadata_options={
                "http_endpoint": "enabled",
                "http_tokens": "required",
                "http_put_response_hop_limit": 1,
            },
            tag_specifications=[
                {"resource_type": kind, "tags": self.named_tags()}
                for kind in ("instance", "volume")
            ],
            tags=self.tags,
        )


def _desired(size: NodeSize) -> int:
    return size.min_size if size.desired_size is None else size.desired_size


def _gpu_taints(size: NodeSize) -> tuple[Taint, ...]:
    return (Taint("nvidia.com/gpu", value="present"),) if size.gpu else ()


def _render_taint(taint: Taint) -> dict[str, Any]:
    rendered = {"key": taint.key, "effect": taint.effect}
    return {**rendered, "value": taint.value} if taint.value else rendered


def _check(
    name: str, cluster: ClusterHandle, size: NodeSize, labels: Mapping[str, str], autoscaled: bool
) -> None:
    if cluster.name is None or cluster.network is None:
        raise _refuse(name, "its cluster is not in EKS, or nothing says in which network it is")
    if not 0 <= size.min_size <= _desired(size) <= size.max_size or size.max_size < 1:
        raise _refuse(name, f"{size}: 0 <= min_size <= desired_size <= max_size")
    if size.min_size == 0 and not autoscaled:
        raise _refuse(name, "min_size=0: without an autoscaler no pod ever starts a machine")
    reserved = [key for key in labels if key.startswith(_RESERVED_LABELS)]
    if reserved:
        raise _refuse(name, f"the label {reserved[0]} is one of Kubernetes' own")


def _refuse(name: str, why: str) -> MetaPrefectError:
    fixes = (f'NodeGroup("{name}", size=NodeSize(min_size=1, max_size=3), ...)',)
    return MetaPrefectError(
        "MP2120",
        f"node group {name} cannot be made like this",
        why=why,
        fixes=fixes,
        exit_code=ExitCode.USAGE,
    )
