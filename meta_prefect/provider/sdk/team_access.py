"""A member of a team."""

from __future__ import annotations

from typing import ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class TeamAccess(PrefectResource):
    """A member of a team. Only in Prefect Cloud, and never run against it."""

    pulumi_type: ClassVar[str] = "prefect:cloud:TeamAccess"

    team_id: pulumi.Output[str] = pulumi.property("teamId")
    member_type: pulumi.Output[str] = pulumi.property("memberType")
    member_id: pulumi.Output[str] = pulumi.property("memberId")
    member_actor_id: pulumi.Output[str] = pulumi.property("memberActorId")
    account_id: pulumi.Output[str | None] = pulumi.property("accountId")

    def __init__(
        self,
        resource_name: str,
        *,
        team_id: pulumi.Input[str],
        member_type: pulumi.Input[str],
        member_id: pulumi.Input[str],
        member_actor_id: pulumi.Input[str],
        account_id: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a team access.

        Args:
            resource_name: Logical name.
            team_id: The team's uuid. Replaces.
            member_type: USER or SERVICE_ACCOUNT. Replaces.
            member_id: Uuid of the user or service account. Replaces.
            member_actor_id: Uuid of its actor, as ServiceAccount tells it. Replaces.
            account_id: Account that it is in; default: the provider's. Replaces.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            team_id=team_id,
            member_type=member_type,
            member_id=member_id,
            member_actor_id=member_actor_id,
            account_id=account_id,
        )
