"""Block schemas: the fields of a block type, in one version; none can be changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.provider.adoption import allow_adoption
from meta_prefect.provider.block_catalogue import count_documents, find_block_type, list_schemas
from meta_prefect.provider.blocks import choose_schema
from meta_prefect.provider.differences import find_differences
from meta_prefect.provider.fields import Change, Field, FieldType, Output, ResourceKind
from meta_prefect.provider.handler import Found, Handler, Inputs, Made, Stored, Values
from meta_prefect.provider.world import is_uuid, path_of, read_created

_REFERENCES: Final = "block_schema_references"
_DEFINITIONS: Final = "definitions"
_BODY_KEYS: Final = {
    "blockTypeId": "block_type_id",
    "fields": "fields",
    "capabilities": "capabilities",
    "version": "version",
}


def _read_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    # The server adds the key, and Prefect's own schemas always have it: it is in their checksum.
    return {_REFERENCES: {}, **fields}


def _keep_definitions(wanted: Any, actual: Any) -> Any:
    """Leave alone the definitions of other blocks: the server fills in its own."""
    if not isinstance(wanted, Mapping) or not isinstance(actual, Mapping):
        return actual
    definitions = {
        **_definitions(actual, of_blocks=False),
        **_definitions(wanted, of_blocks=True),
    }
    kept = {key: value for key, value in actual.items() if key != _DEFINITIONS}
    return {**kept, _DEFINITIONS: definitions} if definitions else kept


def _definitions(fields: Mapping[str, Any], *, of_blocks: bool) -> dict[str, Any]:
    definitions: Mapping[str, Any] = fields.get(_DEFINITIONS) or {}
    return {
        name: item for name, item in definitions.items() if ("block_type_slug" in item) is of_blocks
    }


BLOCK_SCHEMA: Final = ResourceKind(
    token="prefect:index:BlockSchema",  # noqa: S106 - a type's name
    doc="The fields of a block type in one version. Nothing of it can be changed.",
    fields=(
        Field(
            "blockTypeId",
            FieldType.STRING,
            "The block type's uuid.",
            required=True,
            change=Change.REPLACE,
        ),
        Field(
            "fields",
            FieldType.OBJECT,
            "JSON schema of a block's data. `secret_fields` lists the secret ones by dotted path, "
            "`*` at the end for all below.",
            required=True,
            change=Change.REPLACE,
            canonical=_read_fields,
            align=_keep_definitions,
        ),
        Field(
            "capabilities",
            FieldType.STRING_SET,
            "Set of what such a block can do, like `get-directory`.",
            change=Change.REPLACE,
            identity=str,
        ),
        Field(
            "version",
            FieldType.STRING,
            "Version; the highest one of a type is its default.",
            default="non-versioned",
            change=Change.REPLACE,
        ),
    ),
    outputs=(
        Output("checksum", FieldType.STRING, "Checksum of the fields, without `secret_fields`."),
        Output("created", FieldType.STRING, "When the schema was made, UTC."),
    ),
    import_id="SLUG@VERSION or uuid",
)


class BlockSchemaHandler(Handler):
    """Manages block schemas; the Pulumi id is the schema's uuid."""

    kind: ClassVar[ResourceKind] = BLOCK_SCHEMA

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Make the schema; the same one is an error or is taken over, a similar one an error."""
        before = {row["id"] for row in await self._of_version(inputs)}
        # The route gets or creates, so that it may be asked twice.
        row = await self.client.post(
            "/block_schemas/",
            _body(inputs),
            doing=f"create {_name(inputs)}",
        )
        different = _find_different(inputs, row)
        if different:
            raise ProviderError(
                f"the server has {_name(inputs)} with other {different}, and takes the two for "
                "one: give it another version"
            )
        if row["id"] in before:
            allow_adoption(self, urn, _name(inputs), row["id"])
        return Made(row["id"], _outputs(row))

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look at it by id, or by slug and version for an import."""
        row = await (self._find(id) if is_uuid(id) else self._find_version(id))
        return None if row is None else _found(row)

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Do nothing: no field can be changed in place."""
        return old.outputs

    async def delete(self, old: Stored) -> None:
        """Delete the schema; refuses while there are blocks of it."""
        criterion = {"block_schemas": {"id": {"any_": [old.id]}}}
        count = await count_documents(self.client, criterion)
        if count:
            raise ProviderError(
                f"{_name(old.inputs)} has {count} blocks, which would be deleted with it: give "
                "them another schema first"
            )
        doing = f"delete {_name(old.inputs)}"
        await self.client.delete(path_of("block_schemas", old.id), doing=doing)

    async def find_created(self, urn: str, inputs: Inputs) -> Found | bool:
        """Look for a schema of this version that is the same."""
        rows = await self._of_version(inputs)
        return next((_found(row) for row in rows if not _find_different(inputs, row)), False)

    async def _find(self, id: str) -> Mapping[str, Any] | None:
        return await self.client.find(path_of("block_schemas", id), doing="look for a block schema")

    async def _find_version(self, id: str) -> Mapping[str, Any] | None:
        slug, _, version = id.partition("@")
        type = await find_block_type(self.client, slug)
        if type is None:
            return None
        return choose_schema(await list_schemas(self.client, type["id"]), version)

    async def _of_version(self, inputs: Inputs) -> list[Mapping[str, Any]]:
        rows = await list_schemas(self.client, inputs["blockTypeId"])
        return [row for row in rows if row["version"] == inputs["version"]]


def _body(inputs: Inputs) -> dict[str, Any]:
    body = {sent: inputs.get(key) for key, sent in _BODY_KEYS.items()}
    return {**body, "capabilities": inputs.get("capabilities") or []}


def _name(inputs: Inputs) -> str:
    title = inputs["fields"].get("title") or inputs["blockTypeId"]
    return f"block schema {title!r} version {inputs['version']!r}"


def _find_different(inputs: Inputs, row: Mapping[str, Any]) -> str:
    """Name the first field in which a row is not what was asked for; empty: in none."""
    found = _found(row).inputs
    for field in BLOCK_SCHEMA.fields:
        wanted = inputs.get(field.name)
        actual = field.align(wanted, found[field.name])
        if any(find_differences(wanted or None, actual or None)):
            return field.name
    return ""


def _outputs(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"checksum": row["checksum"], "created": read_created(row)}


def _found(row: Mapping[str, Any]) -> Found:
    inputs = {key: row.get(sent) for key, sent in _BODY_KEYS.items()}
    inputs["fields"] = _read_fields(row["fields"])
    inputs["capabilities"] = sorted(set(row.get("capabilities") or ())) or None
    return Found(row["id"], inputs, _outputs(row))
