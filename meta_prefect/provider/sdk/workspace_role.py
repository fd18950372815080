"""A role of one's own: what somebody may do in a workspace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class WorkspaceRole(PrefectResource):
    """
    A role of one's own: what somebody may do in a workspace.

    Only in Prefect Cloud, and never run against it.
    """

    pulumi_type: ClassVar[str] = "prefect:cloud:WorkspaceRole"

    name: pulumi.Output[str]
    description: pulumi.Output[str | None]
    scopes: pulumi.Output[list[str] | None]
    inherited_role_id: pulumi.Output[str | None] = pulumi.property("inheritedRoleId")
    account_id: pulumi.Output[str | None] = pulumi.property("accountId")
    created: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        description: pulumi.Input[str] | None = None,
        scopes: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        inherited_role_id: pulumi.Input[str] | None = None,
        account_id: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a workspace role.

        Args:
            resource_name: Logical name.
            name: Name, unique in the account.
            description: What it is for.
            scopes: Set of what is allowed, like `manage_blocks`.
            inherited_role_id: Uuid of a role whose scopes it has, too.
            account_id: Account that it is in; default: the provider's. Replaces.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            name=name,
            description=description,
            scopes=scopes,
            inherited_role_id=inherited_role_id,
            account_id=account_id,
        )
