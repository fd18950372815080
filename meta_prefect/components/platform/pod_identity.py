"""
A service account of a cluster with a role of AWS: what pods of a flow or a worker may do there.

◇ Pods that run keep the credentials that they have. By EKS Pod Identity, or by OpenID Connect
(IRSA), which Fargate and older clusters need.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from meta_prefect.components.naming import OBJECT, build_name
from meta_prefect.components.platform.account import read_account, read_partition
from meta_prefect.components.platform.base import PlatformComponent, Tags, Transforms
from meta_prefect.components.platform.handles import NamespaceHandle
from meta_prefect.components.platform.policies import (
    render_policy,
    trust_pods,
    trust_web_identity,
)
from meta_prefect.components.platform.rbac import Rule, render_rules
from meta_prefect.components.platform.roles import make_identity_role
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

_ROLE_ANNOTATION = "eks.amazonaws.com/role-arn"


class PodIdentity(PlatformComponent):
    """
    Children: `account`; with policies `role`, `policy-NEED`, `association`; with rules `rules`,
    `binding`.

    service_account: its name in the namespace.
    ready: what must be there before a pod starts, or it starts without credentials and stays so.
    """

    KIND: ClassVar[str] = "identity"

    def __init__(
        self,
        name: str,
        *,
        namespace: NamespaceHandle,
        service_account: str = "",
        policies: Mapping[str, pulumi.Input[str]] | None = None,
        rules: Sequence[Rule] = (),
        owner: str = "",
        tags: Tags | None = None,
        transforms: Transforms | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Make the account, and its role.

        service_account: empty: made of the logical name.
        policies: by need, as JSON; none: the account has no role.
        rules: what it may do inside the namespace.

        Raises:
            MetaPrefectError: there are policies, and the cluster knows no roles of AWS.
        """
        self._cluster = namespace.cluster
        if policies and self._cluster.identity is None:
            raise _no_roles(name)
        super().__init__(name, owner=owner, tags=tags, transforms=transforms, opts=opts)
        self.service_account = service_account or build_name(OBJECT, *self.logical_name.split("/"))
        self._namespace = namespace
        role, self._policies = (
            make_identity_role(self, self._build_trust(), policies) if policies else (None, [])
        )
        account = self._build_account(role)
        allowed = self._allow(rules) if rules else []
        self.ready: tuple[pulumi.Resource, ...] = (account, *self._bind(role), *allowed)
        self.role_arn: pulumi.Output[str] | None = None if role is None else role.arn
        self.finish(serviceAccount=self.service_account, roleArn=self.role_arn)

    def _build_trust(self) -> pulumi.Output[str]:
        if self._cluster.identity == "pod-identity":
            values: dict[str, Any] = {
                "cluster_arn": self._cluster.arn,
                "account": read_account(self),
            }
            trust: Any = trust_pods
        else:
            values = {
                "provider_arn": self._cluster.oidc_provider_arn or self._build_provider_arn(),
                "issuer": self._cluster.oidc_issuer,
            }
            trust = trust_web_identity
        whole = {
            **values,
            "namespace": self._namespace.name,
            "service_account": self.service_account,
        }
        return pulumi.Output.all(**whole).apply(lambda found: render_policy(trust(**found)))

    def _build_provider_arn(self) -> pulumi.Output[str]:
        """Say which provider an existing cluster has: its ARN is made of the issuer."""
        host = pulumi.Output.from_input(self._cluster.oidc_issuer).apply(
            lambda issuer: str(issuer).removeprefix("https://")
        )
        return pulumi.Output.format(
            "arn:{0}:iam::{1}:oidc-provider/{2}", read_partition(self), read_account(self), host
        )

    def _build_account(self, role: aws.iam.Role | None) -> kubernetes.core.v1.ServiceAccount:
        annotations = (
            {_ROLE_ANNOTATION: role.arn}
            if role is not None and self._cluster.identity == "irsa"
            else {}
        )
        return self.make(
            "account",
            kubernetes.core.v1.ServiceAccount,
            after=self._namespace.ready,
            metadata={
                "name": self.service_account,
                "namespace": self._namespace.name,
                "annotations": annotations or None,
            },
            opts=pulumi.ResourceOptions(provider=self._cluster.provider),
        )

    def _allow(self, rules: Sequence[Rule]) -> list[pulumi.Resource]:
        inside = pulumi.ResourceOptions(provider=self._cluster.provider)
        metadata = {"name": self.service_account, "namespace": self._namespace.name}
        role = self.make(
            "rules",
            kubernetes.rbac.v1.Role,
            after=self._namespace.ready,
            metadata=metadata,
            rules=render_rules(rules),
            opts=inside,
        )
        binding = self.make(
            "binding",
            kubernetes.rbac.v1.RoleBinding,
            after=[role],
            metadata=metadata,
            role_ref={
                "api_group": "rbac.authorization.k8s.io",
                "kind": "Role",
                "name": self.service_account,
            },
            subjects=[{"kind": "ServiceAccount", **metadata}],
            opts=inside,
        )
        return [binding]

    def _bind(self, role: aws.iam.Role | None) -> list[pulumi.Resource]:
        """Tie role and account together; with IRSA the account's annotation does."""
        if role is None:
            return []
        if self._cluster.identity == "irsa":
            return [*self._policies]
        association = self.make(
            "association",
            aws.eks.PodIdentityAssociation,
            after=self._policies,
            cluster_name=self._cluster.name_with_agent,
            namespace=self._namespace.name,
            service_account=self.service_account,
            role_arn=role.arn,
            tags=self.tags,
        )
        return [association]


def _no_roles(name: str) -> MetaPrefectError:
    return MetaPrefectError(
        "MP2121",
        f"{name} needs permissions in AWS, and its cluster gives pods no roles",
        why="the cluster is known by a kubeconfig only, so it may be anywhere",
        fixes=(
            'existing cluster in EKS: name it, ExistingCluster(eks_name="...")',
            "give the pods credentials of your own, and service_account=... to eks",
        ),
        exit_code=ExitCode.USAGE,
    )
