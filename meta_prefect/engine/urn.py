"""
URNs and provider references: built, taken apart and matched, as text.

A URN is `urn:pulumi:STACK::PROJECT::QUALIFIED_TYPE::NAME`; the qualified type is the types of the
ancestors below the stack and the resource's own, joined by `$`. A provider reference is `URN::ID`.
Pure; whether a URN exists is the business of whoever holds a snapshot.

Source: `sdk/go/common/resource/urn/urn.go` of Pulumi 3.260.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

STACK_TYPE: Final = "pulumi:pulumi:Stack"
PROVIDER_TYPE_PREFIX: Final = "pulumi:providers:"
_PREFIX: Final = "urn:pulumi:"
_SEPARATOR: Final = "::"
_GLOB_PARTS: Final = re.compile(r"\*\*|\*|[^*]+")


@dataclass(frozen=True, slots=True)
class UrnParts:
    """
    What a URN says.

    qualified_type: the ancestors' types and the own one, joined by `$`.
    name: may hold anything, `::` included.
    """

    stack: str
    project: str
    qualified_type: str
    name: str

    @property
    def type(self) -> str:
        """The resource's own type."""
        return self.qualified_type.rpartition("$")[2]


def build_urn(stack: str, project: str, parent_type: str, type: str, name: str) -> str:
    """
    Make a URN.

    `parent_type` is the parent's qualified type; empty, or the stack's type, when there is no
    parent that counts.
    """
    qualified = f"{parent_type}${type}" if parent_type not in ("", STACK_TYPE) else type
    return f"{_PREFIX}{stack}{_SEPARATOR}{project}{_SEPARATOR}{qualified}{_SEPARATOR}{name}"


def build_child_urn(stack: str, project: str, parent: str, type: str, name: str) -> str:
    """Make the URN of a child of `parent`, a URN that is empty when there is none."""
    return build_urn(stack, project, qualified_type(parent) if parent else "", type, name)


def parse_urn(urn: str) -> UrnParts:
    """
    Take a URN apart.

    Raises:
        ValueError: it is not a URN.
    """
    parts = urn.removeprefix(_PREFIX).split(_SEPARATOR, 3)
    if not urn.startswith(_PREFIX) or len(parts) != len(UrnParts.__slots__):
        raise ValueError(f"not a URN: {urn!r}")
    return UrnParts(*parts)


def urn_name(urn: str) -> str:
    """Give the name at the end of a URN."""
    return urn.split(_SEPARATOR, 3)[3]


def qualified_type(urn: str) -> str:
    """Give the types of a resource's ancestors and its own, joined by `$`."""
    return urn.split(_SEPARATOR, 3)[2]


def urn_type(urn: str) -> str:
    """Give a resource's own type."""
    return qualified_type(urn).rpartition("$")[2]


def is_provider_type(type: str) -> bool:
    """Say whether resources of this type are providers."""
    return type.startswith(PROVIDER_TYPE_PREFIX)


def join_reference(urn: str, id: str) -> str:
    """Make the reference of a provider."""
    return f"{urn}{_SEPARATOR}{id}"


def split_reference(reference: str) -> tuple[str, str]:
    """Take a provider reference apart, into URN and id; both empty for an empty one."""
    urn, _, id = reference.rpartition(_SEPARATOR)
    return urn, id


def build_matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """
    Make a test for URNs that match any of the patterns.

    In a pattern `*` stands for any text without a colon, `**` for any text; a pattern without
    either is a URN.
    """
    patterns = tuple(patterns)
    literals = frozenset(pattern for pattern in patterns if not is_glob(pattern))
    globs = [_build_expression(pattern) for pattern in patterns if is_glob(pattern)]

    def matches(urn: str) -> bool:
        return urn in literals or any(glob.fullmatch(urn) for glob in globs)

    return matches


def is_glob(pattern: str) -> bool:
    """Say whether a pattern may match more than one URN."""
    return "*" in pattern


def _build_expression(pattern: str) -> re.Pattern[str]:
    wild = {"**": ".*", "*": "[^:]*"}
    parts = (wild.get(part) or re.escape(part) for part in _GLOB_PARTS.findall(pattern))
    return re.compile("".join(parts), re.DOTALL)
