"""
Webhooks of Prefect Cloud: URLs that turn what is posted to them into events.

Never run against Prefect Cloud; see `cloud_resource`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from meta_prefect.provider.fields import Change, Field, FieldType, Output, ResourceKind
from meta_prefect.provider.handlers.cloud_resource import (
    CREATED,
    UNTRIED,
    WORKSPACE_ID,
    Rest,
    RestHandler,
    Scope,
)

WEBHOOK: Final = ResourceKind(
    token="prefect:cloud:Webhook",  # noqa: S106 - a type's name
    doc=f"A URL that turns what is posted to it into an event. {UNTRIED}",
    fields=(
        Field("name", FieldType.STRING, "Name, unique in the workspace.", required=True),
        Field("template", FieldType.STRING, "Jinja template of the event.", required=True),
        Field("description", FieldType.STRING, "What it is for."),
        Field("enabled", FieldType.BOOLEAN, "Whether it takes anything.", default=True),
        Field(
            "serviceAccountId",
            FieldType.STRING,
            "Uuid of the service account that has to post.",
            change=Change.REPLACE,
        ),
        WORKSPACE_ID,
    ),
    outputs=(
        Output(
            "endpoint",
            FieldType.STRING,
            "URL to post to: a secret, as whoever knows it may.",
            secret=True,
        ),
        CREATED,
    ),
    import_id="NAME or uuid",
)


class WebhookHandler(RestHandler):
    """Manages webhooks."""

    kind: ClassVar[ResourceKind] = WEBHOOK
    rest: ClassVar[Rest] = Rest(
        "webhook",
        Scope.WORKSPACE,
        "webhooks",
        "name",
        {
            "name": "name",
            "template": "template",
            "description": "description",
            "enabled": "enabled",
            "serviceAccountId": "service_account_id",
        },
        puts=True,
    )

    def outputs_of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Add the URL to post to."""
        host = self.settings.api_url.partition("/api/")[0]
        return {**super().outputs_of(row), "endpoint": f"{host}/hooks/{row['slug']}"}

    async def find_rows(self, url: str, key: str, value: str) -> list[Mapping[str, Any]]:
        """List all: webhooks have no filter route."""
        doing = f"look for webhook {value!r}"
        found: Any = await self.client.find(f"{url}/", doing=doing)
        return list(found or ())
