"""A role that somebody has in a workspace."""

from __future__ import annotations

from typing import ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class WorkspaceAccess(PrefectResource):
    """A role that somebody has in a workspace. Only in Prefect Cloud, and never run against it."""

    pulumi_type: ClassVar[str] = "prefect:cloud:WorkspaceAccess"

    accessor_type: pulumi.Output[str] = pulumi.property("accessorType")
    accessor_id: pulumi.Output[str] = pulumi.property("accessorId")
    workspace_role_id: pulumi.Output[str] = pulumi.property("workspaceRoleId")
    workspace_id: pulumi.Output[str | None] = pulumi.property("workspaceId")
    account_id: pulumi.Output[str | None] = pulumi.property("accountId")

    def __init__(
        self,
        resource_name: str,
        *,
        accessor_type: pulumi.Input[str],
        accessor_id: pulumi.Input[str],
        workspace_role_id: pulumi.Input[str],
        workspace_id: pulumi.Input[str] | None = None,
        account_id: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a workspace access.

        Args:
            resource_name: Logical name.
            accessor_type: USER, SERVICE_ACCOUNT or TEAM. Replaces.
            accessor_id: Uuid of the user, service account or team. Replaces.
            workspace_role_id: Uuid of the role.
            workspace_id: Workspace that it is in; default: the provider's. Replaces.
            account_id: Account that it is in; default: the provider's. Replaces.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            accessor_type=accessor_type,
            accessor_id=accessor_id,
            workspace_role_id=workspace_role_id,
            workspace_id=workspace_id,
            account_id=account_id,
        )
