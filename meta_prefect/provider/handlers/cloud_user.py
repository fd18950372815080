"""
A user of Prefect Cloud and the API keys of that user: with one's own key, only about oneself.

A user is there before any program, so that a create asks for an import, or takes over. Never run
against Prefect Cloud; see `cloud_resource`. Not to be confused with `cloud_membership`, which is
about everybody in an account.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.provider.adoption import allow_adoption
from meta_prefect.provider.fields import Change, Field, FieldType, Output, ResourceKind
from meta_prefect.provider.handler import Found, Inputs, Made, Stored, Values
from meta_prefect.provider.handlers.cloud_resource import CREATED, UNTRIED, CloudHandler, Scope
from meta_prefect.provider.names import read_slug, snake_case
from meta_prefect.provider.schedules import read_instant
from meta_prefect.provider.world import empty_to_none, read_created

_PROFILE: Final = ("handle", "firstName", "lastName", "email")
_USER_ID: Final = Field(
    "userId", FieldType.STRING, "The user's uuid.", required=True, change=Change.REPLACE
)

USER: Final = ResourceKind(
    token="prefect:cloud:User",  # noqa: S106 - a type's name
    doc=f"What a user says of themselves; it is imported, not made, and never deleted. {UNTRIED}",
    fields=(
        _USER_ID,
        Field(
            "handle",
            FieldType.STRING,
            "Unique name: lower-case letters, digits and `-`.",
            left_alone=True,
            canonical=read_slug,
        ),
        Field("firstName", FieldType.STRING, "First name.", left_alone=True),
        Field("lastName", FieldType.STRING, "Last name.", left_alone=True),
        Field("email", FieldType.STRING, "Address to write to.", left_alone=True),
    ),
    outputs=(
        Output("actorId", FieldType.STRING, "Uuid by which access is given."),
        CREATED,
    ),
    import_id="the user's uuid",
)
USER_API_KEY: Final = ResourceKind(
    token="prefect:cloud:UserApiKey",  # noqa: S106 - a type's name
    doc=f"An API key of a user. {UNTRIED}",
    fields=(
        _USER_ID,
        Field(
            "name",
            FieldType.STRING,
            "Name that tells it from others.",
            required=True,
            change=Change.REPLACE,
        ),
        Field(
            "expiration",
            FieldType.STRING,
            "Instant at which it expires; not given: never.",
            change=Change.REPLACE,
            canonical=read_instant,
        ),
    ),
    outputs=(
        Output("key", FieldType.STRING, "The key.", secret=True),
        CREATED,
    ),
    import_id="USER_UUID/KEY_UUID; the key cannot be read back",
)


class UserHandler(CloudHandler):
    """Manages users; the Pulumi id is the user's uuid."""

    kind: ClassVar[ResourceKind] = USER

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Take it over where the settings allow that."""
        id = inputs["userId"]
        row = await self._find(id)
        if row is None:
            raise ProviderError(f"there is no user {id}, or not for this API key")
        allow_adoption(self, urn, f"user {row['handle']!r}", id)
        await self._change(row, inputs)
        return Made(id, _user_outputs(row))

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look at it."""
        row = await self._find(id)
        if row is None:
            return None
        profile = {key: empty_to_none(row.get(snake_case(key))) for key in _PROFILE}
        return Found(id, {"userId": id, **profile}, _user_outputs(row))

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Send what changed beside what stays."""
        row = await self._find(old.id)
        if row is None:
            raise ProviderError(f"there is no user {old.id} any more")
        await self._change(row, new)
        return old.outputs

    async def delete(self, old: Stored) -> None:
        """Let go of it."""
        self.log(Severity.INFO, old.urn, f"user {old.id} stays: only they can delete themselves")

    async def _find(self, id: str) -> Mapping[str, Any] | None:
        url = self.url(Scope.CLOUD, {}, "users", id)
        return await self.client.find(url, doing=f"look for user {id}")

    async def _change(self, row: Mapping[str, Any], inputs: Inputs) -> None:
        """Send what is given beside what stays: the route takes no part of a profile."""
        body = {snake_case(key): inputs.get(key, row.get(snake_case(key))) for key in _PROFILE}
        url = self.url(Scope.CLOUD, {}, "users", row["id"])
        await self.client.patch(url, body, doing=f"change user {row['id']}")


def _user_outputs(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"actorId": row.get("actor_id"), "created": read_created(row)}


class UserApiKeyHandler(CloudHandler):
    """Manages keys of users; the Pulumi id is made of user and key."""

    kind: ClassVar[ResourceKind] = USER_API_KEY

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Make a key, which is told now and never again."""
        user = inputs["userId"]
        body = {"name": inputs["name"]}
        if inputs.get("expiration"):
            body["expiration"] = inputs["expiration"]
        url = self.url(Scope.CLOUD, {}, "users", user, "api_keys")
        row = await self.client.post(url, body, doing=f"make API key {inputs['name']!r}")
        outputs = {"key": row["key"], "created": read_created(row)}
        return Made(f"{user}/{row['id']}", outputs)

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look at it; the key is the one of state."""
        user, slash, key_id = id.partition("/")
        if not slash:
            raise ProviderError(f"a key's id is USER_UUID/KEY_UUID, not {id!r}")
        row = await self.client.find(self._url(user, key_id), doing="look for an API key")
        if row is None:
            return None
        expiration = row.get("expiration")
        inputs = {
            "userId": user,
            "name": row["name"],
            "expiration": None if expiration is None else read_instant(expiration),
        }
        key = None if stored is None else stored.outputs.get("key")
        return Found(id, inputs, {"key": key, "created": read_created(row)})

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Do nothing: every field makes another key."""
        return old.outputs

    async def delete(self, old: Stored) -> None:
        """Take the key away."""
        user, _, key_id = old.id.partition("/")
        name = old.inputs["name"]
        await self.client.delete(self._url(user, key_id), doing=f"delete API key {name!r}")

    def _url(self, user: str, key_id: str) -> str:
        return self.url(Scope.CLOUD, {}, "users", user, "api_keys", key_id)
