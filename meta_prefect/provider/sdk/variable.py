"""A value that flows and deployments look up by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class Variable(PrefectResource):
    """
    A value that flows and deployments look up by name.

    The server keeps it in clear: a secret belongs in a block.
    """

    pulumi_type: ClassVar[str] = "prefect:index:Variable"

    name: pulumi.Output[str]
    value: pulumi.Output[Any]
    tags: pulumi.Output[list[str] | None]
    created: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        value: pulumi.Input[Any] | None = None,
        tags: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a variable.

        Args:
            resource_name: Logical name.
            name: Name: lower-case letters, digits, `-` and `_`.
            value: Any JSON value, 5,000 characters of JSON at most; not given: null.
            tags: Set of tags.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            name=name,
            value=value,
            tags=tags,
        )
