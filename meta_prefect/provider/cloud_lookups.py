"""
Lookups of what only Prefect Cloud has: above all the ids that access is given by.

Never run against Prefect Cloud; see `handlers.cloud_resource`. Not to be confused with `lookups`,
which has the kinds of every server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.interfaces.values import PropertyMap
from meta_prefect.provider.client_connection import Row
from meta_prefect.provider.fields import FieldType, Output
from meta_prefect.provider.functions import OPTIONAL, Answer, Function, argument
from meta_prefect.provider.handler import Context, Values
from meta_prefect.provider.handlers.cloud_account import (
    TeamHandler,
    WorkspaceHandler,
    WorkspaceRoleHandler,
)
from meta_prefect.provider.handlers.cloud_membership import AccountHandler, AccountMemberHandler
from meta_prefect.provider.handlers.cloud_resource import Scope
from meta_prefect.provider.handlers.cloud_webhook import WebhookHandler
from meta_prefect.provider.handlers.service_account import ServiceAccountHandler
from meta_prefect.provider.lookups import build_lookup, first_of

_NAME: Final = argument("name", "Name.", required=True)
_ID: Final = argument("id", "Its uuid; this or the name.")
_NAME_OR_ID: Final = (argument("name", "Name."), _ID)
_MEMBER: Final = {
    "id": Output("id", FieldType.STRING, "Uuid of the membership."),
    "email": Output("email", FieldType.STRING, "Address by which they are known."),
    "user_id": Output("userId", FieldType.STRING, "The user's uuid."),
    "actor_id": Output("actorId", FieldType.STRING, "Uuid by which access is given."),
    "handle": Output("handle", FieldType.STRING, "Unique name."),
    "first_name": Output("firstName", FieldType.STRING, "First name."),
    "last_name": Output("lastName", FieldType.STRING, "Last name."),
    "account_role_id": Output("accountRoleId", FieldType.STRING, "Uuid of their role."),
    "account_role_name": Output("accountRoleName", FieldType.STRING, "Name of their role."),
}
_TEAM: Final = ("id", "name", "description")


async def _find_account_role(context: Context, values: Values) -> PropertyMap:
    name = values["name"]
    row = await ServiceAccountHandler(context).find_role({}, name)
    if row is not None:
        return {"id": row["id"], "name": name, "permissions": row.get("permissions") or []}
    if values["optional"]:
        return {}
    raise ProviderError(f"there is no account role {name!r}")


async def _find_account(context: Context, values: Values) -> PropertyMap:
    id = values["id"] or AccountHandler(context).own_id({})
    return await _ACCOUNT.answer(context, {**values, "id": id})


async def _find_member(context: Context, values: Values) -> PropertyMap:
    email = values["email"]
    body = {"account_memberships": {"email": {"any_": [email]}}}
    for row in await _list(context, "account_memberships", body):
        if row["email"] == email:
            return _tell_member(row)
    if values["optional"]:
        return {}
    raise ProviderError(f"there is no account member {email!r}")


async def _find_members(context: Context, values: Values) -> PropertyMap:
    del values
    return {"found": [_tell_member(row) for row in await _list(context, "account_memberships", {})]}


async def _find_teams(context: Context, values: Values) -> PropertyMap:
    del values
    rows = await _list(context, "teams", {})
    return {"found": [{key: row.get(key) for key in _TEAM} for row in rows]}


async def _list(context: Context, entity: str, body: Mapping[str, Any]) -> list[Row]:
    """Ask for all at once, as the published clients do: nobody knows whether there are pages."""
    url = AccountMemberHandler(context).url(Scope.ACCOUNT, {}, entity, "filter")
    found: list[Row] = await context.client.query(url, body, doing=f"list {entity}")
    return found


def _tell_member(row: Row) -> dict[str, Any]:
    return {told.name: row.get(key) for key, told in _MEMBER.items()}


def _find_all(name: str, doc: str, keys: Iterable[str], answer: Answer) -> Function:
    told = ", ".join(f"`{key}`" for key in keys)
    found = Output("found", FieldType.LIST, f"Each with {told}.")
    return Function(f"prefect:cloud:{name}", doc, (), (found,), answer)


_ACCOUNT: Final = build_lookup(
    AccountHandler, "account", first_of("id"), argument("id", "Its uuid; default: the provider's.")
)

CLOUD_LOOKUPS: Final = (
    replace(_ACCOUNT, answer=_find_account),
    Function(
        "prefect:cloud:getAccountMember",
        "Look up somebody in the account, for the ids.",
        (argument("email", "Address by which they are known.", required=True), OPTIONAL),
        tuple(_MEMBER.values()),
        _find_member,
    ),
    _find_all(
        "getAccountMembers",
        "Find everybody in the account.",
        (told.name for told in _MEMBER.values()),
        _find_members,
    ),
    _find_all("getTeams", "Find the teams of the account.", _TEAM, _find_teams),
    build_lookup(
        WorkspaceHandler,
        "workspace",
        first_of("id", "handle"),
        argument("handle", "Name in URLs."),
        argument("id", "Its uuid; this or the handle."),
    ),
    build_lookup(WorkspaceRoleHandler, "workspace role", first_of("id", "name"), *_NAME_OR_ID),
    build_lookup(TeamHandler, "team", first_of("id", "name"), *_NAME_OR_ID),
    build_lookup(ServiceAccountHandler, "service account", first_of("id", "name"), *_NAME_OR_ID),
    build_lookup(WebhookHandler, "webhook", first_of("id", "name"), *_NAME_OR_ID),
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
