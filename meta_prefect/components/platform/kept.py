"""
Keeping data when a stack goes, and taking the same thing up again when the stack comes back.

AWS refuses to make a second thing of a name, so what an earlier stack of that name left behind is
imported. It is found by a tag that says whose it is: a thing of the same name without the tag is
somebody else's, and the create fails as it should. Asked is the tagging service, which lists what
is in the account and nothing else; where it may not be asked (`tag:GetResources`), or nobody is
logged in, nothing is found. ◇ AWS lists a new tag after some seconds.

An import never changes a thing: one whose inputs in the program are others than when it was kept
is refused, and the refusal names them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import pulumi
import pulumi_aws as aws

from meta_prefect.components.naming import KEPT_BY, build_logical_name, build_name
from meta_prefect.components.platform.account import ask
from meta_prefect.components.platform.base import Data, PlatformComponent, keep_data

Made = TypeVar("Made")
_TAG: Final = "meta-prefect:kept-by"
_FUNCTION: Final = "aws:resourcegroupstaggingapi/getResources:getResources"


@dataclass(frozen=True, slots=True)
class _Kind:
    """
    How things of a type are found.

    service: as the tagging service calls it.
    before_name: what stands before the name in an ARN.
    name: the input that is the name, and the id of an import.
    flag: the input that says how it is deleted, which nothing in AWS remembers.
    """

    service: str
    before_name: str
    name: str
    flag: str


_KINDS: Final[Mapping[object, _Kind]] = {
    aws.s3.Bucket: _Kind("s3", ":::", "bucket", "forceDestroy"),
    aws.cloudwatch.LogGroup: _Kind("logs", ":log-group:", "name", "skipDestroy"),
    aws.ecr.Repository: _Kind("ecr", ":repository/", "name", "forceDelete"),
}


def make_kept(
    component: PlatformComponent,
    child: str,
    resource: Callable[..., Made],
    *,
    data: Data = "keep",
    **inputs: Any,  # those of the SDK's class
) -> Made:
    """
    Declare a child that stays in the world when the stack goes, and is taken up again.

    data: `delete` has it go with the stack, and looks for none.
    """
    mark = _build_mark(component, child)
    options = keep_data(data)
    if data == "keep":
        kind = _KINDS[resource]
        # The flag means nothing here, and a default for it would be a difference to an import.
        found = pulumi.ResourceOptions(
            ignore_changes=[kind.flag], transforms=[_build_finder(component, kind, mark)]
        )
        options = pulumi.ResourceOptions.merge(options, found)
    tags = {**component.tags, _TAG: mark}
    return component.make(child, resource, tags=tags, opts=options, **inputs)


def _build_mark(component: PlatformComponent, child: str) -> str:
    """Say whose a thing is, in a tag's alphabet."""
    name = build_logical_name(component.logical_name, child)
    return build_name(KEPT_BY, pulumi.get_project(), pulumi.get_stack(), name)


def _build_finder(
    component: PlatformComponent, kind: _Kind, mark: str
) -> Callable[[pulumi.ResourceTransformArgs], Awaitable[pulumi.ResourceTransformResult | None]]:
    """
    Make what gives a resource its import, once its name is known.

    An import of what is in the stack already is none, so that nobody has to ask which it is.
    """

    async def find(
        args: pulumi.ResourceTransformArgs,
    ) -> pulumi.ResourceTransformResult | None:
        name = args.props.get(kind.name)
        if not isinstance(name, str) or not await _is_ours(component, kind, name, mark):
            return None
        adopted = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(import_=name))
        return pulumi.ResourceTransformResult(args.props, adopted)

    return find


async def _is_ours(component: PlatformComponent, kind: _Kind, name: str, mark: str) -> bool:
    """Ask whether there is a thing of a name that an earlier stack kept."""
    arguments = {
        "resourceTypeFilters": [kind.service],
        "tagFilters": [{"key": _TAG, "values": [mark]}],
    }
    try:
        answer = await ask(component, _FUNCTION, arguments)
    except Exception as error:  # noqa: BLE001 - Pulumi's functions fail with nothing more special
        pulumi.log.debug(f"nobody says what is kept of {name}: {error}", component)
        return False
    arns = (str(item["resourceArn"]) for item in answer["resourceTagMappingLists"])
    return any(arn.removesuffix(":*").endswith(f"{kind.before_name}{name}") for arn in arns)
