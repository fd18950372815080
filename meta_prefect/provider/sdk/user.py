"""What a user says of themselves; it is imported, not made, and never deleted."""

from __future__ import annotations

from typing import ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class User(PrefectResource):
    """
    What a user says of themselves; it is imported, not made, and never deleted.

    Only in Prefect Cloud, and never run against it.
    """

    pulumi_type: ClassVar[str] = "prefect:cloud:User"

    user_id: pulumi.Output[str] = pulumi.property("userId")
    handle: pulumi.Output[str | None]
    first_name: pulumi.Output[str | None] = pulumi.property("firstName")
    last_name: pulumi.Output[str | None] = pulumi.property("lastName")
    email: pulumi.Output[str | None]
    actor_id: pulumi.Output[str] = pulumi.property("actorId")
    created: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        user_id: pulumi.Input[str],
        handle: pulumi.Input[str] | None = None,
        first_name: pulumi.Input[str] | None = None,
        last_name: pulumi.Input[str] | None = None,
        email: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare an user.

        Args:
            resource_name: Logical name.
            user_id: The user's uuid. Replaces.
            handle: Unique name: lower-case letters, digits and `-`.
            first_name: First name.
            last_name: Last name.
            email: Address to write to.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            user_id=user_id,
            handle=handle,
            first_name=first_name,
            last_name=last_name,
            email=email,
        )
