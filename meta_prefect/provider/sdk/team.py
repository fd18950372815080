"""A team: people and service accounts that get access together."""

from __future__ import annotations

from typing import ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class Team(PrefectResource):
    """
    A team: people and service accounts that get access together.

    Only in Prefect Cloud, and never run against it.
    """

    pulumi_type: ClassVar[str] = "prefect:cloud:Team"

    name: pulumi.Output[str]
    description: pulumi.Output[str | None]
    account_id: pulumi.Output[str | None] = pulumi.property("accountId")
    created: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        description: pulumi.Input[str] | None = None,
        account_id: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a team.

        Args:
            resource_name: Logical name.
            name: Name, unique in the account.
            description: What it is for.
            account_id: Account that it is in; default: the provider's. Replaces.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            name=name,
            description=description,
            account_id=account_id,
        )
