"""
The automations of a deployment: the data of builders, with the ids that only the program knows.

Not to be confused with `provider.sdk.Automation`, Prefect's API as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pulumi

from meta_prefect.components.naming import build_logical_name
from meta_prefect.components.planned_deployment import PlannedDeployment
from meta_prefect.interfaces.automation import THIS_DEPLOYMENT, Automation
from meta_prefect.interfaces.components import Block
from meta_prefect.provider import sdk

Find = Callable[[Block], Any]


def declare_automations(
    owner: str,
    item: PlannedDeployment,
    deployment_id: pulumi.Output[str],
    find: Find,
    opts: pulumi.ResourceOptions,
) -> None:
    """
    Declare the automations of one deployment.

    owner: the deployment's logical name. find: gives the component of a block.
    """
    for automation in item.spec.automations:
        _declare(owner, item, automation, _Filler(deployment_id, find), opts)


def _declare(
    owner: str,
    item: PlannedDeployment,
    automation: Automation,
    filler: _Filler,
    opts: pulumi.ResourceOptions,
) -> sdk.Automation:
    spec = item.spec
    owned = f"prefect.deployment.{THIS_DEPLOYMENT}" if automation.owned else None
    return sdk.Automation(
        build_logical_name(owner, automation.name),
        name=automation.label or f"{spec.flow_name}/{spec.name}: {automation.name}",
        description=automation.description or None,
        enabled=automation.enabled,
        trigger=filler.fill(automation.trigger),
        actions=filler.fill(automation.actions),
        actions_on_trigger=filler.fill(automation.actions_on_trigger) or None,
        actions_on_resolve=filler.fill(automation.actions_on_resolve) or None,
        owner_resource=filler.fill(owned),
        opts=opts,
    )


class _Filler:
    """Puts ids into data: the deployment's into texts, a block's in the place of its record."""

    def __init__(self, deployment_id: pulumi.Output[str], find: Find) -> None:
        self._deployment_id = deployment_id
        self._find = find

    def fill(self, value: Any) -> Any:
        """Give a copy of the data with outputs in it."""
        match value:
            case Block():
                return self._find(value).block_id
            case str() if THIS_DEPLOYMENT in value:
                text: str = value
                return self._deployment_id.apply(lambda found: text.replace(THIS_DEPLOYMENT, found))
            case Mapping():
                return {key: self.fill(item) for key, item in value.items()}
            case Sequence() if not isinstance(value, str):
                return [self.fill(item) for item in value]
        return value
