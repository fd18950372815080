"""
How workers in other places reach the Prefect of a stack.

Free of Pulumi, as it is found before a program runs.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PrefectAccess:
    """
    An address and what opens it.

    api_url: empty: nobody knows, or it is on this machine only.
    api_key, auth_string: secrets that open it; empty: it asks for none.
    """

    api_url: str = ""
    api_key: str = field(default="", repr=False)
    auth_string: str = field(default="", repr=False)
