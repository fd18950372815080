"""Actions that the server takes when events come, or fail to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pulumi

from meta_prefect.provider.sdk.resource import PrefectResource


class Automation(PrefectResource):
    """Actions that the server takes when events come, or fail to come."""

    pulumi_type: ClassVar[str] = "prefect:index:Automation"

    name: pulumi.Output[str]
    description: pulumi.Output[str | None]
    enabled: pulumi.Output[bool | None]
    tags: pulumi.Output[list[str] | None]
    trigger: pulumi.Output[Mapping[str, Any]]
    actions: pulumi.Output[list[Mapping[str, Any]]]
    actions_on_trigger: pulumi.Output[list[Mapping[str, Any]] | None] = pulumi.property(
        "actionsOnTrigger"
    )
    actions_on_resolve: pulumi.Output[list[Mapping[str, Any]] | None] = pulumi.property(
        "actionsOnResolve"
    )
    owner_resource: pulumi.Output[str | None] = pulumi.property("ownerResource")
    created: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        trigger: pulumi.Input[Mapping[str, Any]],
        actions: pulumi.Input[Sequence[pulumi.Input[Mapping[str, Any]]]],
        description: pulumi.Input[str] | None = None,
        enabled: pulumi.Input[bool] | None = None,
        tags: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        actions_on_trigger: pulumi.Input[Sequence[pulumi.Input[Mapping[str, Any]]]] | None = None,
        actions_on_resolve: pulumi.Input[Sequence[pulumi.Input[Mapping[str, Any]]]] | None = None,
        owner_resource: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Declare an automation.

        Args:
            resource_name: Logical name.
            name: Name; need not be unique.
            trigger: When to act, in the API's spelling: `type` is event (default), compound,
                sequence or, in Prefect Cloud, metric; `posture` is Reactive or Proactive; `within`
                is in seconds, or text like `PT1H`.
            actions: What to do, each with its `type`, like run-deployment or send-notification;
                things are given by id.
            description: What it is for.
            enabled: Whether events are looked at; not given: left as it is.
            tags: Set of tags.
            actions_on_trigger: What to do as soon as it is triggered.
            actions_on_resolve: What to do when it is resolved again.
            owner_resource: What it belongs to, like `prefect.deployment.UUID`. `prefect deploy`
                deletes all automations of a deployment; none by default. Replaces.
            opts: Pulumi's resource options.
        """
        super().__init__(
            resource_name,
            opts,
            name=name,
            trigger=trigger,
            actions=actions,
            description=description,
            enabled=enabled,
            tags=tags,
            actions_on_trigger=actions_on_trigger,
            actions_on_resolve=actions_on_resolve,
            owner_resource=owner_resource,
        )
