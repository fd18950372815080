"""
The worker of an ECS pool: a service in the pool's cluster, which hears from a queue how tasks end.

◇ A change is a new revision of its task definition; old revisions stay for tasks that run. Source:
`prefect_aws` 0.7.12, `workers/ecs_worker.py` and `observers/ecs.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, ClassVar, Final

import pulumi
import pulumi_aws as aws

from meta_prefect.components.naming import CLUSTER, QUEUE, ROLE, build_name
from meta_prefect.components.platform.account import read_region
from meta_prefect.components.platform.base import (
    PlatformComponent,
    Tags,
    Transforms,
)
from meta_prefect.components.platform.ecs_policies import EcsPlace, allow_ecs_worker, allow_events
from meta_prefect.components.platform.ecs_pool import TYPE, EcsWorkPool
from meta_prefect.components.platform.policies import (
    ECS_TASKS,
    render_policy,
    trust_service,
)
from meta_prefect.components.platform.roles import make_role

_UNITS: Final = 1024  # of a vCPU, and MiB of a GiB
_EVENT_PATTERN: Final[Mapping[str, Any]] = {
    "source": ["aws.ecs"],
    "detail-type": ["ECS Task State Change"],
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
        role = make_role(
            self,
            "worker-role",
            self.physical_name(ROLE, "worker"),
            render_policy(trust_service(ECS_TASKS)),
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
