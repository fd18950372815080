"""A workspace of an account."""

from __future__ import annotations

from typing import ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class Workspace(PrefectResource):
    """A workspace of an account. Only in Prefect Cloud, and never run against it."""

    pulumi_type: ClassVar[str] = "prefect:cloud:Workspace"

    name: pulumi.Output[str]
    handle: pulumi.Output[str]
    description: pulumi.Output[str | None]
    account_id: pulumi.Output[str | None] = pulumi.property("accountId")
    api_url: pulumi.Output[str] = pulumi.property("apiUrl")
    created: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        handle: pulumi.Input[str],
        description: pulumi.Input[str] | None = None,
        account_id: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a workspace.

        Args:
            resource_name: Logical name.
            name: Name that people see.
            handle: Name in URLs, unique in the account: lower-case letters, digits and `-`.
            description: What it is for.
            account_id: Account that it is in; default: the provider's. Replaces.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            name=name,
            handle=handle,
            description=description,
            account_id=account_id,
        )
