"""A flow; one that exists is taken over, as flows carry history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class Flow(PrefectResource):
    """
    A flow; one that exists is taken over, as flows carry history.

    Deleting it keeps the flow as long as it has runs or other deployments.
    """

    pulumi_type: ClassVar[str] = "prefect:index:Flow"

    name: pulumi.Output[str]
    tags: pulumi.Output[list[str] | None]
    labels: pulumi.Output[Mapping[str, Any] | None]
    delete_history: pulumi.Output[bool] = pulumi.property("deleteHistory")
    created: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        tags: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        labels: pulumi.Input[Mapping[str, Any]] | None = None,
        delete_history: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare a flow.

        Args:
            resource_name: Logical name.
            name: Name of the flow. Replaces.
            tags: Set of tags.
            labels: Text, numbers or booleans by name; only set when the flow is made, later changes
                are ignored with a warning.
            delete_history: Delete the flow with its runs and deployments. Default: false.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            name=name,
            tags=tags,
            labels=labels,
            delete_history=delete_history,
        )
