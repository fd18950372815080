"""
A cluster of Amazon ECS on Fargate, with the log group of its tasks, which is kept.

◇ Everything but the name is changed in place.
"""

from __future__ import annotations

from typing import ClassVar, Final

import pulumi
import pulumi_aws as aws

from meta_prefect.components.naming import CLUSTER, LOG_GROUP
from meta_prefect.components.platform.base import PlatformComponent, Tags, Transforms
from meta_prefect.components.platform.handles import EcsClusterHandle, NetworkHandle
from meta_prefect.components.platform.kept import make_kept

_LOG_DAYS: Final = 30


class EcsCluster(PlatformComponent):
    """
    Children: `cluster`, `capacity`, `logs`.

    handle: for pools and workers.
    """

    KIND: ClassVar[str] = "ecs-cluster"

    def __init__(
        self,
        name: str,
        *,
        network: NetworkHandle,
        spot: bool = False,
        insights: bool = False,
        tags: Tags | None = None,
        transforms: Transforms | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Make the cluster.

        spot: tasks that say nothing else are cheaper, and ended when AWS wants to.
        insights: more metrics, for a fee.
        """
        super().__init__(name, tags=tags, transforms=transforms, opts=opts)
        cluster = self.make(
            "cluster",
            aws.ecs.Cluster,
            name=self.physical_name(CLUSTER),
            settings=[
                {"name": "containerInsights", "value": "enabled" if insights else "disabled"}
            ],
            tags=self.tags,
        )
        self.make(
            "capacity",
            aws.ecs.ClusterCapacityProviders,
            cluster_name=cluster.name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            default_capacity_provider_strategies=[
                {"capacity_provider": "FARGATE_SPOT" if spot else "FARGATE", "weight": 1}
            ],
        )
        logs = make_kept(
            self,
            "logs",
            aws.cloudwatch.LogGroup,
            name=f"/meta-prefect/{self.physical_name(LOG_GROUP)}",
            retention_in_days=_LOG_DAYS,
        )
        self.handle = EcsClusterHandle(cluster.arn, logs.name, logs.arn, network)
        self.finish(clusterArn=cluster.arn)
