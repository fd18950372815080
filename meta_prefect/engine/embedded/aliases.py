"""
Aliases: the URNs under which a resource may be in state.

Pure. Whether a record is there under one of them, and is free, the generator finds out.

Source: `collapseAliasToUrn` and `inheritedChildAlias` in `pkg/resource/deploy/step_generator.go`
of Pulumi 3.260.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from meta_prefect.engine import urn as urns
from meta_prefect.engine.embedded.goals import AliasSpec, Goal


def list_alias_urns(goal: Goal, renamed: Mapping[str, str]) -> list[str]:
    """
    Give the former URNs of a resource, in the order in which they are looked up.

    `renamed` are the old URNs of what matched an alias in this run, by new URN.
    """
    own = [_collapse(spec, goal, renamed) for spec in goal.aliases]
    old_parent = renamed.get(goal.parent, "")
    inherited = list(_inherit(goal, old_parent, own)) if old_parent else []
    return list(dict.fromkeys(urn for urn in (*own, *inherited) if urn != goal.urn))


def _collapse(spec: AliasSpec, goal: Goal, renamed: Mapping[str, str]) -> str:
    if spec.urn:
        return spec.urn
    parts = urns.parse_urn(goal.urn)
    parent = "" if spec.no_parent else renamed.get(spec.parent, spec.parent) or goal.parent
    return urns.build_child_urn(
        spec.stack or parts.stack,
        spec.project or parts.project,
        parent,
        spec.type or goal.type,
        spec.name or goal.name,
    )


def _inherit(goal: Goal, old_parent: str, own: list[str]) -> Iterator[str]:
    names = [(goal.type, goal.name), *((urns.urn_type(urn), urns.urn_name(urn)) for urn in own)]
    new_name, old_name = urns.urn_name(goal.parent), urns.urn_name(old_parent)
    parts = urns.parse_urn(old_parent)
    for type, name in names:
        if name.startswith(new_name):
            name = old_name + name.removeprefix(new_name)  # noqa: PLW2901 - the former name
        yield urns.build_child_urn(parts.stack, parts.project, old_parent, type, name)
