"""A URL that turns what is posted to it into an event."""

from __future__ import annotations

from typing import ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class Webhook(PrefectResource):
    """
    A URL that turns what is posted to it into an event.

    Only in Prefect Cloud, and never run against it.
    """

    pulumi_type: ClassVar[str] = "prefect:cloud:Webhook"

    name: pulumi.Output[str]
    template: pulumi.Output[str]
    description: pulumi.Output[str | None]
    enabled: pulumi.Output[bool]
    service_account_id: pulumi.Output[str | None] = pulumi.property("serviceAccountId")
    workspace_id: pulumi.Output[str | None] = pulumi.property("workspaceId")
    endpoint: pulumi.Output[str]
    created: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        template: pulumi.Input[str],
        description: pulumi.Input[str] | None = None,
        enabled: pulumi.Input[bool] | None = None,
        service_account_id: pulumi.Input[str] | None = None,
        workspace_id: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a webhook.

        Args:
            resource_name: Logical name.
            name: Name, unique in the workspace.
            template: Jinja template of the event.
            description: What it is for.
            enabled: Whether it takes anything. Default: true.
            service_account_id: Uuid of the service account that has to post. Replaces.
            workspace_id: Workspace that it is in; default: the provider's. Replaces.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            name=name,
            template=template,
            description=description,
            enabled=enabled,
            service_account_id=service_account_id,
            workspace_id=workspace_id,
        )
