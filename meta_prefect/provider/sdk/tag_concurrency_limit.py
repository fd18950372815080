"""How many task runs with a tag may run at once."""

from __future__ import annotations

from typing import ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class TagConcurrencyLimit(PrefectResource):
    """How many task runs with a tag may run at once."""

    pulumi_type: ClassVar[str] = "prefect:index:TagConcurrencyLimit"

    tag: pulumi.Output[str]
    concurrency_limit: pulumi.Output[int] = pulumi.property("concurrencyLimit")
    limit_id: pulumi.Output[str] = pulumi.property("limitId")
    created: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        tag: pulumi.Input[str],
        concurrency_limit: pulumi.Input[int],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a tag concurrency limit.

        Args:
            resource_name: Logical name.
            tag: The tag. Replaces.
            concurrency_limit: Task runs at once, 0 or more; runs in flight keep their slots.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            tag=tag,
            concurrency_limit=concurrency_limit,
        )
