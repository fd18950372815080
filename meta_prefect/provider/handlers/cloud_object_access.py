"""
Who may manage, run or see one thing in Prefect Cloud: a block, a deployment or a work pool.

Each is one document that is always written whole, so that two resources about one thing would
fight. Never run against Prefect Cloud; see `cloud_resource`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from meta_prefect.provider.fields import Change, Field, FieldType, ResourceKind
from meta_prefect.provider.handler import Found, Inputs, Made, Stored, Values
from meta_prefect.provider.handlers.cloud_resource import (
    ACCOUNT_ID,
    UNTRIED,
    WORKSPACE_ID,
    CloudHandler,
    Scope,
)
from meta_prefect.provider.names import snake_case

_EVERYBODY: Final = ["*"]
_TEAM: Final = "team"
_ALL_LEVELS: Final = ("manage", "run", "view")


def _build_kind(name: str, thing: Field, levels: tuple[str, ...]) -> ResourceKind:
    noun = snake_case(name.removesuffix("Access")).replace("_", " ")
    sets = [
        Field(
            f"{level}{members}Ids",
            FieldType.STRING_SET,
            f"Set of {text} that may {level} it.",
            identity=str,
        )
        for level in levels
        for members, text in (("Actor", "actors' uuids, or `*`,"), ("Team", "teams' uuids"))
    ]
    return ResourceKind(
        token=f"prefect:cloud:{name}",
        doc=f"Who may do what with one {noun}, as a whole. Deleting it lets everybody. {UNTRIED}",
        fields=(thing, *sets, WORKSPACE_ID, ACCOUNT_ID),
        outputs=(),
        import_id=f"the {noun}'s {'name' if thing.name.endswith('Name') else 'uuid'}",
    )


def _thing(name: str, doc: str) -> Field:
    return Field(name, FieldType.STRING, doc, required=True, change=Change.REPLACE)


class ObjectAccessHandler(CloudHandler):
    """
    Manages the access of one kind of thing; the Pulumi id is the thing's.

    collection: the part of the path before the thing's id.
    """

    collection: ClassVar[str]
    levels: ClassVar[tuple[str, ...]] = _ALL_LEVELS

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Write who may do what, in the place of what was there."""
        id = inputs[self._key]
        await self._write(id, inputs, self._body(inputs))
        return Made(id, {})

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look at who may do what."""
        values = {} if stored is None else stored.inputs.values
        row = await self.client.find(self._url(id, values), doing=f"look for the access of {id}")
        return None if row is None else Found(id, {self._key: id, **self._inputs(row)}, {})

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Write all of it."""
        await self._write(old.id, new, self._body(new))
        return old.outputs

    async def delete(self, old: Stored) -> None:
        """Let everybody do everything, as it was before anybody asked."""
        if await self.read(old.id, old) is not None:
            actors = {f"{level}_actor_ids": _EVERYBODY for level in self.levels}
            teams: dict[str, list[str]] = {f"{level}_team_ids": [] for level in self.levels}
            await self._write(old.id, old.inputs, actors | teams)

    @property
    def _key(self) -> str:
        return self.kind.fields[0].name

    def _url(self, id: str, values: Values) -> str:
        return self.url(Scope.WORKSPACE, values, self.collection, id, "access")

    async def _write(self, id: str, inputs: Inputs, access: Mapping[str, list[str]]) -> None:
        body = {"access_control": access}
        await self.client.put(self._url(id, inputs.values), body, doing=f"set the access of {id}")

    def _body(self, inputs: Inputs) -> dict[str, list[str]]:
        return {
            f"{level}_{members.lower()}_ids": inputs.get(f"{level}{members}Ids") or []
            for level in self.levels
            for members in ("Actor", "Team")
        }

    def _inputs(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Sort out the members: the answer has teams among the actors."""
        inputs: dict[str, Any] = {}
        for level in self.levels:
            members = row.get(f"{level}_actors") or ()
            teams = sorted({item["id"] for item in members if item.get("type") == _TEAM})
            actors = sorted({item["id"] for item in members if item.get("type") != _TEAM})
            inputs |= {f"{level}ActorIds": actors or None, f"{level}TeamIds": teams or None}
        return inputs


class BlockAccessHandler(ObjectAccessHandler):
    """Manages who may use a block; nobody runs one."""

    collection: ClassVar[str] = "block_documents"
    levels: ClassVar[tuple[str, ...]] = ("manage", "view")
    kind: ClassVar[ResourceKind] = _build_kind(
        "BlockAccess", _thing("blockId", "The block's uuid."), ("manage", "view")
    )


class DeploymentAccessHandler(ObjectAccessHandler):
    """Manages who may use a deployment."""

    collection: ClassVar[str] = "deployments"
    kind: ClassVar[ResourceKind] = _build_kind(
        "DeploymentAccess", _thing("deploymentId", "The deployment's uuid."), _ALL_LEVELS
    )


class WorkPoolAccessHandler(ObjectAccessHandler):
    """Manages who may use a work pool."""

    collection: ClassVar[str] = "work_pools"
    kind: ClassVar[ResourceKind] = _build_kind(
        "WorkPoolAccess", _thing("workPoolName", "Name of the work pool."), _ALL_LEVELS
    )
