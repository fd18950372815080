"""All service level agreements of one resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class ResourceSla(PrefectResource):
    """
    All service level agreements of one resource.

    Only in Prefect Cloud, and never run against it. They cannot be read back.
    """

    pulumi_type: ClassVar[str] = "prefect:cloud:ResourceSla"

    resource_id: pulumi.Output[str] = pulumi.property("resourceId")
    slas: pulumi.Output[list[Mapping[str, Any]]]
    workspace_id: pulumi.Output[str | None] = pulumi.property("workspaceId")
    account_id: pulumi.Output[str | None] = pulumi.property("accountId")

    def __init__(
        self,
        resource_name: str,
        *,
        resource_id: pulumi.Input[str],
        slas: pulumi.Input[Sequence[pulumi.Input[Mapping[str, Any]]]],
        workspace_id: pulumi.Input[str] | None = None,
        account_id: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a resource sla.

        Args:
            resource_name: Logical name.
            resource_id: What they are about, like `prefect.deployment.UUID`. Replaces.
            slas: Each with `name`, `severity` (high), `enabled` and one of `duration`, `staleAfter`
                and `within` in seconds, the last also with `expectedEvent` and `resourceMatch`.
            workspace_id: Workspace that it is in; default: the provider's. Replaces.
            account_id: Account that it is in; default: the provider's. Replaces.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            resource_id=resource_id,
            slas=slas,
            workspace_id=workspace_id,
            account_id=account_id,
        )
