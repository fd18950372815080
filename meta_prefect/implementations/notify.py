"""
Builders that tell somebody when runs fail, are late or take too long.

Each makes automations of the deployment. What a message goes through is a block in Prefect: one
that is there, or one that is made with a value read where `up` is typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, TypedDict, Unpack

from meta_prefect.implementations.automations import check_name
from meta_prefect.implementations.checked import checked
from meta_prefect.implementations.checking import check_positive, check_text
from meta_prefect.interfaces.automation import THIS_DEPLOYMENT, Automation
from meta_prefect.interfaces.components import Block, BlockValue, Existing, FromEnvironment
from meta_prefect.interfaces.deployment import DeploymentSpec
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface

_ANY_RUN: Final = {"prefect.resource.id": "prefect.flow-run.*"}
_OF_THIS: Final = {
    "prefect.resource.id": [f"prefect.deployment.{THIS_DEPLOYMENT}"],
    "prefect.resource.role": "deployment",
}
_EACH_RUN: Final = ["prefect.resource.id"]
_STATES: Final[Mapping[str, Sequence[str]]] = {
    "completed": ("Completed",),
    "failed": ("Failed", "TimedOut"),
    "crashed": ("Crashed",),
    "cancelled": ("Cancelled",),
    "late": ("Late",),
    "running": ("Running",),
}
_ENDS: Final = ("Completed", "Failed", "TimedOut", "Crashed", "Cancelled")
_SHORTEST_SECONDS: Final = 10
_SUBJECT: Final = "{{ flow.name }}/{{ deployment.name }}: {{ flow_run.state.name }}"
_BODY: Final = (
    "Run {{ flow_run.name }} of {{ flow.name }}/{{ deployment.name }} is in state "
    "{{ flow_run.state.name }}. {{ flow_run.state.message or '' }}\n{{ flow_run|ui_url }}"
)
_PAYLOAD: Final = (
    '{"flow": "{{ flow.name }}", "deployment": "{{ deployment.name }}", '
    '"flow_run": "{{ flow_run.name }}", "state": "{{ flow_run.state.name }}", '
    '"url": "{{ flow_run|ui_url }}"}'
)


class Occasions(TypedDict, total=False):
    """
    What every notification takes.

    on: when: `failed` (time limits included), `crashed`, `cancelled`, `completed`, `late`,
        `running`; default: failed and crashed.
    longer_than: also when a run takes longer than this, seconds or a `timedelta`.
    name: of the automation; default: after the way and the occasions.
    """

    on: Sequence[str]
    longer_than: timedelta | float
    name: str


class _Notification(FlowBuilderInterface):
    """What the ways have in common: one automation for states, one for runs that take long."""

    def __init__(self, action: Mapping[str, Any], occasions: Occasions) -> None:
        way = type(self).__name__
        unknown = sorted(set(occasions) - Occasions.__annotations__.keys())
        if unknown:
            raise TypeError(f"{way}() has no option {unknown[0]}")
        default = () if "longer_than" in occasions else ("failed", "crashed")
        states = _read_states(way, occasions.get("on", default))
        seconds = _read_seconds(way, occasions.get("longer_than"))
        words = ", ".join(occasions.get("on", default))
        self._automations: tuple[Automation, ...] = ()
        if states:
            name = occasions.get("name") or f"{way} on {words}"
            self._automations += (Automation(name, build_state_trigger(states), (action,)),)
        if seconds:
            own = occasions.get("name")
            name = f"{own} (long)" if own and states else own or f"{way} on long runs"
            self._automations += (Automation(name, build_long_trigger(seconds), (action,)),)
        for automation in self._automations:
            check_name(way, automation.name)

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Add the automations."""
        for automation in self._automations:
            deployment = deployment.with_automation(automation)
        return deployment


class slack(_Notification):  # noqa: N801 - used as a decorator
    """
    Write into a Slack channel.

        @slack(existing("alerts"), on=("failed", "late"), longer_than=timedelta(hours=1))
        @local_deployer()
        @flow
        def nightly() -> None: ...

        @slack(variable="SLACK_WEBHOOK_URL")  # makes the block; the address is read at `up`
    """

    @checked
    def __init__(
        self,
        block: Existing | None = None,
        *,
        variable: str = "",
        subject: str = _SUBJECT,
        body: str = _BODY,
        **occasions: Unpack[Occasions],
    ) -> None:
        """
        Choose the channel.

        block: a `slack-webhook` block of somebody else.
        variable: the environment variable that holds the webhook's address, in place of a block.
        subject, body: Jinja templates of Prefect.

        Raises:
            TypeError: there is no such option.
            ValueError: neither or both of block and variable are given, or an option is not allowed.
        """  # noqa: E501 - a sentence is not broken
        place = _choose_block("slack", "slack-webhook", block, variable, "url")
        super().__init__(_send(place, subject, body), occasions)


class teams(_Notification):  # noqa: N801 - used as a decorator
    """
    Write into a channel of Microsoft Teams.

        @teams(variable="TEAMS_WEBHOOK_URL")
        @local_deployer()
        @flow
        def nightly() -> None: ...
    """

    @checked
    def __init__(
        self,
        block: Existing | None = None,
        *,
        variable: str = "",
        subject: str = _SUBJECT,
        body: str = _BODY,
        **occasions: Unpack[Occasions],
    ) -> None:
        """
        Choose the channel, as for `slack`; the block is of type `ms-teams-webhook`.

        Raises:
            TypeError: there is no such option.
            ValueError: neither or both of block and variable are given, or an option is not allowed.
        """  # noqa: E501 - a sentence is not broken
        place = _choose_block("teams", "ms-teams-webhook", block, variable, "url")
        super().__init__(_send(place, subject, body), occasions)


