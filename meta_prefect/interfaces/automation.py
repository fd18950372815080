"""
Automations: what Prefect does by itself when something happens to a deployment, or fails to happen.

Triggers and actions are data, as Prefect's API takes them. Two things in them are only known when
the program runs: the deployment's own id, for which a text stands, and blocks, which are records.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from meta_prefect.interfaces.components import Block

THIS_DEPLOYMENT: Final = "{this-deployment}"  # stands for the id, anywhere in a text


@dataclass(frozen=True, slots=True)
class Automation:
    """
    One automation of a deployment.

    name: what the project calls it, different for each of a deployment.
    trigger: when it fires.
    actions, actions_on_trigger, actions_on_resolve: what it does then. A `Block` stands for the
        id of the block that it becomes.
    label: its name in Prefect; empty: made of flow, deployment and name.
    description: shown in Prefect's UI.
    enabled: None: enabled at first, and whoever switches it off by hand stays in charge.
    owned: Prefect counts it as the deployment's own, as those of `triggers` in prefect.yaml.
    """

    name: str
    trigger: Mapping[str, Any]
    actions: tuple[Mapping[str, Any], ...]
    actions_on_trigger: tuple[Mapping[str, Any], ...] = ()
    actions_on_resolve: tuple[Mapping[str, Any], ...] = ()
    label: str = ""
    description: str = ""
    enabled: bool | None = None
    owned: bool = False

    @property
    def blocks(self) -> frozenset[Block]:
        """The blocks that its actions use."""
        every = (*self.actions, *self.actions_on_trigger, *self.actions_on_resolve)
        return frozenset(_find_blocks(every))


def _find_blocks(value: Any) -> Iterator[Block]:
    match value:
        case Block():
            yield value
        case Mapping():
            for item in value.values():
                yield from _find_blocks(item)
        case Sequence() if not isinstance(value, str):
            for item in value:
                yield from _find_blocks(item)
