"""The provider as a resource: which Prefect the other resources live in."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pulumi

from meta_prefect.provider.sdk.resource import as_secret


class Provider(pulumi.ProviderResource):
    """
    One Prefect: a self-hosted server or a Cloud workspace.

    What is not given comes from the environment (`PREFECT_API_URL`), then from a Prefect profile.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        api_url: pulumi.Input[str] | None = None,
        api_key: pulumi.Input[str] | None = None,
        auth_string: pulumi.Input[str] | None = None,
        custom_headers: pulumi.Input[Mapping[str, str]] | None = None,
        profile: pulumi.Input[str] | None = None,
        profiles_file: pulumi.Input[str] | None = None,
        account_id: pulumi.Input[str] | None = None,
        workspace_id: pulumi.Input[str] | None = None,
        tls_insecure_skip_verify: pulumi.Input[bool] | None = None,
        ssl_cert_file: pulumi.Input[str] | None = None,
        max_connections: pulumi.Input[int] | None = None,
        request_timeout: pulumi.Input[float] | None = None,
        retries: pulumi.Input[int] | None = None,
        adopt: pulumi.Input[str] | None = None,
        owner_label: pulumi.Input[str] | None = None,
        local_home: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Configure the provider.

        Args:
            resource_name: Logical name.
            api_url: URL of the API, with `/api`. Another host or workspace replaces the provider,
                and everything in it.
            api_key: Key of Prefect Cloud; stored as a secret. Not together with `auth_string`.
            auth_string: `user:password` of a self-hosted server; stored as a secret.
            custom_headers: Headers of every request; stored as a secret.
            profile: Name of a Prefect profile; default: the active one.
            profiles_file: File of the profiles; default: `profiles.toml` in `PREFECT_HOME`.
            account_id: Prefect Cloud account; default: from the URL. Replaces.
            workspace_id: Prefect Cloud workspace; default: from the URL. Replaces.
            tls_insecure_skip_verify: Trust any certificate; default false.
            ssl_cert_file: File of the certificates to trust.
            max_connections: Requests at once, reading and writing ones each; default 16.
            request_timeout: Seconds of one request; default 60.
            retries: Attempts after the first; default 8.
            adopt: What to do when a thing to create exists: `never`, `own` (default) or `always`
                take it over.
            owner_label: Label on deployments that names their owner; default `meta-prefect.urn`,
                empty for none.
            local_home: Folder of a server that the same stack runs: once it is gone, deleting what
                it held succeeds.
            opts: Pulumi's resource options.
        """
        texts = {
            "apiUrl": api_url,
            "apiKey": as_secret(api_key),
            "authString": as_secret(auth_string),
            "profile": profile,
            "profilesFile": profiles_file,
            "accountId": account_id,
            "workspaceId": workspace_id,
            "sslCertFile": ssl_cert_file,
            "adopt": adopt,
            "ownerLabel": owner_label,
            "localHome": local_home,
        }
        # Pulumi's protocol gives a provider's configuration as text.
        documents = {
            "customHeaders": as_secret(custom_headers),
            "tlsInsecureSkipVerify": tls_insecure_skip_verify,
            "maxConnections": max_connections,
            "requestTimeout": request_timeout,
            "retries": retries,
        }
        encoded = {
            key: pulumi.Output.from_input(value).apply(json.dumps)
            for key, value in documents.items()
            if value is not None
        }
        super().__init__("prefect", resource_name, {**texts, **encoded}, opts)
