"""
Names: the two spellings of a field, and what Prefect lets a thing be called.

Pure. Not to be confused with the naming of components, which makes names.
"""

from __future__ import annotations

import re
from typing import Final

_FORBIDDEN: Final = "/%&<>"
_BRIDGED: Final = re.compile(r"prefect:\w+/\w+:\w+")


def camel_case(name: str) -> str:
    """Turn `work_pool_name` into `workPoolName`."""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def snake_case(name: str) -> str:
    """Turn `workPoolName` into `work_pool_name`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def is_bridged(type: str) -> bool:
    """
    Tell a resource type of the Terraform provider that is bridged to Pulumi.

    Its package is called `prefect` as ours is; our types have no slash.
    """
    return _BRIDGED.fullmatch(type) is not None


def read_name(name: str) -> str:
    """
    Give a name that Prefect takes.

    Raises:
        ValueError: it is empty or has a character that Prefect refuses.
    """
    if not name.strip():
        raise ValueError("must not be empty")
    if found := sorted(set(_FORBIDDEN) & set(name)):
        raise ValueError(f"must not contain {' '.join(found)}")
    return name


def read_unreserved_name(name: str) -> str:
    """
    Give a name that is not Prefect's own.

    Raises:
        ValueError: as `read_name`, or it begins with `prefect`.
    """
    if name.lower().startswith("prefect"):
        raise ValueError("must not begin with 'prefect': such names are Prefect's own")
    return read_name(name)


def read_slug(name: str, extra: str = "-") -> str:
    """
    Give a name of lower-case letters, digits and the `extra` characters.

    Raises:
        ValueError: it is empty or has another character.
    """
    if not re.fullmatch(rf"[a-z0-9{re.escape(extra)}]+", name):
        raise ValueError(f"must be lower-case letters, digits and {' '.join(extra)} only")
    return name
