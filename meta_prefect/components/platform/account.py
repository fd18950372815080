"""
What is asked of the AWS account: who it is, and where.

Outputs, unknown while nobody is logged in; nothing about the shape of the graph depends on them.
Where the answer may be that there is no such thing, `ask` leaves it to the caller what that means.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import pulumi
import pulumi_aws as aws


def read_account(parent: pulumi.Resource) -> pulumi.Output[str]:
    """Ask for the account's number."""
    found: pulumi.Output[str] = aws.get_caller_identity_output(opts=_asking(parent)).account_id
    return found


def read_partition(parent: pulumi.Resource) -> pulumi.Output[str]:
    """Ask for the partition: `aws`, `aws-cn`, `aws-us-gov`."""
    found: pulumi.Output[str] = aws.get_partition_output(opts=_asking(parent)).partition
    return found


def read_region(parent: pulumi.Resource) -> pulumi.Output[str]:
    """Ask for the region's name."""
    found: pulumi.Output[str] = aws.get_region_output(opts=_asking(parent)).region
    return found


def read_zones(parent: pulumi.Resource) -> pulumi.Output[list[str]]:
    """Ask for the names of the region's zones that are open to everybody."""
    zones: pulumi.Output[list[str]] = aws.get_availability_zones_output(
        state="available",
        filters=[{"name": "opt-in-status", "values": ["opt-in-not-required"]}],
        opts=_asking(parent),
    ).names
    return zones


def managed_policy(parent: pulumi.Resource, name: str) -> pulumi.Output[str]:
    """Give the ARN of a policy that AWS manages."""
    return pulumi.Output.format("arn:{0}:iam::aws:policy/{1}", read_partition(parent), name)


async def ask(parent: pulumi.Resource, function: str, arguments: Mapping[str, Any]) -> Any:
    """
    Call a function of the AWS provider, by its token.

    Raises:
        Exception: AWS refuses, or there is no such thing; Pulumi says both in words only.
    """
    options = pulumi.InvokeOptions(parent=parent, version=version("pulumi_aws"))
    return await pulumi.runtime.invoke_async(function, arguments, options)


def _asking(parent: pulumi.Resource) -> pulumi.InvokeOutputOptions:
    return pulumi.InvokeOutputOptions(parent=parent)
