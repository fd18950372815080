"""
Builders of automations: what Prefect does by itself around a deployment.

Not to be confused with `implementations.notify`, whose builders only tell somebody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, Literal

from meta_prefect.implementations.checked import checked
from meta_prefect.implementations.checking import check_json, check_positive
from meta_prefect.interfaces.automation import THIS_DEPLOYMENT, Automation
from meta_prefect.interfaces.components import Block
from meta_prefect.interfaces.deployment import DeploymentSpec
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface

__all__ = ["THIS_DEPLOYMENT", "automation", "on_event"]

_NAME: Final = re.compile(r"[\w .,()-]+")
_SHORTEST_ABSENCE_SECONDS: Final = 10
_TRIGGERS: Final = ("event", "compound", "sequence", "metric")


class automation(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Let Prefect do something when something happens: any trigger, any action, as its API has them.

        @automation(
            "pause after three crashes",
            trigger={
                "type": "event",
                "expect": ["prefect.flow-run.Crashed"],
                "match_related": {"prefect.resource.id": f"prefect.deployment.{THIS_DEPLOYMENT}"},
                "posture": "Reactive",
                "threshold": 3,
                "within": 3600,
            },
            actions=[{"type": "pause-deployment", "deployment_id": THIS_DEPLOYMENT}],
        )
        @local_deployer()
        @flow
        def report() -> None: ...

    `THIS_DEPLOYMENT` stands for the deployment's id; in the place of a block's id stands a record,
    `Block("slack-webhook", existing("alerts"))`.
    """

    @checked
    def __init__(
        self,
        name: str,
        *,
        trigger: Mapping[str, Any],
        actions: Sequence[Mapping[str, Any]],
        on_trigger: Sequence[Mapping[str, Any]] = (),
        on_resolve: Sequence[Mapping[str, Any]] = (),
        description: str = "",
        enabled: bool | None = None,
        owned: bool = False,
        label: str = "",
    ) -> None:
        """
        Describe the automation.

        name: different for each of a deployment.
        on_trigger, on_resolve: actions for the moments when the trigger begins and ceases to hold.
        enabled: not given: enabled at first, and whoever switches it off by hand stays in charge.
        owned: Prefect counts it as the deployment's own.
        label: its name in Prefect; empty: made of flow, deployment and name.

        Raises:
            TypeError: trigger or actions have no JSON form.
            ValueError: the name will not do, or trigger or actions have no type.
        """
        check_name("automation", name)
        _check_trigger(trigger)
        for action in (*actions, *on_trigger, *on_resolve):
            _check_action(action)
        if not actions and not on_trigger and not on_resolve:
            raise ValueError(f'automation("{name}"): it does nothing, give it actions')
        self._automation = Automation(
            name=name,
            trigger=trigger,
            actions=tuple(actions),
            actions_on_trigger=tuple(on_trigger),
            actions_on_resolve=tuple(on_resolve),
            label=label,
            description=description,
            enabled=enabled,
            owned=owned,
        )

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Add the automation."""
        return deployment.with_automation(self._automation)


class on_event(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Run the deployment when events happen, or do not happen in time.

        @on_event("s3.object.created", match={"prefect.resource.id": "s3.bucket.orders"})
        @local_deployer()
        @flow
        def load() -> None: ...

        @on_event(
            "prefect.flow-run.Completed",
            match_related={"prefect.resource.name": "extract", "prefect.resource.role": "flow"},
            parameters={"run": "{{ event.resource.id }}"},
        )
    """

    @checked
    def __init__(
        self,
        *events: str,
        name: str = "",
        match: Mapping[str, Any] | None = None,
        match_related: Mapping[str, Any] | None = None,
        after: Sequence[str] = (),
        for_each: Sequence[str] = (),
        posture: Literal["reactive", "proactive"] = "reactive",
        threshold: int = 1,
        within: timedelta | float = 0,
        parameters: Mapping[str, Any] | None = None,
        job_variables: Mapping[str, Any] | None = None,
    ) -> None:
        """
        Describe the events.

        events: names, `*` at the end allowed; none: any event.
        name: different for each of a deployment; empty: after the events.
        match, match_related: values of the labels of the event's resource, and of related ones.
        after: events that must come first.
        for_each: labels; the trigger counts for each of their values by itself.
        posture: fire when the events happen, or `proactive`: when they do not.
        threshold: so many events.
        within: in so much time, seconds or a `timedelta`; 0: any.
        parameters, job_variables: of the run; not given: those of the deployment.

        Raises:
            TypeError: a value has no JSON form.
            ValueError: a value is not allowed.
        """
        seconds = within.total_seconds() if isinstance(within, timedelta) else within
        check_positive("on_event", threshold=threshold)
        if posture not in ("reactive", "proactive"):
            raise ValueError(f'on_event(posture="{posture}"): reactive or proactive')
        if posture == "proactive" and seconds < _SHORTEST_ABSENCE_SECONDS:
            raise ValueError(f"on_event(within={within}): absence takes 10 seconds or more")
        trigger = {
            "type": "event",
            "posture": posture.capitalize(),
            "expect": list(events),
            "after": list(after),
            "match": dict(match or {}),
            "match_related": dict(match_related or {}),
            "for_each": list(for_each),
            "threshold": threshold,
            "within": seconds,
        }
        action = {
            "type": "run-deployment",
            "source": "selected",
            "deployment_id": THIS_DEPLOYMENT,
            "parameters": parameters,
            "job_variables": job_variables,
        }
        check_json("on_event", {**trigger, **action})
        given = {key: value for key, value in action.items() if value is not None}
        self._automation = Automation(name or _name_after(events), trigger, (given,))
        check_name("on_event", self._automation.name)

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Add the automation."""
        return deployment.with_automation(self._automation)


def check_name(builder: str, name: str) -> None:
    """
    Make sure that an automation can have a name.

    Raises:
        ValueError: it cannot.
    """
    if not _NAME.fullmatch(name) or name != name.strip():
        raise ValueError(f'{builder}(name="{name}"): letters, digits, spaces and . , ( ) - _')


def _name_after(events: Sequence[str]) -> str:
    return "on " + (", ".join(event.replace("*", "any") for event in events) or "any event")


def _check_trigger(trigger: Mapping[str, Any]) -> None:
    check_json("automation", {"trigger": trigger})
    if trigger.get("type") not in _TRIGGERS:
        known = ", ".join(_TRIGGERS)
        raise ValueError(f"automation(trigger={dict(trigger)!r}): its type is one of {known}")


def _check_action(action: Mapping[str, Any]) -> None:
    check_json("automation", {"actions": _without_blocks(action)})
    if not isinstance(action.get("type"), str):
        raise ValueError(f"automation(actions=[{dict(action)!r}]): an action has a type")  # noqa: TRY004 - the action is one, its value is missing


def _without_blocks(action: Mapping[str, Any]) -> dict[str, Any]:
    return {key: "" if isinstance(value, Block) else value for key, value in action.items()}
