"""
Names: logical names of resources and their names in the world, made in this one place.

Pure, and free of Pulumi, as stored stacks are looked at by these names. Logical names are a public
contract: what a flow owns starts with `FLOW/`, what is shared with `KIND/`. A name in the world
carries project and stack, so that two stacks can share a workspace.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

FLOW_TYPE: Final = "meta-prefect:components:DeployedFlow"
_DEFAULT_DEPLOYMENT: Final = "deployment"
_HASH_LENGTH: Final = 8
_EDGES: Final = "-./_+=,@#"  # not all kinds allow them at both ends
_RESERVED: Final = "prefect"  # Prefect keeps pool names that start like this for itself


@dataclass(frozen=True, slots=True)
class NameLaw:
    """
    What a name of one kind of thing may look like.

    longest: characters.
    forbidden: pattern of the characters that it may not have.
    separator: between project, stack and name.
    lower: only small letters.
    hashed: always ends in a hash of the whole.
    """

    longest: int
    forbidden: str
    separator: str = "-"
    lower: bool = False
    hashed: bool = False


# Sources: AWS on names in S3, IAM, EKS, ECR, CloudWatch Logs, Secrets Manager and tags; Kubernetes,
# "Object Names and IDs"; a Dask cluster's name is part of the name of its services.
BUCKET: Final = NameLaw(63, r"[^a-z0-9-]+", lower=True, hashed=True)
ROLE: Final = NameLaw(64, r"[^A-Za-z0-9+=,.@_-]+")
CLUSTER: Final = NameLaw(63, r"[^A-Za-z0-9_-]+")
NODE_GROUP_PREFIX: Final = NameLaw(36, r"[^A-Za-z0-9_-]+")
REPOSITORY: Final = NameLaw(256, r"[^a-z0-9._/-]+", separator="/", lower=True)
LOG_GROUP: Final = NameLaw(480, r"[^A-Za-z0-9_/.#-]+", separator="/")
SECRET: Final = NameLaw(256, r"[^A-Za-z0-9_/+=.@-]+", separator="/", hashed=True)
QUEUE: Final = NameLaw(75, r"[^A-Za-z0-9_-]+")
# Without two hyphens in a row; its last snapshot has a longer name.
DATABASE: Final = NameLaw(57, r"[^a-z0-9]{2,}|[^a-z0-9-]", lower=True)
KEPT_BY: Final = NameLaw(256, r"[^A-Za-z0-9_.:/=+@-]+", separator="/")
OBJECT: Final = NameLaw(63, r"[^a-z0-9-]+", lower=True)
DASK_CLUSTER: Final = NameLaw(53, r"[^a-z0-9-]+", lower=True)


def build_name(law: NameLaw, *parts: str) -> str:
    """
    Name something in the world after project, stack and what the project calls it.

    Any text gives a valid name. What had to be changed or cut gets a hash of the whole, so that
    different things never meet.
    """
    whole = law.separator.join(part for part in parts if part)
    clean = re.sub(law.forbidden, "-", whole.lower() if law.lower else whole).strip(_EDGES)
    if clean == whole and len(clean) <= law.longest and not law.hashed:
        return clean
    digest = hashlib.sha256(whole.encode()).hexdigest()[:_HASH_LENGTH]
    start = clean[: law.longest - _HASH_LENGTH - 1].rstrip(_EDGES)
    return f"{start}-{digest}" if start else f"x-{digest}"


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
