"""Block types: the kinds of blocks that exist, by slug."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.provider.adoption import allow_adoption
from meta_prefect.provider.block_catalogue import count_documents, find_block_type
from meta_prefect.provider.fields import Change, Field, FieldType, Output, ResourceKind
from meta_prefect.provider.handler import Found, Handler, Inputs, Made, Stored, Values
from meta_prefect.provider.names import read_slug, read_unreserved_name
from meta_prefect.provider.world import is_uuid, path_of, read_created

_IDENTITY: Final = {"name": "name", "slug": "slug"}
_CHANGEABLE: Final = {
    "logoUrl": "logo_url",
    "documentationUrl": "documentation_url",
    "description": "description",
    "codeExample": "code_example",
}

BLOCK_TYPE: Final = ResourceKind(
    token="prefect:index:BlockType",  # noqa: S106 - a type's name
    doc="A kind of block. Its schemas say which fields such a block has.",
    fields=(
        Field(
            "name",
            FieldType.STRING,
            "Name that people see, not beginning with `prefect`.",
            required=True,
            # The server answers with the old type when only the slug is another one.
            change=Change.REPLACE_DELETE_FIRST,
            canonical=read_unreserved_name,
        ),
        Field(
            "slug",
            FieldType.STRING,
            "Name in code: lower-case letters, digits and `-`.",
            required=True,
            change=Change.REPLACE_DELETE_FIRST,
            canonical=read_slug,
        ),
        Field("logoUrl", FieldType.STRING, "URL of a picture."),
        Field("documentationUrl", FieldType.STRING, "URL of its manual."),
        Field("description", FieldType.STRING, "What it is for."),
        Field("codeExample", FieldType.STRING, "How it is used, in Markdown."),
    ),
    outputs=(Output("created", FieldType.STRING, "When the block type was made, UTC."),),
    import_id="SLUG or uuid",
)


class BlockTypeHandler(Handler):
    """Manages block types; the Pulumi id is the type's uuid."""

    kind: ClassVar[ResourceKind] = BLOCK_TYPE

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Make the type; one of this slug is an error, or is taken over."""
        slug = inputs["slug"]
        row = await find_block_type(self.client, slug)
        if row is not None:
            _expect(row, "name", inputs)
            allow_adoption(self, urn, f"block type {slug!r}", slug)
            await self._change(row["id"], slug, _body(inputs.values, frozenset(_CHANGEABLE)))
        else:
            row = await self._make(inputs)
            _expect(row, "slug", inputs)
        return Made(row["id"], _outputs(row))

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look at it by id, or by slug for an import."""
        if is_uuid(id):
            row = await self.client.find(path_of("block_types", id), doing="look for a block type")
        else:
            row = await find_block_type(self.client, id)
        return None if row is None else _found(row)

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Send what changed."""
        await self._change(old.id, new["slug"], _body(new.values, changed))
        return old.outputs

    async def delete(self, old: Stored) -> None:
        """Delete the type with its schemas; refuses while there are blocks of it."""
        slug = old.inputs["slug"]
        criterion = {"block_documents": {"block_type_id": {"any_": [old.id]}}}
        count = await count_documents(self.client, criterion)
        if count:
            raise ProviderError(
                f"block type {slug!r} has {count} blocks, which would be deleted with it: "
                "delete them first"
            )
        doing = f"delete block type {slug!r}"
        await self.client.delete(path_of("block_types", old.id), doing=doing)

    async def find_created(self, urn: str, inputs: Inputs) -> Found | bool:
        """Look for a type of this slug."""
        row = await find_block_type(self.client, inputs["slug"])
        return False if row is None else _found(row)

    async def _make(self, inputs: Inputs) -> Mapping[str, Any]:
        slug = inputs["slug"]
        keys = frozenset(_IDENTITY) | frozenset(_CHANGEABLE)
        made: Mapping[str, Any] = await self.client.post(
            "/block_types/",
            _body(inputs.values, keys),
            doing=f"create block type {slug!r}",
            find=lambda: find_block_type(self.client, slug),
        )
        return made

    async def _change(self, id: str, slug: str, body: Mapping[str, Any]) -> None:
        doing = f"change block type {slug!r}"
        await self.client.patch(path_of("block_types", id), body, doing=doing)


def _expect(row: Mapping[str, Any], key: str, inputs: Inputs) -> None:
    """Refuse a type that is there but not the one that was asked for."""
    if row[key] != inputs[key]:
        text = f"block type {row['name']!r} with slug {row['slug']!r} exists already"
        raise ProviderError(f"{text}: the server keeps one type for each name and slug")


def _body(values: Values, keys: frozenset[str]) -> dict[str, Any]:
    """Build what is sent for some keys; null takes a text away."""
    sent = _IDENTITY | _CHANGEABLE
    return {sent[key]: values.get(key) for key in sent if key in keys}


def _outputs(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"created": read_created(row)}


def _found(row: Mapping[str, Any]) -> Found:
    inputs = {key: row.get(sent) for key, sent in (_IDENTITY | _CHANGEABLE).items()}
    return Found(row["id"], inputs, _outputs(row))
