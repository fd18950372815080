"""
Goals: what the program asks for, one record for each registered resource.

A goal is made by the monitor from a request, or by the engine itself for a default provider. It
says what should be; what is done about it is a `Step`, and that is the generator's decision.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from meta_prefect.engine import urn as urns
from meta_prefect.engine.embedded.packages import PluginNeed
from meta_prefect.engine.state.checkpoint import ResourceState
from meta_prefect.interfaces.values import PropertyMap, PropertyValue, Unknown

_DURATION: Final = re.compile(r"(?P<number>\d+(?:\.\d*)?|\.\d+)(?P<unit>h|ms|m|s|us|µs|ns)")
_SECONDS: Final = {"h": 3600, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


@dataclass(frozen=True, slots=True)
class AliasSpec:
    """
    A former name of a resource; an empty field means "as it is now".

    urn: the whole former URN; if set, the rest does not matter.
    no_parent: it had no parent but the stack.
    """

    urn: str = ""
    name: str = ""
    type: str = ""
    stack: str = ""
    project: str = ""
    parent: str = ""
    no_parent: bool = False


@dataclass(frozen=True, slots=True)
class Goal:
    """
    What the program asks for.

    provider: reference of the provider; empty for a component and a provider.
    protect, retain_on_delete, delete_before_replace: None when nobody said.
    custom_timeouts: seconds by `create`, `update`, `delete`.
    replacement_trigger: a value whose change replaces the resource.
    resource_hooks: names of hooks by the kind that state gives them.
    """

    urn: str
    type: str
    name: str
    custom: bool
    inputs: PropertyMap
    parent: str = ""
    provider: str = ""
    dependencies: Sequence[str] = ()
    property_dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    protect: bool | None = None
    retain_on_delete: bool | None = None
    delete_before_replace: bool | None = None
    ignore_changes: Sequence[str] = ()
    replace_on_changes: Sequence[str] = ()
    additional_secret_outputs: Sequence[str] = ()
    aliases: Sequence[AliasSpec] = ()
    import_id: str = ""
    custom_timeouts: Mapping[str, float] = field(default_factory=dict)
    deleted_with: str = ""
    replace_with: Sequence[str] = ()
    replacement_trigger: PropertyValue = None
    source_position: str = ""
    hide_diff: Sequence[str] = ()
    resource_hooks: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def is_provider(self) -> bool:
        """Whether the resource is a provider."""
        return self.custom and urns.is_provider_type(self.type)

    @property
    def needs(self) -> set[str]:
        """URNs of everything the resource depends on."""
        found = {*self.dependencies, *self.replace_with, self.parent, self.deleted_with}
        for dependencies in self.property_dependencies.values():
            found.update(dependencies)
        return found - {""}


@dataclass(frozen=True, slots=True)
class ReadGoal:
    """
    A resource that the program looks at and does not own.

    id: `UNKNOWN` in a preview, when it comes from a resource that is not there yet.
    properties: what the program says of it.
    """

    urn: str
    type: str
    name: str
    id: str | Unknown
    properties: PropertyMap
    parent: str = ""
    provider: str = ""
    dependencies: Sequence[str] = ()
    additional_secret_outputs: Sequence[str] = ()
    source_position: str = ""


@dataclass(frozen=True, slots=True)
class ProviderWish:
    """
    Which provider a resource or function asks for.

    need: what a default one would be made for, and what an explicit one's plugin is found by.
    reference: of an explicit one; empty for none.
    providers: references by package that a component hands to its children.
    parent: URN whose providers are taken when nothing else is said.
    """

    need: PluginNeed
    reference: str = ""
    providers: Mapping[str, str] = field(default_factory=dict)
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """
    What came of a registration.

    failed: the resource, or something it depends on, could not be made.
    unknown: its outputs are not known, because it is out of scope and not there.
    """

    state: ResourceState
    failed: bool = False
    unknown: bool = False


def build_state(goal: Goal, inputs: PropertyMap) -> ResourceState:
    """Make the record of a goal that is yet to be reached; no id, no outputs."""
    return ResourceState(
        goal.urn,
        goal.type,
        custom=goal.custom,
        inputs=inputs,
        parent=goal.parent,
        protect=goal.protect,
        dependencies=goal.dependencies,
        property_dependencies=goal.property_dependencies,
        provider=goal.provider,
        additional_secret_outputs=goal.additional_secret_outputs,
        custom_timeouts=goal.custom_timeouts,
        import_id=goal.import_id,
        retain_on_delete=goal.retain_on_delete,
        deleted_with=goal.deleted_with,
        replace_with=goal.replace_with,
        source_position=goal.source_position,
        ignore_changes=goal.ignore_changes,
        hide_diff=goal.hide_diff,
        replace_on_changes=goal.replace_on_changes,
        replacement_trigger=goal.replacement_trigger,
        resource_hooks=goal.resource_hooks,
    )


def inherit(goal: Goal, parent: Goal) -> Goal:
    """Take over from the parent's goal what the child leaves unset."""
    protect = parent.protect if goal.protect is None else goal.protect
    retain = parent.retain_on_delete if goal.retain_on_delete is None else goal.retain_on_delete
    deleted_with = goal.deleted_with or parent.deleted_with
    unchanged = (goal.protect, goal.retain_on_delete, goal.deleted_with)
    if unchanged == (protect, retain, deleted_with):
        return goal
    return replace(goal, protect=protect, retain_on_delete=retain, deleted_with=deleted_with)


def parse_duration(text: str) -> float:
    """
    Read a Go duration (`1h30m`, `2.5s`), in seconds.

    Raises:
        ValueError: it is none.
    """
    matches = list(_DURATION.finditer(text))
    if not matches or "".join(match[0] for match in matches) != text:
        raise ValueError(f"not a duration: {text!r}; write it as 1h, 10m or 30s")
    return sum(float(match["number"]) * _SECONDS[match["unit"]] for match in matches)
