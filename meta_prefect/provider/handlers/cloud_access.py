"""
Who may do what in Prefect Cloud: roles in workspaces, and members of teams.

Both are upserts, so that nothing is ever doubled and nothing has to be adopted. Never run against
Prefect Cloud; see `cloud_resource`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.provider.fields import Change, Field, FieldType, ResourceKind
from meta_prefect.provider.handler import Found, Inputs, Made, Stored, Values
from meta_prefect.provider.handlers.cloud_resource import (
    ACCOUNT_ID,
    UNTRIED,
    WORKSPACE_ID,
    CloudHandler,
    Scope,
)

_KINDS: Final = {"USER": "user", "SERVICE_ACCOUNT": "bot", "TEAM": "team"}
_MEMBER_PARTS: Final = 3


def _one_of(*words: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return value

    return read


WORKSPACE_ACCESS: Final = ResourceKind(
    token="prefect:cloud:WorkspaceAccess",  # noqa: S106 - a type's name
    doc=f"A role that somebody has in a workspace. {UNTRIED}",
    fields=(
        Field(
            "accessorType",
            FieldType.STRING,
            "USER, SERVICE_ACCOUNT or TEAM.",
            required=True,
            change=Change.REPLACE,
            canonical=_one_of(*_KINDS),
        ),
        Field(
            "accessorId",
            FieldType.STRING,
            "Uuid of the user, service account or team.",
            required=True,
            change=Change.REPLACE,
        ),
        Field("workspaceRoleId", FieldType.STRING, "Uuid of the role.", required=True),
        WORKSPACE_ID,
        ACCOUNT_ID,
    ),
    outputs=(),
    import_id="TYPE/ACCESS_UUID",
)
TEAM_ACCESS: Final = ResourceKind(
    token="prefect:cloud:TeamAccess",  # noqa: S106 - a type's name
    doc=f"A member of a team. {UNTRIED}",
    fields=(
        Field("teamId", FieldType.STRING, "The team's uuid.", required=True, change=Change.REPLACE),
        Field(
            "memberType",
            FieldType.STRING,
            "USER or SERVICE_ACCOUNT.",
            required=True,
            change=Change.REPLACE,
            canonical=_one_of("USER", "SERVICE_ACCOUNT"),
        ),
        Field(
            "memberId",
            FieldType.STRING,
            "Uuid of the user or service account.",
            required=True,
            change=Change.REPLACE,
        ),
        Field(
            "memberActorId",
            FieldType.STRING,
            "Uuid of its actor, as ServiceAccount tells it.",
            required=True,
            change=Change.REPLACE,
        ),
        ACCOUNT_ID,
    ),
    outputs=(),
    import_id="TEAM_UUID/MEMBER_UUID/ACTOR_UUID",
)


class WorkspaceAccessHandler(CloudHandler):
    """Manages roles in workspaces; the Pulumi id is the kind of accessor and the access's uuid."""

    kind: ClassVar[ResourceKind] = WORKSPACE_ACCESS

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Give the role."""
        return Made(f"{inputs['accessorType']}/{await self._give(inputs)}", {})

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look at it by the kind of accessor and the access's uuid."""
        type, _, access_id = id.partition("/")
        if type not in _KINDS:
            raise ProviderError(f"an access's id is {WORKSPACE_ACCESS.import_id}, not {id!r}")
        values = {} if stored is None else stored.inputs.values
        if type == "TEAM":
            rows = await self._list_of_teams(values)
            row = next((row for row in rows if row["id"] == access_id), None)
        else:
            url = self._url(type, values, access_id)
            row = await self.client.find(url, doing="look for a workspace role")
        return None if row is None else Found(id, _access_inputs(type, row), {})

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Give another role."""
        await self._give(new)
        return old.outputs

    async def delete(self, old: Stored) -> None:
        """Take the role away; the route of teams wants the team."""
        type, _, access_id = old.id.partition("/")
        key = old.inputs["accessorId"] if type == "TEAM" else access_id
        url = self._url(type, old.inputs.values, key)
        await self.client.delete(url, doing="take a workspace role away")

    async def _give(self, inputs: Inputs) -> str:
        """Give the role, and find the access's id."""
        type, accessor = inputs["accessorType"], inputs["accessorId"]
        role = {"workspace_role_id": inputs["workspaceRoleId"]}
        body = [{**role, f"{_KINDS[type]}_id": accessor}]
        url, doing = f"{self._url(type, inputs.values)}/", "give a workspace role"
        if type == "TEAM":
            await self.client.put(url, body, doing=doing)
            rows = await self._list_of_teams(inputs.values)
            rows = [row for row in rows if row.get("team_id") == accessor]
        else:
            rows = await self.client.post(url, body, doing=doing)
        if not rows:
            raise ProviderError("Prefect Cloud took the workspace role, and does not show it")
        return str(rows[0]["id"])

    async def _list_of_teams(self, values: Values) -> list[Mapping[str, Any]]:
        url = self._url("TEAM", values, "filter")
        rows: list[Mapping[str, Any]] = await self.client.query(
            url, {}, doing="look for workspace roles"
        )
        return rows

    def _url(self, type: str, values: Values, *parts: str) -> str:
        return self.url(Scope.WORKSPACE, values, f"{_KINDS[type]}_access", *parts)


def _access_inputs(type: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "accessorType": type,
        "accessorId": row.get(f"{_KINDS[type]}_id"),
        "workspaceRoleId": row.get("workspace_role_id"),
    }


class TeamAccessHandler(CloudHandler):
    """Manages members of teams; the Pulumi id is made of team, member and actor."""

    kind: ClassVar[ResourceKind] = TEAM_ACCESS

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Put the member into the team."""
        member = {"member_id": inputs["memberId"], "member_type": inputs["memberType"]}
        url = self.url(Scope.ACCOUNT, inputs.values, "teams", inputs["teamId"], "members")
        await self.client.put(url, {"members": [member]}, doing="add a member to a team")
        keys = ("teamId", "memberId", "memberActorId")
        return Made("/".join(inputs[key] for key in keys), {})

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look among the team's members."""
        parts = id.split("/")
        if len(parts) != _MEMBER_PARTS:
            raise ProviderError(f"a member's id is {TEAM_ACCESS.import_id}, not {id!r}")
        team, member, actor = parts
        values = {} if stored is None else stored.inputs.values
        url = self.url(Scope.ACCOUNT, values, "teams", team)
        row = await self.client.find(url, doing="look for the members of a team") or {}
        for membership in row.get("memberships") or ():
            if membership["id"] == actor:
                inputs = {"teamId": team, "memberId": member, "memberActorId": actor}
                return Found(id, {**inputs, "memberType": membership["type"]}, {})
        return None

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Do nothing: every field makes another member."""
        return old.outputs

    async def delete(self, old: Stored) -> None:
        """Take the member out of the team."""
        team, member = old.inputs["teamId"], old.inputs["memberId"]
        url = self.url(Scope.ACCOUNT, old.inputs.values, "teams", team, "members", member)
        await self.client.delete(url, doing="take a member out of a team")
