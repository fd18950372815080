"""A block: data by type and name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class BlockDocument(PrefectResource):
    """A block: data by type and name. Secret leaves are encrypted in state and never shown."""

    pulumi_type: ClassVar[str] = "prefect:index:BlockDocument"

    block_type_slug: pulumi.Output[str] = pulumi.property("blockTypeSlug")
    name: pulumi.Output[str | None]
    data: pulumi.Output[Mapping[str, Any]]
    schema_version: pulumi.Output[str | None] = pulumi.property("schemaVersion")
    block_schema_id: pulumi.Output[str | None] = pulumi.property("blockSchemaId")
    force_delete: pulumi.Output[bool] = pulumi.property("forceDelete")
    block_type_id: pulumi.Output[str] = pulumi.property("blockTypeId")
    created: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        block_type_slug: pulumi.Input[str],
        name: pulumi.Input[str] | None = None,
        data: pulumi.Input[Mapping[str, Any]] | None = None,
        schema_version: pulumi.Input[str] | None = None,
        block_schema_id: pulumi.Input[str] | None = None,
        force_delete: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a block document.

        Args:
            resource_name: Logical name.
            block_type_slug: Slug of the block type, like `secret`. Replaces.
            name: Name: lower-case letters, digits and `-`; not given: an anonymous block. Replaces.
            data: Values by field, the whole of them. A value may refer to another block: `{"$ref":
                {"block_document_id": ID}}`.
            schema_version: Version of the type's schema; not given: the highest when it is made,
                then left as it is.
            block_schema_id: Uuid of the schema, which goes before a version; for one of the same
                program.
            force_delete: Delete it even if deployments load their code from it: they go along.
                Default: false.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            block_type_slug=block_type_slug,
            name=name,
            data=data,
            schema_version=schema_version,
            block_schema_id=block_schema_id,
            force_delete=force_delete,
        )
