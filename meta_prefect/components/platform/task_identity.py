"""
A role of AWS for the tasks of a flow on ECS.

Not to be confused with `pod_identity`, the same for pods of a cluster.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pulumi

from meta_prefect.components.platform.base import PlatformComponent, Tags, Transforms
from meta_prefect.components.platform.policies import ECS_TASKS, render_policy, trust_service
from meta_prefect.components.platform.roles import make_identity_role


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
        role, made = make_identity_role(self, render_policy(trust_service(ECS_TASKS)), policies)
        self.role_arn: pulumi.Output[str] = role.arn
        self.ready: tuple[pulumi.Resource, ...] = tuple(made)
        self.finish(roleArn=self.role_arn)
