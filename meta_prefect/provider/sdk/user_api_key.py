"""An API key of a user."""

from __future__ import annotations

from typing import ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class UserApiKey(PrefectResource):
    """An API key of a user. Only in Prefect Cloud, and never run against it."""

    pulumi_type: ClassVar[str] = "prefect:cloud:UserApiKey"

    user_id: pulumi.Output[str] = pulumi.property("userId")
    name: pulumi.Output[str]
    expiration: pulumi.Output[str | None]
    key: pulumi.Output[str]
    created: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        user_id: pulumi.Input[str],
        name: pulumi.Input[str],
        expiration: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare an user api key.

        Args:
            resource_name: Logical name.
            user_id: The user's uuid. Replaces.
            name: Name that tells it from others. Replaces.
            expiration: Instant at which it expires; not given: never. Replaces.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            user_id=user_id,
            name=name,
            expiration=expiration,
        )
