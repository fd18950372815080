"""
Blocks: data by type and name, whose secret leaves the server keeps encrypted.

Secret is what the type's schema calls so and what the program marks; when the schema cannot be
asked for, all of the data is. `block_document_table` says what the fields are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, ClassVar, Final

from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.provider import CheckFailure, ProviderError
from meta_prefect.interfaces.values import UNKNOWN
from meta_prefect.provider.adoption import allow_adoption
from meta_prefect.provider.answers import LostAnswer, Unreachable
from meta_prefect.provider.batches import BLOCK_DOCUMENTS, FilterRoute
from meta_prefect.provider.block_catalogue import BlockCatalogue
from meta_prefect.provider.blocks import (
    choose_schema,
    find_data_failures,
    find_secret_paths,
    holds_stars,
    restore_data,
)
from meta_prefect.provider.fields import ResourceKind
from meta_prefect.provider.handler import (
    Context,
    Found,
    Handler,
    Inputs,
    Inspection,
    Made,
    Stored,
    Values,
)
from meta_prefect.provider.handlers.block_document_table import BLOCK_DOCUMENT
from meta_prefect.provider.world import is_uuid, path_of, read_created

_LOADED_BY_DEPLOYMENTS: Final = frozenset({"get-directory", "run-infrastructure"})
_ALL: Final = frozenset({("data",)})


class BlockDocumentHandler(Handler):
    """Manages blocks; the Pulumi id is the block document's uuid."""

    kind: ClassVar[ResourceKind] = BLOCK_DOCUMENT
    batch: ClassVar[FilterRoute | None] = BLOCK_DOCUMENTS

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._catalogue = BlockCatalogue(context.client)

    async def inspect(self, urn: str, values: Values) -> Inspection:
        """Hold the data against the schema, and find its secrets; an API that is away is none."""
        inputs = Inputs(values)
        if not self.client.has_url or not inputs.knows("blockTypeSlug", "blockSchemaId"):
            return Inspection(secrets=_ALL)
        try:
            schema = await _find_schema(self._catalogue, inputs)
            if schema is None:
                return Inspection((await self._miss(inputs),), _ALL)
        except (LostAnswer, Unreachable):
            return Inspection(secrets=_ALL)
        secrets = find_secret_paths(schema["fields"])
        return Inspection(tuple(_judge(inputs, schema)), secrets)

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Make the block; one of this type and name is an error, or is taken over."""
        schema = await self._need_schema(inputs)
        row = await self._find_named(inputs)
        if row is not None:
            allow_adoption(self, urn, _name(inputs), _import_id(inputs))
            await self._change(row["id"], inputs, schema["id"])
        else:
            row = await self._make(inputs, schema)
        return Made(row["id"], _outputs(row))

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look at it by id, or by type and name for an import; with its secrets."""
        if is_uuid(id):
            row = await self.client.find_in_batch(BLOCK_DOCUMENTS, id)
        else:
            slug, _, name = id.partition("/")
            row = await self._find(slug, name)
        if row is None:
            return None
        known = {} if stored is None else stored.inputs.get("data") or {}
        if holds_stars(row.get("data")):
            text = "the key may not see the block's secrets: a change by hand would not be noticed"
            self.log(Severity.WARNING, "" if stored is None else stored.urn, text)
        return _found(row, known)

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Send all of the data, and the schema where the inputs say one."""
        schema_id = None
        if changed & {"schemaVersion", "blockSchemaId"}:
            schema_id = (await self._need_schema(new))["id"]
        if changed - {"forceDelete"}:
            await self._change(old.id, new, schema_id)
        return old.outputs

    async def delete(self, old: Stored) -> None:
        """Delete the block; refuses while deployments load from it, which would go along."""
        if not old.inputs.get("forceDelete"):
            await self._refuse_loaded(old)
        path = path_of("block_documents", old.id)
        await self.client.delete(path, doing=f"delete {_name(old.inputs)}")

    async def find_created(self, urn: str, inputs: Inputs) -> Found | bool:
        """Look for a block of this type and name; an anonymous one cannot be told from others."""
        if not inputs.get("name"):
            return True
        row = await self._find_named(inputs)
        return False if row is None else _found(row, inputs.get("data") or {})

    async def _need_schema(self, inputs: Inputs) -> Mapping[str, Any]:
        # Asked anew: this operation may have made a schema since the inputs were checked.
        schema = await _find_schema(BlockCatalogue(self.client), inputs)
        if schema is None:
            failure = await self._miss(inputs)
            raise ProviderError(f"cannot write {_name(inputs)}: {failure.reason}")
        return schema

    async def _miss(self, inputs: Inputs) -> CheckFailure:
        """Say what is missing for a block without a schema."""
        slug, version = inputs["blockTypeSlug"], inputs.get("schemaVersion")
        if inputs.get("blockSchemaId") is not None:
            return CheckFailure("blockSchemaId", "names a block schema that does not exist")
        if await self._catalogue.find_type(slug) is not None:
            wanted = "schema" if version is None else f"schema of version {version!r}"
            return CheckFailure("schemaVersion", f"block type {slug!r} has no {wanted}")
        close = get_close_matches(slug, await self._catalogue.list_slugs(), n=1)
        hint = f"did you mean {close[0]!r}" if close else "is it of this program"
        text = f"there is no block type {slug!r}; {hint}? One that is made by the same program"
        return CheckFailure("blockTypeSlug", f"{text} needs the blockSchemaId of its schema")

    async def _find_named(self, inputs: Inputs) -> Mapping[str, Any] | None:
        name = inputs.get("name")
        return None if name is None else await self._find(inputs["blockTypeSlug"], name)

    async def _find(self, slug: str, name: str) -> Mapping[str, Any] | None:
        path = path_of("block_types", "slug", slug, "block_documents", "name", name)
        doing = f"look for block '{slug}/{name}'"
        return await self.client.find(f"{path}?include_secrets=true", doing=doing)

    async def _make(self, inputs: Inputs, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        body = {
            "name": inputs.get("name"),
            "data": inputs.get("data") or {},
            "block_type_id": schema["block_type_id"],
            "block_schema_id": schema["id"],
            "is_anonymous": inputs.get("name") is None,
        }
        made: Mapping[str, Any] = await self.client.post(
            "/block_documents/",
            body,
            doing=f"create {_name(inputs)}",
            find=lambda: self._find_named(inputs),
        )
        return made

    async def _change(self, id: str, inputs: Inputs, schema_id: str | None) -> None:
        # Merging would keep keys that are gone, and takes stars for the secret that is there.
        body = {"data": inputs.get("data") or {}, "merge_existing_data": False}
        if schema_id is not None:
            body["block_schema_id"] = schema_id
        path = path_of("block_documents", id)
        await self.client.patch(path, body, doing=f"change {_name(inputs)}")

    async def _refuse_loaded(self, old: Stored) -> None:
        row = await self.client.find_in_batch(BLOCK_DOCUMENTS, old.id)
        abilities = ((row or {}).get("block_schema") or {}).get("capabilities") or ()
        if not _LOADED_BY_DEPLOYMENTS & set(abilities):
            return
        keys = ("storage_document_id", "infrastructure_document_id")
        rows = await self.client.list_all("/deployments/filter", {}, doing="read deployments")
        users = [row["name"] for row in rows if old.id in {row.get(key) for key in keys}]
        if users:
            raise ProviderError(
                f"{_name(old.inputs)} is loaded by {len(users)} deployments, which would be "
                f"deleted with it ({', '.join(sorted(users)[:5])}): set forceDelete, or change "
                "them first"
            )


def _judge(inputs: Inputs, schema: Mapping[str, Any]) -> Iterator[CheckFailure]:
    """Hold inputs against their schema; data of which nothing is known yet are not looked at."""
    if inputs.get("schemaVersion") not in {None, UNKNOWN, schema["version"]}:
        yield CheckFailure("schemaVersion", f"is not that of blockSchemaId: {schema['version']}")
    data = inputs.get("data", {})
    if isinstance(data, Mapping):
        for path, reason in find_data_failures(data, schema["fields"]):
            yield CheckFailure(path, reason)


async def _find_schema(catalogue: BlockCatalogue, inputs: Inputs) -> Mapping[str, Any] | None:
    id = inputs.get("blockSchemaId")
    if id is not None:
        return await catalogue.find_schema(id)
    schemas = await catalogue.find_schemas(inputs["blockTypeSlug"])
    return choose_schema(schemas, inputs.get("schemaVersion"))


def _import_id(inputs: Inputs) -> str:
    return f"{inputs['blockTypeSlug']}/{inputs.get('name')}"


def _name(inputs: Inputs) -> str:
    if inputs.get("name") is None:
        return f"anonymous block of type {inputs['blockTypeSlug']!r}"
    return f"block {_import_id(inputs)!r}"


def _outputs(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"blockTypeId": row["block_type_id"], "created": read_created(row)}


def _found(row: Mapping[str, Any], known: Mapping[str, Any]) -> Found:
    schema = row["block_schema"]
    inputs = {
        "blockTypeSlug": row["block_type"]["slug"],
        "name": None if row["is_anonymous"] else row["name"],
        "data": restore_data(row, known),
        "schemaVersion": schema["version"],
        "blockSchemaId": row["block_schema_id"],
    }
    secrets = find_secret_paths(schema["fields"])
    repeated = frozenset({"blockSchemaId"})
    return Found(row["id"], inputs, _outputs(row), secrets, repeated)
