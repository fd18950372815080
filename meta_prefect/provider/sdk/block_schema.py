"""The fields of a block type in one version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class BlockSchema(PrefectResource):
    """The fields of a block type in one version. Nothing of it can be changed."""

    pulumi_type: ClassVar[str] = "prefect:index:BlockSchema"

    block_type_id: pulumi.Output[str] = pulumi.property("blockTypeId")
    fields: pulumi.Output[Mapping[str, Any]]
    capabilities: pulumi.Output[list[str] | None]
    version: pulumi.Output[str]
    checksum: pulumi.Output[str]
    created: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        block_type_id: pulumi.Input[str],
        fields: pulumi.Input[Mapping[str, Any]],
        capabilities: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        version: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a block schema.

        Args:
            resource_name: Logical name.
            block_type_id: The block type's uuid. Replaces.
            fields: JSON schema of a block's data. `secret_fields` lists the secret ones by dotted
                path, `*` at the end for all below. Replaces.
            capabilities: Set of what such a block can do, like `get-directory`. Replaces.
            version: Version; the highest one of a type is its default. Replaces.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            block_type_id=block_type_id,
            fields=fields,
            capabilities=capabilities,
            version=version,
        )
