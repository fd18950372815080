"""
An account of Prefect Cloud and the people in it: they are there before any program.

So a create makes nothing: it asks for an import, or takes them over. Never run against Prefect
Cloud; see `cloud_resource`. Not to be confused with `cloud_user`, which is about oneself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.provider.adoption import allow_adoption
from meta_prefect.provider.fields import Change, Field, FieldType, Output, ResourceKind
from meta_prefect.provider.handler import Found, Inputs, Made, Stored, Values
from meta_prefect.provider.handlers.cloud_resource import (
    ACCOUNT_ID,
    CREATED,
    UNTRIED,
    CloudHandler,
    Rest,
    RestHandler,
    Scope,
)
from meta_prefect.provider.names import read_slug, snake_case
from meta_prefect.provider.world import empty_to_none, read_created

_PROFILE: Final = ("name", "handle", "link", "location", "authExpirationSeconds")
_SETTINGS: Final = (
    "allowPublicWorkspaces",
    "aiLogSummaries",
    "managedExecution",
    "enforceWebhookAuthentication",
)


def _setting(name: str, doc: str) -> Field:
    return Field(name, FieldType.BOOLEAN, doc, left_alone=True)


ACCOUNT: Final = ResourceKind(
    token="prefect:cloud:Account",  # noqa: S106 - a type's name
    doc=f"The account itself; it is imported, not made. {UNTRIED}",
    fields=(
        Field("name", FieldType.STRING, "Name that people see.", required=True),
        Field(
            "handle",
            FieldType.STRING,
            "Name in URLs, unique: lower-case letters, digits and `-`.",
            required=True,
            canonical=read_slug,
        ),
        Field("link", FieldType.STRING, "URL of a page about its owner."),
        Field("location", FieldType.STRING, "Where its owner is, like `Washington, D.C.`."),
        Field(
            "authExpirationSeconds",
            FieldType.INTEGER,
            "Seconds after which people have to log in again.",
            left_alone=True,
        ),
        _setting("allowPublicWorkspaces", "Whether a workspace may be public."),
        _setting("aiLogSummaries", "Whether logs are summed up by a language model."),
        _setting("managedExecution", "Whether managed work pools may be used."),
        _setting("enforceWebhookAuthentication", "Whether each webhook needs a service account."),
        Field(
            "domainNames",
            FieldType.STRING_SET,
            "Set of domains whose people log in by single sign-on.",
            identity=str,
        ),
        Field(
            "forceDelete",
            FieldType.BOOLEAN,
            "Delete the account with all its workspaces; else it is only let go of.",
            default=False,
            change=Change.NONE,
        ),
        Field(
            "accountId",
            FieldType.STRING,
            "The account's uuid; default: the provider's.",
            change=Change.REPLACE,
        ),
    ),
    outputs=(CREATED,),
    import_id="the account's uuid",
)
ACCOUNT_MEMBER: Final = ResourceKind(
    token="prefect:cloud:AccountMember",  # noqa: S106 - a type's name
    doc=f"Somebody's role in the account; people are invited, not made. {UNTRIED}",
    fields=(
        Field(
            "email",
            FieldType.STRING,
            "Address by which they are known.",
            required=True,
            change=Change.REPLACE,
        ),
        Field(
            "accountRoleId",
            FieldType.STRING,
            "Uuid of the role; `getAccountRole` tells it.",
            left_alone=True,
        ),
        ACCOUNT_ID,
    ),
    outputs=(
        Output("userId", FieldType.STRING, "The user's uuid."),
        Output("actorId", FieldType.STRING, "Uuid by which access is given."),
    ),
    import_id="EMAIL",
)


class AccountHandler(CloudHandler):
    """Manages an account; the Pulumi id is its uuid."""

    kind: ClassVar[ResourceKind] = ACCOUNT

    def own_id(self, values: Values) -> str:
        """Say which account is meant: the given one, or the provider's."""
        return self.url(Scope.ACCOUNT, values).rpartition("/")[2]

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Take it over where the settings allow that."""
        id = self.own_id(inputs.values)
        row = await self._find(id)
        if row is None:
            raise ProviderError(f"there is no account {id}, and none can be made by the API")
        allow_adoption(self, urn, f"account {row['handle']!r}", id)
        await self._change(id, inputs, frozenset(inputs.values))
        return Made(id, _outputs_of(row))

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look at it, and at its domains, which have a route of their own."""
        row = await self._find(id)
        if row is None:
            return None
        domains: Any = await self.client.find(self._url(id, "domains"), doing="look for domains")
        names = sorted({domain["name"] for domain in domains or ()})
        profile = {key: empty_to_none(row.get(snake_case(key))) for key in _PROFILE}
        settings = {key: (row.get("settings") or {}).get(snake_case(key)) for key in _SETTINGS}
        inputs = {**profile, **settings, "domainNames": names or None}
        return Found(id, inputs, _outputs_of(row))

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Send what changed, each part by its own route."""
        await self._change(old.id, new, changed)
        return old.outputs

    async def delete(self, old: Stored) -> None:
        """Let go of it, unless it is to be deleted with all that is in it."""
        name = f"account {old.inputs['handle']!r}"
        if old.inputs.get("forceDelete"):
            await self.client.delete(self._url(old.id, ""), doing=f"delete {name}")
        else:
            self.log(Severity.INFO, old.urn, f"{name} stays: forceDelete is not set")

    async def _find(self, id: str) -> Mapping[str, Any] | None:
        return await self.client.find(self._url(id, ""), doing=f"look for account {id}")

    async def _change(self, id: str, inputs: Inputs, changed: frozenset[str]) -> None:
        doing = f"change account {inputs['handle']!r}"
        if profile := _body_of(inputs, changed, _PROFILE):
            await self.client.patch(self._url(id, ""), profile, doing=doing)
        if settings := _body_of(inputs, changed, _SETTINGS):
            # The route takes the settings as a whole.
            row = await self._find(id) or {}
            body = {**(row.get("settings") or {}), **settings}
            await self.client.patch(self._url(id, "settings"), body, doing=doing)
        if "domainNames" in changed:
            body = {"domain_names": inputs.get("domainNames") or []}
            await self.client.patch(self._url(id, "domains"), body, doing=doing)

    def _url(self, id: str, part: str) -> str:
        return f"{self.url(Scope.ACCOUNT, {'accountId': id})}/{part}"


def _outputs_of(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"created": read_created(row)}


def _body_of(inputs: Inputs, changed: frozenset[str], keys: tuple[str, ...]) -> dict[str, Any]:
    """Build the part of a body for some keys."""
    return {snake_case(key): inputs.get(key) for key in keys if key in changed}


class AccountMemberHandler(RestHandler):
    """Manages members of an account, who are only found by their address."""

    kind: ClassVar[ResourceKind] = ACCOUNT_MEMBER
    rest: ClassVar[Rest] = Rest(
        "account member",
        Scope.ACCOUNT,
        "account_memberships",
        "email",
        {"email": "email", "accountRoleId": "account_role_id"},
    )

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look for the address: no route takes the id."""
        values = {} if stored is None else stored.inputs.values
        row = await self._find_by_key(values, id if stored is None else values["email"])
        return None if row is None else self._found(row)

    def body_of(self, inputs: Inputs, keys: frozenset[str]) -> dict[str, Any]:
        """Send the role where one is given; nothing else can be changed."""
        role = inputs.get("accountRoleId")
        return {"account_role_id": role} if role and "accountRoleId" in keys else {}

    def outputs_of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Tell who it is; a membership has no instant of its making."""
        return {"userId": row.get("user_id"), "actorId": row.get("actor_id")}

    async def _make(self, inputs: Inputs) -> Mapping[str, Any]:
        raise ProviderError(
            f"nobody with the address {inputs['email']} is in the account: invite them first"
        )
