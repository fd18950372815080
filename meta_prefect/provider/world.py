"""
Small readers of what Prefect's API gives and takes: ids, instants, paths, numbers.

Pure. Not to be confused with `answers`, which reads failures.
"""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

_TO_THE_SECOND = len("2020-01-01T00:00:00")


def read_created(row: Any) -> str:
    """Read when a thing was made, to the second: the server sometimes cuts the rest."""
    return f"{str(row.get('created') or '')[:_TO_THE_SECOND]}Z"


def is_uuid(text: str) -> bool:
    """Say whether a text is a UUID."""
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def path_of(*parts: str) -> str:
    """Build a route's path; each part is escaped."""
    return "/" + "/".join(quote(part, safe="") for part in parts)


def empty_to_none(value: Any) -> Any:
    """Take empty text for none: the server makes no difference."""
    return None if value == "" else value


def read_limit(value: int) -> int:
    """
    Give a limit.

    Raises:
        ValueError: it is negative.
    """
    if value < 0:
        raise ValueError("must be 0 or more")
    return value
