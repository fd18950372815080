"""
Names: logical names of resources and their names in the world, made in this one place.

Pure, and free of Pulumi, as stored stacks are looked at by these names. Logical names are a public
contract: what a flow owns starts with `FLOW/`, what is shared with `KIND/`. A name in the world
carries project and stack, so that two stacks can share a workspace.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

FLOW_TYPE: Final = "meta-prefect:components:DeployedFlow"
_DEFAULT_DEPLOYMENT: Final = "deployment"
_HASH_LENGTH: Final = 8
_RESERVED: Final = "prefect"  # Prefect keeps pool names that start like this for itself


def build_physical_name(project: str, stack: str, name: str, *, longest: int = 100) -> str:
    """
    Name something of a stack in the world: `PROJECT-STACK-NAME`.

    Any text gives a valid name for pools and workers; a long one is cut and gets a hash of the
    whole, so that different things never meet.
    """
    whole = "-".join(part for part in (project, stack, name) if part)
    if whole.lower().startswith(_RESERVED):
        whole = f"mp-{whole}"
    clean = re.sub(r"[^A-Za-z0-9._-]+", "-", whole)
    if clean == whole and len(clean) <= longest:
        return clean
    digest = hashlib.sha256(whole.encode()).hexdigest()[:_HASH_LENGTH]
    return f"{clean[: longest - _HASH_LENGTH - 1]}-{digest}"


def build_deployment_name(stack: str, name: str = "") -> str:
    """Name a deployment in Prefect: the default one after the stack, another `NAME-STACK`."""
    return f"{name}-{stack}" if name else stack


def build_logical_name(owner: str, *parts: str) -> str:
    """Name a resource in the stack: below a flow or below a kind of shared thing."""
    return "/".join((owner, *parts))


def build_deployment_logical_name(flow: str, name: str = "") -> str:
    """Name a deployment in the stack, `FLOW/NAME`; what it owns has a name below this one."""
    return build_logical_name(flow, name or _DEFAULT_DEPLOYMENT)
