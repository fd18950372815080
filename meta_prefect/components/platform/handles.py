"""
Handles: what a component needs to know of another one, whoever made it.

`Network` and `ExistingNetwork` both have a `NetworkHandle`, and so on; a team makes one out of its
own resources. Values may be outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi

Text = pulumi.Input[str]
IdentityMode = Literal["pod-identity", "irsa"]


@dataclass(frozen=True, slots=True, eq=False)
class NetworkHandle:
    """
    A VPC.

    private_subnet_ids: where nodes and tasks run; in two zones at least for a cluster.
    public_subnet_ids: of load balancers.
    ready: what must be there before something runs in it, its routes for instance.
    """

    vpc_id: Text
    private_subnet_ids: Sequence[Text]
    public_subnet_ids: Sequence[Text] = ()
    cidr: Text | None = None
    ready: tuple[pulumi.Resource, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ClusterHandle:
    """
    A Kubernetes cluster.

    provider: for resources inside of it.
    name, arn, security_group_id: in EKS; None elsewhere.
    network: in which nodes start; None: nodes are somebody else's.
    oidc_issuer, oidc_provider_arn: for identities by OpenID Connect.
    identity: how pods get roles of AWS; None: they cannot.
    find_agent: gives the name once the agent of Pod Identity was seen in the cluster; None: it is
        there.
    before_nodes: what must be there before nodes start.
    ready: what must be there before something is made inside.
    """

    provider: pulumi.ProviderResource
    name: Text | None = None
    arn: Text | None = None
    security_group_id: Text | None = None
    network: NetworkHandle | None = None
    oidc_issuer: Text | None = None
    oidc_provider_arn: Text | None = None
    identity: IdentityMode | None = None
    before_nodes: tuple[pulumi.Resource, ...] = ()
    ready: tuple[pulumi.Resource, ...] = ()
    find_agent: Callable[[], pulumi.Output[str]] | None = None

    @property
    def name_with_agent(self) -> Text | None:
        """Its name, for what is of no use without the agent of Pod Identity."""
        return self.name if self.find_agent is None else self.find_agent()


@dataclass(frozen=True, slots=True, eq=False)
class NamespaceHandle:
    """
    A namespace of a cluster.

    ready: what must be there before something is made inside.
    """

    name: Text
    cluster: ClusterHandle
    ready: tuple[pulumi.Resource, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class BucketHandle:
    """
    A bucket, and a path in it.

    kms_key_arn: of a bucket that is encrypted with a key of its own.
    """

    bucket_name: Text
    arn: Text
    path: str = ""
    kms_key_arn: Text | None = None

    @property
    def url(self) -> pulumi.Output[str]:
        """Where it is, as `s3://BUCKET/PATH`."""
        end = f"/{self.path.strip('/')}" if self.path.strip("/") else ""
        return pulumi.Output.concat("s3://", self.bucket_name, end)


@dataclass(frozen=True, slots=True, eq=False)
class RegistryHandle:
    """A repository of images; without an ARN it is not in Amazon ECR."""

    repository_url: Text
    arn: Text | None


@dataclass(frozen=True, slots=True, eq=False)
class EcsClusterHandle:
    """An ECS cluster with the log group of its tasks, and the network in which they run."""

    arn: pulumi.Input[str]
    log_group_name: pulumi.Input[str]
    log_group_arn: pulumi.Input[str]
    network: NetworkHandle
