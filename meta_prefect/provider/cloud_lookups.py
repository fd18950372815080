"""
Lookups of what only Prefect Cloud has, by name: above all the ids that access is given by.

Never run against Prefect Cloud; see `handlers.cloud_resource`. Not to be confused with `lookups`,
which has the kinds of every server.
"""

from __future__ import annotations

from typing import Final

from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.interfaces.values import PropertyMap
from meta_prefect.provider.fields import FieldType, Output
from meta_prefect.provider.functions import OPTIONAL, Function, argument
from meta_prefect.provider.handler import Context, Values
from meta_prefect.provider.handlers.cloud_account import (
    TeamHandler,
    WorkspaceHandler,
    WorkspaceRoleHandler,
)
from meta_prefect.provider.handlers.cloud_webhook import WebhookHandler
from meta_prefect.provider.handlers.service_account import ServiceAccountHandler
from meta_prefect.provider.lookups import build_lookup, first_of

_NAME: Final = argument("name", "Name.", required=True)


async def _find_account_role(context: Context, values: Values) -> PropertyMap:
    name = values["name"]
    row = await ServiceAccountHandler(context).find_role({}, name)
    if row is not None:
        return {"id": row["id"], "name": name, "permissions": row.get("permissions") or []}
    if values["optional"]:
        return {}
    raise ProviderError(f"there is no account role {name!r}")


CLOUD_LOOKUPS: Final = (
    build_lookup(
        WorkspaceHandler,
        "workspace",
        first_of("handle"),
        argument("handle", "Name in URLs.", required=True),
    ),
    build_lookup(WorkspaceRoleHandler, "workspace role", first_of("name"), _NAME),
    build_lookup(TeamHandler, "team", first_of("name"), _NAME),
    build_lookup(ServiceAccountHandler, "service account", first_of("name"), _NAME),
    build_lookup(WebhookHandler, "webhook", first_of("name"), _NAME),
    Function(
        "prefect:cloud:getAccountRole",
        "Look up a role in the account.",
        (_NAME, OPTIONAL),
        (
            Output("id", FieldType.STRING, "Its uuid."),
            Output("name", FieldType.STRING, "Its name."),
            Output("permissions", FieldType.STRING_LIST, "What it allows."),
        ),
        _find_account_role,
    ),
)
