"""
A cluster of somebody else, by its name in EKS or by a kubeconfig.

Nothing is changed in it but what the stack declares inside. Not to be confused with `eks_cluster`.
"""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar, Final

import pulumi
import pulumi_aws as aws

from meta_prefect.components.platform.account import ask, read_region
from meta_prefect.components.platform.base import PlatformComponent, Transforms
from meta_prefect.components.platform.handles import ClusterHandle, IdentityMode, NetworkHandle
from meta_prefect.components.platform.kubeconfig import build_kubeconfig, build_provider
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

_AGENT: Final = "eks-pod-identity-agent"
_GET_ADDON: Final = "aws:eks/getAddon:getAddon"
# What AWS calls it, and what its provider makes of that.
_MISSING: Final = ("ResourceNotFoundException", "couldn't find resource")


class ExistingCluster(PlatformComponent):
    """
    Child: `k8s`.

    handle: for what runs inside; without EKS it knows no roles of AWS.
    """

    KIND: ClassVar[str] = "cluster"

    def __init__(
        self,
        name: str,
        *,
        eks_name: pulumi.Input[str] = "",
        kubeconfig: pulumi.Input[str] | None = None,
        context: str = "",
        identity: IdentityMode = "pod-identity",
        network: NetworkHandle | None = None,
        transforms: Transforms | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Look the cluster up.

        name: what the project calls it.
        eks_name: its name in EKS; empty: it is reached by a kubeconfig.
        kubeconfig: text or path; None: the one of kubectl.
        context: in the kubeconfig; empty: the current one.
        identity: how pods get roles of AWS, in EKS.
        network: in which node groups of the stack start.
        """
        super().__init__(name, transforms=transforms, opts=opts)
        if eks_name:
            self.handle = self._read(eks_name, identity, network)
        else:
            self.handle = ClusterHandle(build_provider(self.make, kubeconfig, context=context))
        self.finish(clusterName=self.handle.name)

    def _read(
        self, name: pulumi.Input[str], identity: IdentityMode, network: NetworkHandle | None
    ) -> ClusterHandle:
        found = aws.eks.get_cluster_output(name=name, opts=pulumi.InvokeOutputOptions(parent=self))
        kubeconfig = build_kubeconfig(
            found.name, found.endpoint, found.certificate_authorities[0].data, read_region(self)
        )
        return ClusterHandle(
            build_provider(self.make, kubeconfig, identifier=found.arn),
            found.name,
            found.arn,
            found.vpc_config.cluster_security_group_id,
            network,
            found.identities[0].oidcs[0].issuer,
            None,
            identity,
            find_agent=cache(lambda: self._find_agent(found)),
        )

    def _find_agent(self, found: pulumi.Output[Any]) -> pulumi.Output[str]:
        """Give the cluster's name, once somebody needs the agent of Pod Identity in it."""
        return found.apply(lambda cluster: _check_agent(self, cluster))


async def _check_agent(parent: pulumi.Resource, cluster: Any) -> str:
    """
    Give the name of a cluster that has the agent; in automatic mode every one has.

    ◇ Where AWS does not say whether it is there, it is taken to be.

    Raises:
        MetaPrefectError: it is not there.
    """
    name = str(cluster.name)
    if any(mode.enabled for mode in cluster.compute_configs or ()):
        return name
    try:
        await ask(parent, _GET_ADDON, {"clusterName": name, "addonName": _AGENT})
    except Exception as error:
        if any(text in str(error) for text in _MISSING):
            raise _no_agent(name) from error
        pulumi.log.warn(f"nobody says whether cluster {name} has {_AGENT}: {error}", parent)
    return name


def _no_agent(cluster: str) -> MetaPrefectError:
    return MetaPrefectError(
        "MP2125",
        f"cluster {cluster} has no agent that would give pods their roles of AWS",
        why=f"its pods would start without credentials: the addon {_AGENT} is not installed",
        fixes=(
            f"aws eks create-addon --cluster-name {cluster} --addon-name {_AGENT}",
            'by OpenID Connect instead: ExistingCluster(..., identity="irsa")',
        ),
        exit_code=ExitCode.USAGE,
    )
