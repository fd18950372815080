"""
What can happen to a snapshot while an operation runs, as records.

A session makes them, `fold` turns a base and a list of them into a snapshot, `journal` keeps them
on disk. Records are referred to as objects; a stored entry refers to them by name (`scribe`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from meta_prefect.engine.state.checkpoint import ResourceState, SecretsProvider


class Mark(StrEnum):
    """
    What becomes of the old record when a step ends well.

    CONSUME: the new record takes its place, or nothing does.
    DELETE: it stays, still to be deleted.
    PENDING_REPLACEMENT: it stays, deleted in the world, until the new one is made.
    """

    CONSUME = "consume"
    DELETE = "delete"
    PENDING_REPLACEMENT = "pendingReplacement"


@dataclass(frozen=True, slots=True)
class Begin:
    """
    A step starts whose end must not get lost.

    kind: `creating`, `updating`, `deleting`, `reading` or `importing`.
    state: what it is about; for a create with its inputs.
    """

    number: int
    kind: str
    state: ResourceState


@dataclass(frozen=True, slots=True)
class Success:
    """
    A step ended well.

    number: of its begin; None when it had none.
    """

    number: int | None
    old: ResourceState | None
    new: ResourceState | None
    mark: Mark = Mark.CONSUME


@dataclass(frozen=True, slots=True)
class Failure:
    """A step failed and changed nothing."""

    number: int


@dataclass(frozen=True, slots=True)
class Outputs:
    """
    A finished record has new outputs.

    target: the record as the entry that finished it names it.
    state: the record as it is now; in a running session the same object.
    """

    target: ResourceState
    state: ResourceState


@dataclass(frozen=True, slots=True)
class Rebase:
    """A refresh put other records in the place of all there were."""

    resources: tuple[ResourceState, ...]


@dataclass(frozen=True, slots=True)
class Settle:
    """What earlier operations left pending for a URN is known now."""

    urn: str


@dataclass(frozen=True, slots=True)
class SecretsMade:
    """The stack got its secrets provider: later records hold ciphertexts of it."""

    provider: SecretsProvider


Entry: TypeAlias = Begin | Success | Failure | Outputs | Rebase | Settle | SecretsMade
