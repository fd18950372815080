"""
A cluster of Amazon ECS on Fargate, a work pool whose runs are its tasks, and their worker.

Each in a class of its own; the worker hears from a queue how tasks end. ◇ A change of the worker is
a new revision of its task definition; old revisions stay for tasks that run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, ClassVar, Final

import pulumi
import pulumi_aws as aws

from meta_prefect.components.job_template import find_overlay, find_template
from meta_prefect.components.naming import (
    CLUSTER,
    LOG_GROUP,
    QUEUE,
    ROLE,
    SECRET,
    build_name,
    build_physical_name,
)
from meta_prefect.components.platform.account import managed_policy, read_region
from meta_prefect.components.platform.base import (
    RETAIN,
    ROLE_PATH,
    PlatformComponent,
    Tags,
    Transforms,
)
from meta_prefect.components.platform.ecs_policies import EcsPlace, allow_ecs_worker, allow_events
from meta_prefect.components.platform.handles import NetworkHandle
from meta_prefect.components.platform.policies import (
    ECS_TASKS,
    allow_secret,
    render_policy,
    trust_service,
)
from meta_prefect.provider import sdk

TYPE: Final = "ecs"
_LOG_DAYS: Final = 30
_UNITS: Final = 1024
_RECOVERY_DAYS: Final = 7
_EVENT_PATTERN: Final[Mapping[str, Any]] = {
    "source": ["aws.ecs"],
    "detail-type": ["ECS Task State Change"],
}


@dataclass(frozen=True, slots=True, eq=False)
class EcsClusterHandle:
    """An ECS cluster with the log group of its tasks, and the network in which they run."""

    arn: pulumi.Input[str]
    log_group_name: pulumi.Input[str]
    log_group_arn: pulumi.Input[str]
    network: NetworkHandle


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
        logs = self.make(
            "logs",
            aws.cloudwatch.LogGroup,
            name=f"/meta-prefect/{self.physical_name(LOG_GROUP)}",
            retention_in_days=_LOG_DAYS,
            tags=self.tags,
            opts=RETAIN,
        )
        self.handle = EcsClusterHandle(cluster.arn, logs.name, logs.arn, network)
        self.finish(clusterArn=cluster.arn)


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
        return self.make(
            child,
            aws.iam.Role,
            name=self.physical_name(ROLE, child),
            path=ROLE_PATH,
            assume_role_policy=render_policy(trust_service(ECS_TASKS)),
            tags=self.tags,
        )

    def _build_security_group(self) -> aws.ec2.SecurityGroup:
        group = self.make(
            "security-group",
            aws.ec2.SecurityGroup,
            vpc_id=self.cluster.network.vpc_id,
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


class EcsWorker(PlatformComponent):
    """
    Children: `events`, `events-policy`, `events-rule`, `events-target`, `worker-role`,
    `worker-policy`, `task`, `service`.
    """

    KIND: ClassVar[str] = "worker"

    def __init__(
        self,
        name: str,
        *,
        pool: EcsWorkPool,
        api_url: pulumi.Input[str],
        image: str = "",
        cpu: float = 0.25,
        memory: float = 0.5,
        replicas: int = 1,
        tags: Tags | None = None,
        transforms: Transforms | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Start the worker as a service of the pool's cluster.

        image: empty: Prefect's, in the version of this program; it installs prefect-aws.
        cpu, memory: vCPU and GiB, one of Fargate's pairs.
        """
        super().__init__(name, tags=tags, transforms=transforms, opts=opts)
        self._pool = pool
        self._queue = self._build_queue()
        role, policy = self._build_role()
        task = self._build_task(role, api_url, image or find_worker_image(), cpu, memory)
        alone = replicas == 1
        self.service = self.make(
            "service",
            aws.ecs.Service,
            after=[policy],  # a task without its permissions fails, and the breaker counts it
            name=self.physical_name(CLUSTER, "worker"),
            cluster=pool.cluster.arn,
            task_definition=task.arn,
            desired_count=replicas,
            launch_type="FARGATE",
            network_configuration={
                "subnets": pool.cluster.network.private_subnet_ids,
                "security_groups": [pool.security_group.id],
                "assign_public_ip": False,
            },
            deployment_circuit_breaker={"enable": True, "rollback": True},
            deployment_minimum_healthy_percent=0 if alone else 50,
            wait_for_steady_state=True,
            tags=self.tags,
        )
        self.finish(serviceName=self.service.name)

    def _build_queue(self) -> aws.sqs.Queue:
        """Let ECS say how tasks of this cluster end; Prefect's own name is shared by all pools."""
        queue = self.make(
            "events",
            aws.sqs.Queue,
            name=self.physical_name(QUEUE, "events"),
            sqs_managed_sse_enabled=True,
            tags=self.tags,
        )
        rule = self.make(
            "events-rule",
            aws.cloudwatch.EventRule,
            name=self.physical_name(CLUSTER, "events"),
            event_pattern=pulumi.Output.json_dumps(
                {**_EVENT_PATTERN, "detail": {"clusterArn": [self._pool.cluster.arn]}},
                sort_keys=True,
            ),
            tags=self.tags,
        )
        self.make(
            "events-policy",
            aws.sqs.QueuePolicy,
            queue_url=queue.id,
            policy=pulumi.Output.all(queue.arn, rule.arn).apply(
                lambda arns: render_policy(allow_events(*arns))
            ),
        )
        self.make("events-target", aws.cloudwatch.EventTarget, rule=rule.name, arn=queue.arn)
        return queue

    def _build_role(self) -> tuple[aws.iam.Role, pulumi.Resource]:
        role = self.make(
            "worker-role",
            aws.iam.Role,
            name=self.physical_name(ROLE, "worker"),
            path=ROLE_PATH,
            assume_role_policy=render_policy(trust_service(ECS_TASKS)),
            tags=self.tags,
        )
        place = pulumi.Output.all(
            cluster=self._pool.cluster.arn,
            task_role=self._pool.task_role.arn,
            execution_role=self._pool.execution_role.arn,
            log_group=self._pool.cluster.log_group_arn,
            queue=self._queue.arn,
        )
        family = self._pool.family
        roles = f"{pulumi.get_project()}-{pulumi.get_stack()}-"
        policy: pulumi.Resource = self.make(
            "worker-policy",
            aws.iam.RolePolicy,
            role=role.id,
            name="worker",
            policy=place.apply(
                lambda arns: render_policy(
                    allow_ecs_worker(EcsPlace(family=family, roles=roles, **arns))
                )
            ),
        )
        return role, policy

    def _build_task(
        self,
        role: aws.iam.Role,
        api_url: pulumi.Input[str],
        image: str,
        cpu: float,
        memory: float,
    ) -> aws.ecs.TaskDefinition:
        return self.make(
            "task",
            aws.ecs.TaskDefinition,
            family=build_name(
                CLUSTER, pulumi.get_project(), pulumi.get_stack(), self.name, "worker"
            ),
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(round(cpu * _UNITS)),
            memory=str(round(memory * _UNITS)),
            task_role_arn=role.arn,
            execution_role_arn=self._pool.execution_role.arn,
            container_definitions=self._build_containers(api_url, image),
            skip_destroy=True,
            tags=self.tags,
        )

    def _build_containers(self, api_url: pulumi.Input[str], image: str) -> pulumi.Output[str]:
        settings = {
            "EXTRA_PIP_PACKAGES": "prefect-aws",  # read by the start script of Prefect's images
            "PREFECT_API_URL": api_url,
            "PREFECT_INTEGRATIONS_AWS_ECS_OBSERVER_SQS_QUEUE_NAME": self._queue.name,
        }
        secret = self._pool.secret_arn
        container = {
            "name": "worker",
            "image": image,
            "essential": True,
            "command": [
                "prefect",
                "worker",
                "start",
                "--type",
                TYPE,
                "--pool",
                self._pool.pool_name,
                "--with-healthcheck",
            ],
            "environment": [{"name": key, "value": value} for key, value in settings.items()],
            "secrets": [] if secret is None else [{"name": "PREFECT_API_KEY", "valueFrom": secret}],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": self._pool.cluster.log_group_name,
                    "awslogs-region": read_region(self),
                    "awslogs-stream-prefix": "worker",
                },
            },
        }
        return pulumi.Output.json_dumps([container], sort_keys=True)


def find_worker_image() -> str:
    """Name Prefect's image in the version of this program."""
    return f"prefecthq/prefect:{version('prefect')}-python3.12"
