"""A number of slots by name, for code and for deployments that share it."""

from __future__ import annotations

from typing import ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class GlobalConcurrencyLimit(PrefectResource):
    """
    A number of slots by name, for code and for deployments that share it.

    Deleting it leaves these deployments without a limit.
    """

    pulumi_type: ClassVar[str] = "prefect:index:GlobalConcurrencyLimit"

    name: pulumi.Output[str]
    limit: pulumi.Output[int]
    active: pulumi.Output[bool]
    slot_decay_per_second: pulumi.Output[float] = pulumi.property("slotDecayPerSecond")
    created: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        limit: pulumi.Input[int],
        active: pulumi.Input[bool] | None = None,
        slot_decay_per_second: pulumi.Input[float] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a global concurrency limit.

        Args:
            resource_name: Logical name.
            name: Name of the limit, not beginning with `tag:` or `deployment:`.
            limit: Slots, 0 or more.
            active: Whether it limits anything. Default: true.
            slot_decay_per_second: Slots that become free per second, for a rate limit; 0: none by
                itself. Default: 0.0.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            name=name,
            limit=limit,
            active=active,
            slot_decay_per_second=slot_decay_per_second,
        )