class email(_Notification):  # noqa: N801 - used as a decorator
    """
    Send e-mail through SendGrid.

        @email("team@example.com", sender="prefect@example.com", variable="SENDGRID_API_KEY")
        @local_deployer()
        @flow
        def nightly() -> None: ...

        @email(block=existing("team-mail"))
    """

    @checked
    def __init__(
        self,
        *to: str,
        sender: str = "",
        variable: str = "",
        block: Existing | None = None,
        subject: str = _SUBJECT,
        body: str = _BODY,
        **occasions: Unpack[Occasions],
    ) -> None:
        """
        Choose the people.

        variable: the environment variable that holds the API key.
        block: a `sendgrid-email` block of somebody else, in place of all of these.
        subject, body: Jinja templates of Prefect.

        Raises:
            TypeError: there is no such option.
            ValueError: an address is missing, or an option is not allowed.
        """
        for address in (*to, sender):
            if address and "@" not in address:
                raise ValueError(f'email("{address}"): an address has an @')
        if block is None and not (to and sender):
            raise ValueError("email(): whom to, and from which sender")
        if block is not None and (to or sender):
            raise ValueError("email(block=existing(...)): whoever made it set the addresses")
        more = (("sender_email", sender), ("to_emails", tuple(to)))
        place = _choose_block("email", "sendgrid-email", block, variable, "api_key", more)
        super().__init__(_send(place, subject, body), occasions)


class webhook(_Notification):  # noqa: N801 - used as a decorator
    """
    Call an address.

        @webhook(variable="PAGER_URL", on=("crashed",))
        @local_deployer()
        @flow
        def nightly() -> None: ...
    """

    @checked
    def __init__(
        self,
        block: Existing | None = None,
        *,
        variable: str = "",
        payload: str = _PAYLOAD,
        **occasions: Unpack[Occasions],
    ) -> None:
        """
        Choose the address.

        block: a `webhook` block of somebody else.
        variable: the environment variable that holds the address, in place of a block.
        payload: a Jinja template of Prefect.

        Raises:
            TypeError: there is no such option.
            ValueError: neither or both of block and variable are given, or an option is not allowed.
        """  # noqa: E501 - a sentence is not broken
        place = _choose_block("webhook", "webhook", block, variable, "url")
        action = {"type": "call-webhook", "block_document_id": place, "payload": payload}
        super().__init__(action, occasions)


def build_state_trigger(states: Sequence[str]) -> dict[str, Any]:
    """Fire whenever a run of the deployment comes into one of some states."""
    return _build_trigger("Reactive", [f"prefect.flow-run.{state}" for state in states], [], 0)


def build_long_trigger(seconds: float) -> dict[str, Any]:
    """Fire when a run of the deployment has not ended so many seconds after it began."""
    ends = [f"prefect.flow-run.{state}" for state in _ENDS]
    return _build_trigger("Proactive", ends, ["prefect.flow-run.Running"], seconds)


def _build_trigger(
    posture: str, expect: Sequence[str], after: Sequence[str], seconds: float
) -> dict[str, Any]:
    return {
        "type": "event",
        "posture": posture,
        "expect": list(expect),
        "after": list(after),
        "match": _ANY_RUN,
        "match_related": _OF_THIS,
        "for_each": _EACH_RUN,
        "threshold": 1,
        "within": seconds,
    }


def _send(block: Block, subject: str, body: str) -> dict[str, Any]:
    return {
        "type": "send-notification",
        "block_document_id": block,
        "subject": subject,
        "body": body,
    }


def _choose_block(
    builder: str,
    type: str,
    block: Existing | None,
    variable: str,
    secret_field: str,
    more: tuple[tuple[str, BlockValue], ...] = (),
) -> Block:
    if (block is None) == (not variable):
        raise ValueError(f'{builder}(): existing("NAME of a block") or variable="NAME"')
    if block is not None:
        check_text(builder, block=block.name)
        return Block(type, block)
    told = "-".join([variable, *_texts(more)])
    name = re.sub(r"[^a-z0-9]+", "-", told.lower()).strip("-")
    return Block(type, name, ((secret_field, FromEnvironment(variable)), *more))


def _texts(values: Sequence[tuple[str, BlockValue]]) -> list[str]:
    return ["-".join(value) if isinstance(value, tuple) else str(value) for _, value in values]


def _read_states(way: str, on: Sequence[str]) -> list[str]:
    for word in on:
        if word not in _STATES:
            raise ValueError(f'{way}(on=["{word}"]): one of {", ".join(_STATES)}')
    return [state for word in on for state in _STATES[word]]


def _read_seconds(way: str, value: timedelta | float | None) -> float:
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    check_positive(way, longer_than=seconds)
    if seconds is not None and seconds < _SHORTEST_SECONDS:
        raise ValueError(f"{way}(longer_than={value}): Prefect looks after 10 seconds or more")
    return seconds or 0
