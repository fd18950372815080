"""
Roles of AWS, as all components declare them: below one path, with the component's tags.

Not to be confused with `policies`, which say what a role may do and who may take it on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pulumi
import pulumi_aws as aws

from meta_prefect.components.naming import ROLE, build_name
from meta_prefect.components.platform.base import PlatformComponent

_PATH: Final = "/meta-prefect/"


def make_role(
    component: PlatformComponent, child: str, name: str, trust: pulumi.Input[str]
) -> aws.iam.Role:
    """
    Declare a role.

    name: in AWS. trust: who may take it on, as JSON.
    """
    return component.make(
        child,
        aws.iam.Role,
        name=name,
        path=_PATH,
        assume_role_policy=trust,
        tags=component.tags,
    )


def make_identity_role(
    component: PlatformComponent,
    trust: pulumi.Input[str],
    policies: Mapping[str, pulumi.Input[str]],
) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
    """
    Declare the role that an identity is, and what it may do: `role`, `policy-NEED`.

    It is named after the component's logical name, as flows own identities, too.

    policies: by need, as JSON; they go with the role.
    """
    owner = component.logical_name.replace("/", "-")
    name = build_name(ROLE, pulumi.get_project(), pulumi.get_stack(), owner)
    role = make_role(component, "role", name, trust)
    made: list[pulumi.Resource] = [
        component.make(f"policy-{need}", aws.iam.RolePolicy, role=role.id, name=need, policy=text)
        for need, text in sorted(policies.items())
    ]
    return role, made
