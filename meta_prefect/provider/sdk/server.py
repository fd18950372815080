"""A Prefect server as a background process of this machine; its data outlive it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource, as_secret


class Server(PrefectResource):
    """A Prefect server as a background process of this machine; its data outlive it."""

    pulumi_type: ClassVar[str] = "prefect:local:Server"

    home: pulumi.Output[str]
    host: pulumi.Output[str]
    port: pulumi.Output[int]
    database_url: pulumi.Output[str | None] = pulumi.property("databaseUrl")
    auth_string: pulumi.Output[str | None] = pulumi.property("authString")
    settings: pulumi.Output[Mapping[str, str] | None]
    ui: pulumi.Output[bool]
    python: pulumi.Output[str]
    start_timeout_seconds: pulumi.Output[float] = pulumi.property("startTimeoutSeconds")
    delete_data: pulumi.Output[bool] = pulumi.property("deleteData")
    url: pulumi.Output[str]
    ui_url: pulumi.Output[str] = pulumi.property("uiUrl")
    pid: pulumi.Output[int]
    start_time: pulumi.Output[str] = pulumi.property("startTime")
    token: pulumi.Output[str]
    log_file: pulumi.Output[str] = pulumi.property("logFile")
    version: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        home: pulumi.Input[str] | None = None,
        host: pulumi.Input[str] | None = None,
        port: pulumi.Input[int] | None = None,
        database_url: pulumi.Input[str] | None = None,
        auth_string: pulumi.Input[str] | None = None,
        settings: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        ui: pulumi.Input[bool] | None = None,
        python: pulumi.Input[str] | None = None,
        start_timeout_seconds: pulumi.Input[float] | None = None,
        delete_data: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a server.

        Args:
            resource_name: Logical name.
            home: Folder of its data; default: `.meta_prefect/prefect` of the project. Replaces, old
                one first.
            host: Address to listen on; anything but this machine's own needs `auth_string`.
                Restarts. Default: "127.0.0.1".
            port: Port; default: a free one, kept afterwards. Restarts, and `url` changes.
            database_url: Database; default: SQLite in `home`. Stored as a secret. Replaces, old one
                first.
            auth_string: `user:password` that clients must give. Restarts. Stored as a secret.
            settings: `PREFECT_*` settings by name. Restarts.
            ui: Serve the web pages. Restarts. Default: true.
            python: Interpreter with Prefect; default: the running one. Restarts.
            start_timeout_seconds: Seconds to wait until it is ready. Default: 120.
            delete_data: Delete `home` together with the server. Default: false.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            home=home,
            host=host,
            port=port,
            database_url=as_secret(database_url),
            auth_string=as_secret(auth_string),
            settings=settings,
            ui=ui,
            python=python,
            start_timeout_seconds=start_timeout_seconds,
            delete_data=delete_data,
        )
