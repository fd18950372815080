"""Tag concurrency limits: how many task runs with a tag run at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from meta_prefect.provider.adoption import allow_adoption
from meta_prefect.provider.fields import Change, Field, FieldType, Output, ResourceKind
from meta_prefect.provider.handler import Found, Handler, Inputs, Made, Stored, Values
from meta_prefect.provider.names import read_name
from meta_prefect.provider.world import path_of, read_created, read_limit

TAG_CONCURRENCY_LIMIT: Final = ResourceKind(
    token="prefect:index:TagConcurrencyLimit",  # noqa: S106 - a type's name
    doc="How many task runs with a tag may run at once.",
    fields=(
        Field(
            "tag",
            FieldType.STRING,
            "The tag.",
            required=True,
            change=Change.REPLACE,
            canonical=read_name,
        ),
        Field(
            "concurrencyLimit",
            FieldType.INTEGER,
            "Task runs at once, 0 or more; runs in flight keep their slots.",
            required=True,
            canonical=read_limit,
        ),
    ),
    outputs=(
        Output("limitId", FieldType.STRING, "The limit's uuid."),
        Output("created", FieldType.STRING, "When the limit was made, UTC."),
    ),
    import_id="TAG",
)


class TagConcurrencyLimitHandler(Handler):
    """
    Manages tag limits; the Pulumi id is the tag.

    One route makes and changes a limit, so slots that are held stay held.
    """

    kind: ClassVar[ResourceKind] = TAG_CONCURRENCY_LIMIT

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Make the limit; one of this tag is an error, or is taken over."""
        tag = inputs["tag"]
        if await self._find(tag) is not None:
            allow_adoption(self, urn, f"concurrency limit of tag {tag!r}", tag)
        return Made(tag, _outputs(await self._write(inputs, "create")))

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look at it by tag."""
        row = await self._find(id)
        return None if row is None else _found(row)

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Write the number."""
        return _outputs(await self._write(new, "change"))

    async def delete(self, old: Stored) -> None:
        """Delete the limit."""
        await self.client.delete(_path(old.id), doing=f"delete concurrency limit of tag {old.id!r}")

    async def find_created(self, urn: str, inputs: Inputs) -> Found | bool:
        """Look for a limit of this tag."""
        row = await self._find(inputs["tag"])
        return False if row is None else _found(row)

    async def _find(self, tag: str) -> Mapping[str, Any] | None:
        doing = f"look for concurrency limit of tag {tag!r}"
        return await self.client.find(_path(tag), doing=doing)

    async def _write(self, inputs: Inputs, verb: str) -> Mapping[str, Any]:
        body = {"tag": inputs["tag"], "concurrency_limit": inputs["concurrencyLimit"]}
        doing = f"{verb} concurrency limit of tag {inputs['tag']!r}"
        row: Mapping[str, Any] = await self.client.post("/concurrency_limits/", body, doing=doing)
        return row


def _path(tag: str) -> str:
    return path_of("concurrency_limits", "tag", tag)


def _outputs(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"limitId": row["id"], "created": read_created(row)}


def _found(row: Mapping[str, Any]) -> Found:
    inputs = {"tag": row["tag"], "concurrencyLimit": row["concurrency_limit"]}
    return Found(row["tag"], inputs, _outputs(row))
