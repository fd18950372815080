"""
The long text of every error code, for `meta-prefect explain`.

A test finds every code that the package uses and fails when one has no text here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Explanation:
    """
    What a code means.

    title: one line. text: what happened and what to do, in paragraphs. example: to look at.
    """

    title: str
    text: str
    example: str = ""


EXPLANATIONS: Final[dict[str, Explanation]] = {}
