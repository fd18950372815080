"""
Workspaces, workspace roles and teams: what an account of Prefect Cloud holds by name.

Never run against Prefect Cloud; see `cloud_resource`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from meta_prefect.provider.fields import Field, FieldType, Output, ResourceKind
from meta_prefect.provider.handler import Inputs
from meta_prefect.provider.handlers.cloud_resource import (
    ACCOUNT_ID,
    CREATED,
    UNTRIED,
    Rest,
    RestHandler,
    Scope,
)
from meta_prefect.provider.names import read_slug

WORKSPACE: Final = ResourceKind(
    token="prefect:cloud:Workspace",  # noqa: S106 - a type's name
    doc=f"A workspace of an account. {UNTRIED}",
    fields=(
        Field("name", FieldType.STRING, "Name that people see.", required=True),
        Field(
            "handle",
            FieldType.STRING,
            "Name in URLs, unique in the account: lower-case letters, digits and `-`.",
            required=True,
            canonical=read_slug,
        ),
        Field("description", FieldType.STRING, "What it is for."),
        ACCOUNT_ID,
    ),
    outputs=(
        Output("apiUrl", FieldType.STRING, "URL of its API, for a provider that works in it."),
        CREATED,
    ),
    import_id="HANDLE or uuid",
)
WORKSPACE_ROLE: Final = ResourceKind(
    token="prefect:cloud:WorkspaceRole",  # noqa: S106 - a type's name
    doc=f"A role of one's own: what somebody may do in a workspace. {UNTRIED}",
    fields=(
        Field("name", FieldType.STRING, "Name, unique in the account.", required=True),
        Field("description", FieldType.STRING, "What it is for."),
        Field(
            "scopes",
            FieldType.STRING_SET,
            "Set of what is allowed, like `manage_blocks`.",
            identity=str,
        ),
        Field("inheritedRoleId", FieldType.STRING, "Uuid of a role whose scopes it has, too."),
        ACCOUNT_ID,
    ),
    outputs=(CREATED,),
    import_id="NAME or uuid",
)
TEAM: Final = ResourceKind(
    token="prefect:cloud:Team",  # noqa: S106 - a type's name
    doc=f"A team: people and service accounts that get access together. {UNTRIED}",
    fields=(
        Field("name", FieldType.STRING, "Name, unique in the account.", required=True),
        Field("description", FieldType.STRING, "What it is for."),
        ACCOUNT_ID,
    ),
    outputs=(CREATED,),
    import_id="NAME or uuid",
)


class WorkspaceHandler(RestHandler):
    """Manages workspaces."""

    kind: ClassVar[ResourceKind] = WORKSPACE
    rest: ClassVar[Rest] = Rest(
        "workspace",
        Scope.ACCOUNT,
        "workspaces",
        "handle",
        {"name": "name", "handle": "handle", "description": "description"},
    )

    def outputs_of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Add the URL that providers of this workspace take."""
        account = {"accountId": row.get("account_id")}
        url = self.url(Scope.ACCOUNT, account, "workspaces", row["id"])
        return {**super().outputs_of(row), "apiUrl": url}


class WorkspaceRoleHandler(RestHandler):
    """Manages roles of one's own; those of Prefect are looked up, not managed."""

    kind: ClassVar[ResourceKind] = WORKSPACE_ROLE
    rest: ClassVar[Rest] = Rest(
        "workspace role",
        Scope.ACCOUNT,
        "workspace_roles",
        "name",
        {
            "name": "name",
            "description": "description",
            "scopes": "scopes",
            "inheritedRoleId": "inherited_role_id",
        },
    )

    def body_of(self, inputs: Inputs, keys: frozenset[str]) -> dict[str, Any]:
        """Send all of it: the route takes no part of a role."""
        body = super().body_of(inputs, frozenset(self.rest.names))
        return {
            **body,
            "description": body["description"] or "",
            "scopes": body["scopes"] or [],
        }

    def inputs_of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Read the scopes as a set."""
        return {**super().inputs_of(row), "scopes": sorted(set(row.get("scopes") or ())) or None}


class TeamHandler(RestHandler):
    """Manages teams; who is in one is a `TeamAccess` each."""

    kind: ClassVar[ResourceKind] = TEAM
    rest: ClassVar[Rest] = Rest(
        "team",
        Scope.ACCOUNT,
        "teams",
        "name",
        {"name": "name", "description": "description"},
        puts=True,
    )
