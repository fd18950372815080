"""
A Kubernetes cluster of Amazon, or one that is there.

◇ Version, logs, endpoints and access are changed in place; name, role and encryption replace the
cluster. Nobody writes `aws-auth`: access is by entries. What needs nodes to start is in `addons`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar, Final

import pulumi
import pulumi_aws as aws

from meta_prefect.components.naming import CLUSTER, ROLE
from meta_prefect.components.platform.account import managed_policy, read_partition, read_region
from meta_prefect.components.platform.addons import make_addon
from meta_prefect.components.platform.base import PlatformComponent, Tags, Transforms
from meta_prefect.components.platform.handles import ClusterHandle, IdentityMode, NetworkHandle
from meta_prefect.components.platform.kept import make_kept
from meta_prefect.components.platform.kubeconfig import build_kubeconfig, build_provider
from meta_prefect.components.platform.policies import (
    EKS,
    render_policy,
    trust_addon,
    trust_service,
)
from meta_prefect.components.platform.roles import make_role

_VERSION: Final = re.compile(r"1\.\d{2}")
_EVERYWHERE: Final = ("0.0.0.0/0",)
_LOG_DAYS: Final = 30
_ADMIN_POLICY: Final = "arn:{0}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
_AGENT: Final = "eks-pod-identity-agent"
_CNI: Final = "vpc-cni"
_FIXED_AFTER_CREATION: Final = (
    "bootstrapSelfManagedAddons",
    "accessConfig.bootstrapClusterCreatorAdminPermissions",
)


class EksCluster(PlatformComponent):
    """
    Children: `role`, `role-policy`, `logs`, `cluster`, `access-N`, `access-N-policy`, `k8s`,
    `cni-role`, `cni-role-policy`, `addon-eks-pod-identity-agent`, `addon-kube-proxy`,
    `addon-vpc-cni`; with IRSA `oidc`.

    handle: for nodes, and for what runs inside.
    kubeconfig: for programs outside of it.
    """

    KIND: ClassVar[str] = "cluster"

    def __init__(
        self,
        name: str,
        *,
        network: NetworkHandle,
        version: str,
        admins: Sequence[str] = (),
        public_cidrs: Sequence[str] = _EVERYWHERE,
        public_endpoint: bool = True,
        private_endpoint: bool = True,
        log_types: Sequence[str] = ("audit", "authenticator"),
        secrets_key_arn: str = "",
        support: str = "STANDARD",
        deletion_protection: bool = False,
        identity: IdentityMode = "pod-identity",
        tags: Tags | None = None,
        transforms: Transforms | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Make the cluster.

        version: of Kubernetes, `1.NN`; one more at a time, never back.
        admins: ARNs of roles and users, beside the one who makes it.
        public_cidrs: from where its API is reached.
        secrets_key_arn: of a key that encrypts the cluster's secrets once more.
        support: `STANDARD`, or `EXTENDED` for a fee.
        identity: how pods get roles of AWS.

        Raises:
            ValueError: the version is none, or the network has one private subnet.
        """
        _check(version, network)
        super().__init__(name, tags=tags, transforms=transforms, opts=opts)
        if public_endpoint and tuple(public_cidrs) == _EVERYWHERE:
            pulumi.log.warn(
                f"the API of cluster {name} is reached from everywhere: public_cidrs=(...)", self
            )
        self._vpc_config = {
            "subnet_ids": network.private_subnet_ids,
            "endpoint_public_access": public_endpoint,
            "endpoint_private_access": private_endpoint,
            "public_access_cidrs": list(public_cidrs) if public_endpoint else None,
        }
        self._cluster = self._build_cluster(
            network.ready,
            version=version,
            enabled_cluster_log_types=list(log_types),
            upgrade_policy={"support_type": support},
            deletion_protection=deletion_protection,
            encryption_config={
                "provider": {"key_arn": secrets_key_arn},
                "resources": ["secrets"],
            }
            if secrets_key_arn
            else None,
        )
        access = self._build_access(admins)
        self.kubeconfig = self._build_kubeconfig()
        provider = build_provider(
            self.make, self.kubeconfig, identifier=self._cluster.arn, after=access
        )
        oidc = self._build_oidc() if identity == "irsa" else None
        self.handle = ClusterHandle(
            provider,
            self._cluster.name,
            self._cluster.arn,
            self._cluster.vpc_config.cluster_security_group_id,
            network,
            self._cluster.identities[0].oidcs[0].issuer,
            None if oidc is None else oidc.arn,
            identity,
            tuple(self._build_addons()),
            (self._cluster, *access),
        )
        self.finish(
            clusterName=self._cluster.name,
            arn=self._cluster.arn,
            endpoint=self._cluster.endpoint,
            kubeconfig=self.kubeconfig,
        )

    def _build_cluster(self, after: Sequence[pulumi.Resource], **inputs: Any) -> aws.eks.Cluster:
        role = make_role(
            self, "role", self.physical_name(ROLE, "cluster"), render_policy(trust_service(EKS))
        )
        attached = self.make(
            "role-policy",
            aws.iam.RolePolicyAttachment,
            role=role.name,
            policy_arn=managed_policy(self, "AmazonEKSClusterPolicy"),
        )
        name = self.physical_name(CLUSTER)
        logs = make_kept(
            self,
            "logs",
            aws.cloudwatch.LogGroup,
            name=f"/aws/eks/{name}/cluster",
            retention_in_days=_LOG_DAYS,
        )
        return self.make(
            "cluster",
            aws.eks.Cluster,
            after=[attached, logs, *after],  # AWS makes the log group itself, if it is not there
            name=name,
            role_arn=role.arn,
            vpc_config=self._vpc_config,
            access_config={
                "authentication_mode": "API",
                "bootstrap_cluster_creator_admin_permissions": True,
            },
            bootstrap_self_managed_addons=False,
            tags=self.tags,
            opts=pulumi.ResourceOptions(ignore_changes=list(_FIXED_AFTER_CREATION)),
            **inputs,
        )

    def _build_access(self, admins: Sequence[str]) -> list[pulumi.Resource]:
        return [
            resource
            for number, arn in enumerate(admins)
            for resource in self._build_entry(f"access-{number}", arn)
        ]

    def _build_entry(self, child: str, arn: str) -> tuple[pulumi.Resource, pulumi.Resource]:
        entry = self.make(
            child,
            aws.eks.AccessEntry,
            cluster_name=self._cluster.name,
            principal_arn=arn,
            tags=self.tags,
        )
        policy = self.make(
            f"{child}-policy",
            aws.eks.AccessPolicyAssociation,
            after=[entry],
            cluster_name=self._cluster.name,
            principal_arn=arn,
            policy_arn=pulumi.Output.format(_ADMIN_POLICY, read_partition(self)),
            access_scope={"type": "cluster"},
        )
        return entry, policy

    def _build_kubeconfig(self) -> pulumi.Output[str]:
        ca = self._cluster.certificate_authority.data
        text = build_kubeconfig(self._cluster.name, self._cluster.endpoint, ca, read_region(self))
        secret: pulumi.Output[str] = pulumi.Output.secret(text)
        return secret

    def _build_oidc(self) -> aws.iam.OpenIdConnectProvider:
        return self.make(
            "oidc",
            aws.iam.OpenIdConnectProvider,
            url=self._cluster.identities[0].oidcs[0].issuer,
            client_id_lists=["sts.amazonaws.com"],
            tags=self.tags,
        )

    def _build_addons(self) -> list[pulumi.Resource]:
        """Add what nodes need when they start."""
        name = self._cluster.name
        agent = make_addon(self, _AGENT, name, [self._cluster])
        proxy = make_addon(self, "kube-proxy", name, [self._cluster])
        role, attached = self._build_cni_role()
        network = make_addon(
            self,
            _CNI,
            name,
            [agent, attached],
            pod_identity_associations=[{"role_arn": role.arn, "service_account": "aws-node"}],
        )
        return [agent, proxy, network]

    def _build_cni_role(self) -> tuple[aws.iam.Role, pulumi.Resource]:
        role = make_role(
            self,
            "cni-role",
            self.physical_name(ROLE, "cni"),
            self._cluster.arn.apply(lambda arn: render_policy(trust_addon(arn))),
        )
        attached = self.make(
            "cni-role-policy",
            aws.iam.RolePolicyAttachment,
            role=role.name,
            policy_arn=managed_policy(self, "AmazonEKS_CNI_Policy"),
        )
        return role, attached


def _check(version: str, network: NetworkHandle) -> None:
    if not _VERSION.fullmatch(version):
        raise ValueError(f'version="{version}": a version of Kubernetes, such as "1.35"')
    if len(network.private_subnet_ids) < 2:  # noqa: PLR2004 - AWS wants two zones
        raise ValueError("a cluster needs private subnets in two zones")
