"""Somebody's role in the account; people are invited, not made."""

from __future__ import annotations

from typing import ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class AccountMember(PrefectResource):
    """
    Somebody's role in the account; people are invited, not made.

    Only in Prefect Cloud, and never run against it.
    """

    pulumi_type: ClassVar[str] = "prefect:cloud:AccountMember"

    email: pulumi.Output[str]
    account_role_id: pulumi.Output[str | None] = pulumi.property("accountRoleId")
    account_id: pulumi.Output[str | None] = pulumi.property("accountId")
    user_id: pulumi.Output[str] = pulumi.property("userId")
    actor_id: pulumi.Output[str] = pulumi.property("actorId")

    def __init__(
        self,
        resource_name: str,
        *,
        email: pulumi.Input[str],
        account_role_id: pulumi.Input[str] | None = None,
        account_id: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare an account member.

        Args:
            resource_name: Logical name.
            email: Address by which they are known. Replaces.
            account_role_id: Uuid of the role; `getAccountRole` tells it.
            account_id: Account that it is in; default: the provider's. Replaces.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            email=email,
            account_role_id=account_role_id,
            account_id=account_id,
        )
