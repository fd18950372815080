"""
What stays in the world when a stack goes, because it holds data, and how to delete it by hand.

Pure. Not to be confused with `planning`, which says what goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from meta_prefect.interfaces.engine import ResourceRecord
from meta_prefect.project.graph import find_name

# How a person deletes a thing of a type, by its id.
_COMMANDS: Final[Mapping[str, str]] = {
    "aws:s3/bucket:Bucket": "aws s3 rb --force s3://{id}",
    "aws:ecr/repository:Repository": "aws ecr delete-repository --force --repository-name {id}",
    "aws:cloudwatch/logGroup:LogGroup": "aws logs delete-log-group --log-group-name {id}",
    "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition": "kubectl delete crd {id}",
}


def render_kept(items: Iterable[ResourceRecord]) -> Iterator[str]:
    """
    Say, a line for each component, what of it is marked to be kept.

    What belongs to the first of them, such as the policy of a bucket, is its settings; things of
    one type are named.
    """
    groups: dict[str, list[ResourceRecord]] = {}
    for item in items:
        if item.retain_on_delete:
            groups.setdefault(item.parent, []).append(item)
    for first, *others in groups.values():
        alone = [item for item in others if item.type == first.type]
        yield _render_line([first, *alone], has_settings=len(others) > len(alone))


def _render_line(things: list[ResourceRecord], *, has_settings: bool) -> str:
    names = ", ".join(find_name(item.urn) for item in things)
    settings = " with its settings" if has_settings else ""
    verb = "stays" if len(things) == 1 else "stay"
    line = f"{names}{settings} {verb} in the world, marked to be kept"
    command = _COMMANDS.get(things[0].type)
    ids = " ".join(item.id for item in things)
    return f"{line}; to delete: {command.format(id=ids)}" if command else line
