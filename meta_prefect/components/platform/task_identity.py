"""
A role of AWS for the tasks of a flow on ECS.

Not to be confused with `pod_identity`, the same for pods of a cluster.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pulumi
import pulumi_aws as aws

from meta_prefect.components.naming import ROLE, build_name
from meta_prefect.components.platform.base import ROLE_PATH, PlatformComponent, Tags, Transforms
from meta_prefect.components.platform.policies import ECS_TASKS, render_policy, trust_service


class TaskIdentity(PlatformComponent):
    """
    Children: `role`, `policy-NEED`.

    ready: what must be there before a task starts.
    """

    KIND: ClassVar[str] = "identity"

    def __init__(
        self,
        name: str,
        *,
        policies: Mapping[str, pulumi.Input[str]],
        owner: str = "",
        tags: Tags | None = None,
        transforms: Transforms | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the role; policies by need, as JSON."""
        super().__init__(name, owner=owner, tags=tags, transforms=transforms, opts=opts)
        role = self.make(
            "role",
            aws.iam.Role,
            name=build_name(
                ROLE,
                pulumi.get_project(),
                pulumi.get_stack(),
                self.logical_name.replace("/", "-"),
            ),
            path=ROLE_PATH,
            assume_role_policy=render_policy(trust_service(ECS_TASKS)),
            tags=self.tags,
        )
        self.role_arn: pulumi.Output[str] = role.arn
        self.ready: tuple[pulumi.Resource, ...] = tuple(
            self.make(f"policy-{need}", aws.iam.RolePolicy, role=role.id, name=need, policy=text)
            for need, text in sorted(policies.items())
        )
        self.finish(roleArn=self.role_arn)
