"""
A work pool whose runs are tasks on Fargate, with the roles and the network of the tasks.

Not to be confused with `kubernetes_pool`, whose runs are Jobs. ◇ A secret's name is free again only
days after it was deleted.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

import pulumi
import pulumi_aws as aws

from meta_prefect.components.job_template import find_overlay, find_template
from meta_prefect.components.naming import ROLE, SECRET, build_physical_name
from meta_prefect.components.platform.account import managed_policy, read_region
from meta_prefect.components.platform.base import (
    PlatformComponent,
    Tags,
    Transforms,
)
from meta_prefect.components.platform.handles import EcsClusterHandle
from meta_prefect.components.platform.policies import (
    ECS_TASKS,
    allow_secret,
    render_policy,
    trust_service,
)
from meta_prefect.components.platform.roles import make_role
from meta_prefect.provider import sdk

TYPE: Final = "ecs"
_RECOVERY_DAYS: Final = 7


class EcsWorkPool(PlatformComponent):
    """
    Children: `pool`, `task-role`, `execution-role`, `execution-role-policy`, `security-group`,
    `security-group-out`; with an API key `api-key`, `api-key-value`, `execution-secret`.

    pool_name, pool_id: in Prefect.
    place: what the runs are made of, for the worker's permissions.
    """

    KIND: ClassVar[str] = "work-pool"

    def __init__(
        self,
        name: str,
        *,
        cluster: EcsClusterHandle,
        image: pulumi.Input[str] | None = None,
        api_key: pulumi.Input[str] | None = None,
        concurrency_limit: int | None = None,
        description: str = "",
        tags: Tags | None = None,
        transforms: Transforms | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Make the pool.

        image: of runs that name none.
        api_key: of Prefect; runs get it from Secrets Manager.
        """
        super().__init__(name, tags=tags, transforms=transforms, opts=opts)
        self.cluster = cluster
        self.family = build_physical_name(pulumi.get_project(), pulumi.get_stack(), name)
        self.task_role = self._build_task_role("task-role")
        self.execution_role = self._build_task_role("execution-role")
        self.make(
            "execution-role-policy",
            aws.iam.RolePolicyAttachment,
            role=self.execution_role.name,
            policy_arn=managed_policy(self, "service-role/AmazonECSTaskExecutionRolePolicy"),
        )
        self.security_group = self._build_security_group()
        self.secret_arn = None if api_key is None else self._build_secret(api_key)
        pool: sdk.WorkPool = self.make(
            "pool",
            sdk.WorkPool,
            name=self.family,
            type=TYPE,
            base_job_template=find_template(TYPE),
            template_overlay=find_overlay(TYPE, {"image": image, **self._build_defaults()}),
            concurrency_limit=concurrency_limit,
            description=description or None,
        )
        self.pool_name: pulumi.Output[str] = pool.name
        self.pool_id: pulumi.Output[str] = pool.work_pool_id
        self.finish(poolName=self.pool_name, poolId=self.pool_id)

    def _build_task_role(self, child: str) -> aws.iam.Role:
        return make_role(
            self, child, self.physical_name(ROLE, child), render_policy(trust_service(ECS_TASKS))
        )

    def _build_security_group(self) -> aws.ec2.SecurityGroup:
        group = self.make(
            "security-group",
            aws.ec2.SecurityGroup,
            vpc_id=self.cluster.network.vpc_id,
            name_prefix=f"{self.named_tags('runs')['Name']}-",
            description="Runs of Prefect: out only",
            tags=self.named_tags("runs"),
        )
        self.make(
            "security-group-out",
            aws.vpc.SecurityGroupEgressRule,
            security_group_id=group.id,
            cidr_ipv4="0.0.0.0/0",
            ip_protocol="-1",
            tags=self.tags,
        )
        return group

    def _build_secret(self, api_key: pulumi.Input[str]) -> pulumi.Output[str]:
        secret = self.make(
            "api-key",
            aws.secretsmanager.Secret,
            name=self.physical_name(SECRET, "api-key"),
            recovery_window_in_days=_RECOVERY_DAYS,
            tags=self.tags,
        )
        self.make(
            "api-key-value",
            aws.secretsmanager.SecretVersion,
            secret_id=secret.id,
            secret_string=pulumi.Output.secret(api_key),
        )
        self.make(
            "execution-secret",
            aws.iam.RolePolicy,
            role=self.execution_role.id,
            name="api-key",
            policy=secret.arn.apply(lambda arn: render_policy(allow_secret(arn))),
        )
        arn: pulumi.Output[str] = secret.arn
        return arn

    @property
    def network_configuration(self) -> dict[str, Any]:
        """Where tasks run, in the words of ECS."""
        return {
            "subnets": self.cluster.network.private_subnet_ids,
            "securityGroups": [self.security_group.id],
            "assignPublicIp": "DISABLED",
        }

    def _build_defaults(self) -> dict[str, Any]:
        return {
            "cluster": self.cluster.arn,
            "family": self.family,
            "match_latest_revision_in_family": True,
            "task_role_arn": self.task_role.arn,
            "execution_role_arn": self.execution_role.arn,
            "vpc_id": self.cluster.network.vpc_id,
            "network_configuration": self.network_configuration,
            "prefect_api_key_secret_arn": self.secret_arn,
            "configure_cloudwatch_logs": True,
            "cloudwatch_logs_options": {
                "awslogs-group": self.cluster.log_group_name,
                "awslogs-region": read_region(self),
            },
        }
