"""The table of a block: its inputs and outputs. `block_document` has the requests."""

from __future__ import annotations

from typing import Final

from meta_prefect.provider.blocks import read_data
from meta_prefect.provider.fields import Change, Field, FieldType, Output, ResourceKind
from meta_prefect.provider.names import read_slug

BLOCK_DOCUMENT: Final = ResourceKind(
    token="prefect:index:BlockDocument",  # noqa: S106 - a type's name
    doc="A block: data by type and name. Secret leaves are encrypted in state and never shown.",
    fields=(
        Field(
            "blockTypeSlug",
            FieldType.STRING,
            "Slug of the block type, like `secret`.",
            required=True,
            change=Change.REPLACE,
        ),
        Field(
            "name",
            FieldType.STRING,
            "Name: lower-case letters, digits and `-`; not given: an anonymous block.",
            change=Change.REPLACE,
            canonical=read_slug,
        ),
        Field(
            "data",
            FieldType.OBJECT,
            "Values by field, the whole of them. A value may refer to another block: "
            '`{"$ref": {"block_document_id": ID}}`.',
            default={},
            canonical=read_data,
        ),
        Field(
            "schemaVersion",
            FieldType.STRING,
            "Version of the type's schema; not given: the highest when it is made, then left as "
            "it is.",
            left_alone=True,
        ),
        Field(
            "blockSchemaId",
            FieldType.STRING,
            "Uuid of the schema, which goes before a version; for one of the same program.",
            left_alone=True,
        ),
        Field(
            "forceDelete",
            FieldType.BOOLEAN,
            "Delete it even if deployments load their code from it: they go along.",
            default=False,
            change=Change.NONE,
        ),
    ),
    outputs=(
        Output("blockTypeId", FieldType.STRING, "The block type's uuid."),
        Output("created", FieldType.STRING, "When the block was made, UTC."),
    ),
    import_id="SLUG/NAME or uuid",
)
