"""A kind of block."""

from __future__ import annotations

from typing import ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class BlockType(PrefectResource):
    """A kind of block. Its schemas say which fields such a block has."""

    pulumi_type: ClassVar[str] = "prefect:index:BlockType"

    name: pulumi.Output[str]
    slug: pulumi.Output[str]
    logo_url: pulumi.Output[str | None] = pulumi.property("logoUrl")
    documentation_url: pulumi.Output[str | None] = pulumi.property("documentationUrl")
    description: pulumi.Output[str | None]
    code_example: pulumi.Output[str | None] = pulumi.property("codeExample")
    created: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        slug: pulumi.Input[str],
        logo_url: pulumi.Input[str] | None = None,
        documentation_url: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        code_example: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a block type.

        Args:
            resource_name: Logical name.
            name: Name that people see, not beginning with `prefect`. Replaces, old one first.
            slug: Name in code: lower-case letters, digits and `-`. Replaces, old one first.
            logo_url: URL of a picture.
            documentation_url: URL of its manual.
            description: What it is for.
            code_example: How it is used, in Markdown.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            name=name,
            slug=slug,
            logo_url=logo_url,
            documentation_url=documentation_url,
            description=description,
            code_example=code_example,
        )
