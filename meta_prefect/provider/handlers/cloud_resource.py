"""
What the kinds of Prefect Cloud share: paths below an account or a workspace, and plain REST.

None of them was ever run against Prefect Cloud: routes and bodies are those of its published
clients, and the tests speak to a fake one.

Source: `internal/api` and `internal/client` of Prefect's Terraform provider, August 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, ClassVar, Final

from meta_prefect.interfaces.provider import CheckFailure, ProviderError
from meta_prefect.provider.adoption import allow_adoption
from meta_prefect.provider.fields import Change, Field, FieldType, Output
from meta_prefect.provider.handler import Found, Handler, Inputs, Made, Stored, Values
from meta_prefect.provider.world import empty_to_none, is_uuid, path_of, read_created

ACCOUNT_ID: Final = Field(
    "accountId",
    FieldType.STRING,
    "Account that it is in; default: the provider's.",
    change=Change.REPLACE,
)
WORKSPACE_ID: Final = Field(
    "workspaceId",
    FieldType.STRING,
    "Workspace that it is in; default: the provider's.",
    change=Change.REPLACE,
)
CREATED: Final = Output("created", FieldType.STRING, "When it was made, UTC.")
UNTRIED: Final = "Only in Prefect Cloud, and never run against it."

_ACCOUNTS: Final = "/accounts/"
_WORKSPACES: Final = "/workspaces/"


class Scope(Enum):
    """Whose a kind is; `CLOUD`: nobody's account."""

    CLOUD = auto()
    ACCOUNT = auto()
    WORKSPACE = auto()


@dataclass(frozen=True, slots=True)
class Rest:
    """
    The routes of a kind.

    noun: for people. entity: the last part of the path, and the kind's name in a filter's body.
    key: input that is unique, by which a thing is found.
    names: inputs that are sent, with their names there.
    puts: changes are sent by PUT, with all inputs; else by PATCH.
    """

    noun: str
    scope: Scope
    entity: str
    key: str
    names: Mapping[str, str]
    puts: bool = False


class CloudHandler(Handler):
    """Knows where in Prefect Cloud a thing is."""

    def judge(self, urn: str, values: Values) -> Iterator[CheckFailure]:
        """Refuse any other API; one that is not known yet may be Cloud's."""
        if self.client.has_url and not self.settings.is_cloud:
            yield CheckFailure("", self._elsewhere())

    def url(self, scope: Scope, values: Values, *parts: str) -> str:
        """
        Build a URL below an account or a workspace, or of Cloud itself.

        Raises:
            ProviderError: neither the inputs nor the provider say which one, or it is not Cloud.
        """
        if not self.settings.is_cloud:
            raise ProviderError(self._elsewhere())
        base, _, place = self.settings.api_url.partition(_ACCOUNTS)
        if scope is Scope.CLOUD:
            return base + path_of(*parts)
        account, _, workspace = place.partition(_WORKSPACES)
        account = _given(values, "accountId") or account
        workspace = _given(values, "workspaceId") or workspace
        if not account:
            raise ProviderError(f"{self.kind.name} needs an account: set accountId")
        url = f"{base}{_ACCOUNTS}{account}"
        if scope is Scope.WORKSPACE:
            if not workspace:
                raise ProviderError(f"{self.kind.name} needs a workspace: set workspaceId")
            url = f"{url}{_WORKSPACES}{workspace}"
        return url + (path_of(*parts) if parts else "")

    def _elsewhere(self) -> str:
        return f"{self.kind.name} is only in Prefect Cloud; the API is {self.settings.api_url}"


def _given(values: Values, key: str) -> str:
    value = values.get(key)
    return value if isinstance(value, str) else ""


class RestHandler(CloudHandler):
    """Manages a kind whose routes are all alike; the Pulumi id is the thing's uuid."""

    rest: ClassVar[Rest]

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Make it; one of this key is an error, or is taken over."""
        row = await self._find_by_key(inputs.values, inputs[self.rest.key])
        if row is not None:
            allow_adoption(self, urn, self._name(inputs), row["id"])
            await self._change(row["id"], inputs, frozenset(self.rest.names))
        else:
            row = await self._make(inputs)
        return Made(row["id"], self.outputs_of(row))

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look at it by id, or by its key for an import."""
        values = {} if stored is None else stored.inputs.values
        row = await (self._find(values, id) if is_uuid(id) else self._find_by_key(values, id))
        return None if row is None else self._found(row)

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Send what changed, or all of it where the route wants that."""
        await self._change(old.id, new, changed)
        return old.outputs

    async def delete(self, old: Stored) -> None:
        """Take it away."""
        url = self.url(self.rest.scope, old.inputs.values, self.rest.entity, old.id)
        await self.client.delete(url, doing=f"delete {self._name(old.inputs)}")

    async def find_created(self, urn: str, inputs: Inputs) -> Found | bool:
        """Look for one of this key."""
        row = await self._find_by_key(inputs.values, inputs[self.rest.key])
        return False if row is None else self._found(row)

    def body_of(self, inputs: Inputs, keys: frozenset[str]) -> dict[str, Any]:
        """Build what is sent for some inputs."""
        return {sent: inputs.get(key) for key, sent in self.rest.names.items() if key in keys}

    def inputs_of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Read the inputs in an answer."""
        return {key: empty_to_none(row.get(sent)) for key, sent in self.rest.names.items()}

    def outputs_of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Read the outputs in an answer."""
        return {"created": read_created(row)}

    async def find_rows(self, url: str, key: str, value: str) -> list[Mapping[str, Any]]:
        """Ask for the things that have a value; `url` is that of all of them."""
        body = {self.rest.entity: {key: {"any_": [value]}}}
        doing = f"look for {self.rest.noun} {value!r}"
        found: list[Mapping[str, Any]] = await self.client.query(f"{url}/filter", body, doing=doing)
        return found

    async def _find(self, values: Values, id: str) -> Mapping[str, Any] | None:
        url = self.url(self.rest.scope, values, self.rest.entity, id)
        return await self.client.find(url, doing=f"look for {self.rest.noun} {id}")

    async def _find_by_key(self, values: Values, value: str) -> Mapping[str, Any] | None:
        key = self.rest.names[self.rest.key]
        url = self.url(self.rest.scope, values, self.rest.entity)
        rows = await self.find_rows(url, key, value)
        return next((row for row in rows if row.get(key) == value), None)

    async def _make(self, inputs: Inputs) -> Mapping[str, Any]:
        made: Mapping[str, Any] = await self.client.post(
            self.url(self.rest.scope, inputs.values, self.rest.entity) + "/",
            self.body_of(inputs, frozenset(self.rest.names)),
            doing=f"create {self._name(inputs)}",
            find=lambda: self._find_by_key(inputs.values, inputs[self.rest.key]),
        )
        return made

    async def _change(self, id: str, inputs: Inputs, changed: frozenset[str]) -> None:
        url = self.url(self.rest.scope, inputs.values, self.rest.entity, id)
        doing = f"change {self._name(inputs)}"
        if self.rest.puts:
            body = self.body_of(inputs, frozenset(self.rest.names))
            await self.client.put(url, body, doing=doing)
        elif body := self.body_of(inputs, changed):
            await self.client.patch(url, body, doing=doing)

    def _name(self, inputs: Inputs) -> str:
        return f"{self.rest.noun} {inputs[self.rest.key]!r}"

    def _found(self, row: Mapping[str, Any]) -> Found:
        return Found(row["id"], self.inputs_of(row), self.outputs_of(row))
