"""An account for programs, with an API key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class ServiceAccount(PrefectResource):
    """An account for programs, with an API key. Only in Prefect Cloud, and never run against it."""

    pulumi_type: ClassVar[str] = "prefect:cloud:ServiceAccount"

    name: pulumi.Output[str]
    account_role_name: pulumi.Output[str | None] = pulumi.property("accountRoleName")
    api_key_expiration: pulumi.Output[str | None] = pulumi.property("apiKeyExpiration")
    api_key_keepers: pulumi.Output[Mapping[str, str] | None] = pulumi.property("apiKeyKeepers")
    old_key_expires_in_seconds: pulumi.Output[int] = pulumi.property("oldKeyExpiresInSeconds")
    account_id: pulumi.Output[str | None] = pulumi.property("accountId")
    api_key: pulumi.Output[str] = pulumi.property("apiKey")
    api_key_id: pulumi.Output[str] = pulumi.property("apiKeyId")
    actor_id: pulumi.Output[str] = pulumi.property("actorId")
    created: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        account_role_name: pulumi.Input[str] | None = None,
        api_key_expiration: pulumi.Input[str] | None = None,
        api_key_keepers: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        old_key_expires_in_seconds: pulumi.Input[int] | None = None,
        account_id: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a service account.

        Args:
            resource_name: Logical name.
            name: Name, unique in the account.
            account_role_name: Role in the account; default: the account's.
            api_key_expiration: Instant at which the key expires; not given: never. A change makes a
                new key.
            api_key_keepers: Any texts; a change makes a new key.
            old_key_expires_in_seconds: Seconds that the old key stays valid beside a new one,
                172,800 at most. Default: 0.
            account_id: Account that it is in; default: the provider's. Replaces.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            name=name,
            account_role_name=account_role_name,
            api_key_expiration=api_key_expiration,
            api_key_keepers=api_key_keepers,
            old_key_expires_in_seconds=old_key_expires_in_seconds,
            account_id=account_id,
        )
