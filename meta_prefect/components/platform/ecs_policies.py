"""
What the worker of an ECS pool may do: exactly what prefect-aws 0.7.12 asks for.

Pure. Its template for CloudFormation has `Resource: *`, and passes every role; here it is the
pool's own cluster, roles, log group and queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from meta_prefect.components.platform.policies import (
    ECS_TASKS,
    Condition,
    PolicyDocument,
    Statement,
)

_NO_RESOURCE: Final = ("*",)
_WITHOUT_RESOURCE_LEVEL: Final = (
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "ecs:DeregisterTaskDefinition",
    "ecs:DescribeTaskDefinition",
    "ecs:RegisterTaskDefinition",
)


@dataclass(frozen=True, slots=True)
class EcsPlace:
    """
    What a pool's runs are made of, by ARN.

    cluster: ends in `cluster/NAME`.
    family: of the runs' task definitions, or how their families begin.
    roles: how the names of the roles begin that flows have for their tasks.
    """

    cluster: str
    family: str
    roles: str
    task_role: str
    execution_role: str
    log_group: str
    queue: str

    @property
    def prefix(self) -> str:
        """The ARN's part before the kind: partition, region and account."""
        return self.cluster.partition(":cluster/")[0]

    @property
    def flow_roles(self) -> str:
        """The roles of flows: flows come and go, and the worker does not list them."""
        _, partition, _, _, account, *_ = self.cluster.split(":")
        return f"arn:{partition}:iam::{account}:role/meta-prefect/{self.roles}*"

    @property
    def cluster_name(self) -> str:
        """The cluster's name."""
        return self.cluster.partition(":cluster/")[2]


def allow_ecs_worker(place: EcsPlace) -> PolicyDocument:
    """Start, watch and stop the tasks of one cluster, and hear how they end."""
    definitions = f"{place.prefix}:task-definition/{place.family}*"
    tasks = f"{place.prefix}:task/{place.cluster_name}/*"
    in_cluster = Condition("ArnEquals", "ecs:cluster", (place.cluster,))
    started = Condition("StringEquals", "ecs:CreateAction", ("RegisterTaskDefinition", "RunTask"))
    to_tasks = Condition("StringEquals", "iam:PassedToService", (ECS_TASKS,))
    listen = (
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ReceiveMessage",
    )
    return PolicyDocument(
        (
            Statement("Run", ("ecs:RunTask",), (definitions,), (in_cluster,)),
            Statement("Watch", ("ecs:DescribeTasks", "ecs:StopTask"), (tasks,)),
            Statement("Tag", ("ecs:TagResource",), (definitions, tasks), (started,)),
            Statement(
                "Pass",
                ("iam:PassRole",),
                (place.task_role, place.execution_role, place.flow_roles),
                (to_tasks,),
            ),
            Statement("ReadLogs", ("logs:GetLogEvents",), (f"{place.log_group}:*",)),
            Statement("Listen", listen, (place.queue,)),
            Statement("Register", _WITHOUT_RESOURCE_LEVEL, _NO_RESOURCE, has_resource_level=False),
        )
    )


def allow_events(queue_arn: str, rule_arn: str) -> PolicyDocument:
    """Let one rule put what it hears into the queue."""
    return PolicyDocument(
        (
            Statement(
                "Events",
                ("sqs:SendMessage",),
                (queue_arn,),
                (Condition("ArnEquals", "aws:SourceArn", (rule_arn,)),),
                principal=(("Service", "events.amazonaws.com"),),
            ),
        )
    )
