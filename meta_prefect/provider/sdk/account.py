"""The account itself; it is imported, not made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class Account(PrefectResource):
    """
    The account itself; it is imported, not made.

    Only in Prefect Cloud, and never run against it.
    """

    pulumi_type: ClassVar[str] = "prefect:cloud:Account"

    name: pulumi.Output[str]
    handle: pulumi.Output[str]
    link: pulumi.Output[str | None]
    location: pulumi.Output[str | None]
    auth_expiration_seconds: pulumi.Output[int | None] = pulumi.property("authExpirationSeconds")
    allow_public_workspaces: pulumi.Output[bool | None] = pulumi.property("allowPublicWorkspaces")
    ai_log_summaries: pulumi.Output[bool | None] = pulumi.property("aiLogSummaries")
    managed_execution: pulumi.Output[bool | None] = pulumi.property("managedExecution")
    enforce_webhook_authentication: pulumi.Output[bool | None] = pulumi.property(
        "enforceWebhookAuthentication"
    )
    domain_names: pulumi.Output[list[str] | None] = pulumi.property("domainNames")
    force_delete: pulumi.Output[bool] = pulumi.property("forceDelete")
    account_id: pulumi.Output[str | None] = pulumi.property("accountId")
    created: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        handle: pulumi.Input[str],
        link: pulumi.Input[str] | None = None,
        location: pulumi.Input[str] | None = None,
        auth_expiration_seconds: pulumi.Input[int] | None = None,
        allow_public_workspaces: pulumi.Input[bool] | None = None,
        ai_log_summaries: pulumi.Input[bool] | None = None,
        managed_execution: pulumi.Input[bool] | None = None,
        enforce_webhook_authentication: pulumi.Input[bool] | None = None,
        domain_names: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        force_delete: pulumi.Input[bool] | None = None,
        account_id: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare an account.

        Args:
            resource_name: Logical name.
            name: Name that people see.
            handle: Name in URLs, unique: lower-case letters, digits and `-`.
            link: URL of a page about its owner.
            location: Where its owner is, like `Washington, D.C.`.
            auth_expiration_seconds: Seconds after which people have to log in again.
            allow_public_workspaces: Whether a workspace may be public.
            ai_log_summaries: Whether logs are summed up by a language model.
            managed_execution: Whether managed work pools may be used.
            enforce_webhook_authentication: Whether each webhook needs a service account.
            domain_names: Set of domains whose people log in by single sign-on.
            force_delete: Delete the account with all its workspaces; else it is only let go of.
                Default: false.
            account_id: The account's uuid; default: the provider's. Replaces.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            name=name,
            handle=handle,
            link=link,
            location=location,
            auth_expiration_seconds=auth_expiration_seconds,
            allow_public_workspaces=allow_public_workspaces,
            ai_log_summaries=ai_log_summaries,
            managed_execution=managed_execution,
            enforce_webhook_authentication=enforce_webhook_authentication,
            domain_names=domain_names,
            force_delete=force_delete,
            account_id=account_id,
        )
