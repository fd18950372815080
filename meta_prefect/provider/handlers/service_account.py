"""
Service accounts of Prefect Cloud, each with one API key.

The key is told once, by the answer that makes it, and kept as a secret output. Never run against
Prefect Cloud; see `cloud_resource`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.interfaces.values import UNKNOWN
from meta_prefect.provider.fields import Change, Field, FieldType, Output, ResourceKind
from meta_prefect.provider.handler import Found, Inputs, Made, Stored, Values
from meta_prefect.provider.handlers.cloud_resource import (
    ACCOUNT_ID,
    CREATED,
    UNTRIED,
    Rest,
    RestHandler,
    Scope,
)
from meta_prefect.provider.schedules import read_instant

_LONGEST_OLD_KEY_SECONDS: Final = 172_800
_ROTATING: Final = frozenset({"apiKeyExpiration", "apiKeyKeepers"})


def _read_old_key_seconds(value: int) -> int:
    if not 0 <= value <= _LONGEST_OLD_KEY_SECONDS:
        raise ValueError(f"must be between 0 and {_LONGEST_OLD_KEY_SECONDS} seconds")
    return value


SERVICE_ACCOUNT: Final = ResourceKind(
    token="prefect:cloud:ServiceAccount",  # noqa: S106 - a type's name
    doc=f"An account for programs, with an API key. {UNTRIED}",
    fields=(
        Field("name", FieldType.STRING, "Name, unique in the account.", required=True),
        Field(
            "accountRoleName",
            FieldType.STRING,
            "Role in the account; default: the account's.",
            left_alone=True,
        ),
        Field(
            "apiKeyExpiration",
            FieldType.STRING,
            "Instant at which the key expires; not given: never. A change makes a new key.",
            canonical=read_instant,
        ),
        Field(
            "apiKeyKeepers",
            FieldType.STRING_MAP,
            "Any texts; a change makes a new key.",
        ),
        Field(
            "oldKeyExpiresInSeconds",
            FieldType.INTEGER,
            "Seconds that the old key stays valid beside a new one, 172,800 at most.",
            default=0,
            change=Change.NONE,
            canonical=_read_old_key_seconds,
        ),
        ACCOUNT_ID,
    ),
    outputs=(
        Output("apiKey", FieldType.STRING, "The key.", stable=False, secret=True),
        Output("apiKeyId", FieldType.STRING, "Id of the key, which is no secret.", stable=False),
        Output("actorId", FieldType.STRING, "Uuid by which access is given."),
        CREATED,
    ),
    import_id="NAME or uuid; the key cannot be read back",
)


class ServiceAccountHandler(RestHandler):
    """Manages service accounts and their keys."""

    kind: ClassVar[ResourceKind] = SERVICE_ACCOUNT
    rest: ClassVar[Rest] = Rest("service account", Scope.ACCOUNT, "bots", "name", {"name": "name"})

    def foresee_update(self, old: Stored, new: Inputs) -> Values:
        """Foresee a new key only where one is made."""
        if any(old.inputs.get(key) != new.get(key) for key in _ROTATING):
            return {**old.outputs, "apiKey": UNKNOWN, "apiKeyId": UNKNOWN}
        return old.outputs

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Make the account with a key, and a new key for one whose first key nobody has seen."""
        made = await super().create(urn, inputs)
        if made.outputs.get("apiKey") is None:
            return Made(made.id, {**made.outputs, **await self._rotate(made.id, inputs)})
        return made

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look at it; the key is the one of state, as nobody tells it twice."""
        found = await super().read(id, stored)
        if found is None or stored is None:
            return found
        known = stored.outputs
        if known.get("apiKeyId") not in {None, found.outputs["apiKeyId"]}:
            text = "the key was made anew elsewhere: change apiKeyKeepers to get one that is known"
            self.log(Severity.WARNING, stored.urn, text)
        key = {"apiKey": known.get("apiKey"), "apiKeyId": known.get("apiKeyId")}
        return Found(found.id, found.inputs, {**found.outputs, **key})

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Change the account, and make a new key where that is asked for."""
        if changed & {"name", "accountRoleName"}:
            await self._change(old.id, new, changed)
        if changed & _ROTATING:
            return {**old.outputs, **await self._rotate(old.id, new)}
        return old.outputs

    def body_of(self, inputs: Inputs, keys: frozenset[str]) -> dict[str, Any]:
        """Send the name always, and the role where it is known."""
        body = {"name": inputs["name"]}
        if inputs.get("accountRoleId"):
            body["account_role_id"] = inputs["accountRoleId"]
        return body

    def inputs_of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Read the role by its name, and when the key expires."""
        expiration = (row.get("api_key") or {}).get("expiration")
        return {
            "name": row["name"],
            "accountRoleName": row.get("account_role_name"),
            "apiKeyExpiration": None if expiration is None else read_instant(expiration),
        }

    def outputs_of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Add the actor, and the key where the answer tells it."""
        return {
            **super().outputs_of(row),
            **_key_of(row),
            "actorId": row.get("actor_id"),
        }

    async def _make(self, inputs: Inputs) -> Mapping[str, Any]:
        body = self.body_of(await self._with_role(inputs), frozenset())
        if inputs.get("apiKeyExpiration"):
            body["api_key_expiration"] = inputs["apiKeyExpiration"]
        made: Mapping[str, Any] = await self.client.post(
            self.url(Scope.ACCOUNT, inputs.values, "bots") + "/",
            body,
            doing=f"create {self._name(inputs)}",
            find=lambda: self._find_by_key(inputs.values, inputs["name"]),
        )
        return made

    async def _change(self, id: str, inputs: Inputs, changed: frozenset[str]) -> None:
        await super()._change(id, await self._with_role(inputs), changed)

    async def find_rows(self, url: str, key: str, value: str) -> list[Mapping[str, Any]]:
        """Ask by the name that the filter has for these accounts, which its path has not."""
        body = {"service_accounts": {key: {"any_": [value]}}}
        doing = f"look for service account {value!r}"
        found: list[Mapping[str, Any]] = await self.client.query(f"{url}/filter", body, doing=doing)
        return found

    async def find_role(self, values: Values, name: str) -> Mapping[str, Any] | None:
        """Look for a role in the account."""
        url = self.url(Scope.ACCOUNT, values, "account_roles", "filter")
        body = {"account_roles": {"name": {"any_": [name]}}}
        rows = await self.client.query(url, body, doing=f"look for account role {name!r}")
        return next(iter(rows), None)

    async def _with_role(self, inputs: Inputs) -> Inputs:
        """Look up the role's id."""
        name = inputs.get("accountRoleName")
        if name is None:
            return inputs
        role = await self.find_role(inputs.values, name)
        if role is None:
            raise ProviderError(f"there is no account role {name!r}")
        return Inputs({**inputs.values, "accountRoleId": role["id"]})

    async def _rotate(self, id: str, inputs: Inputs) -> dict[str, Any]:
        url = self.url(Scope.ACCOUNT, inputs.values, "bots", id, "rotate_api_key")
        body = {
            "api_key_expiration": inputs.get("apiKeyExpiration"),
            "old_key_expires_in_seconds": inputs.get("oldKeyExpiresInSeconds", 0),
        }
        doing = f"make a new key of {self._name(inputs)}"
        return _key_of(await self.client.post(url, body, doing=doing))


def _key_of(row: Mapping[str, Any]) -> dict[str, Any]:
    key = row.get("api_key") or {}
    return {"apiKey": key.get("key"), "apiKeyId": key.get("id")}
