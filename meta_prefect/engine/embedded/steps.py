"""
Steps: changes to one resource each, decided by the generator and done by the executor.

Records only. What a step does is in `executor`, and why it is chosen in `generator`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from meta_prefect.engine.state.checkpoint import ResourceState
from meta_prefect.engine.state.session import Mark
from meta_prefect.interfaces.events import Op, PropertyDiff

BOOKKEEPING: Final = frozenset(
    {
        Op.CREATE_REPLACEMENT,
        Op.DELETE_REPLACED,
        Op.READ_REPLACEMENT,
        Op.IMPORT_REPLACEMENT,
        Op.DISCARD_REPLACED,
        Op.REMOVE_PENDING_REPLACE,
    }
)
"""Halves of a replacement: the `replace` step stands for them in counts and plans."""


@dataclass(frozen=True, slots=True)
class Difference:
    """
    What the difference between a record and a goal asks for.

    keys: properties, or reasons of the engine, that ask for a replacement.
    diffs, detailed_diff: as the provider gave them.
    is_detailed: the provider tells of places, even if there are none.
    delete_first: the provider wants the old one gone before the new one is made.
    """

    changed: bool
    replace: bool = False
    keys: tuple[str, ...] = ()
    diffs: tuple[str, ...] = ()
    detailed_diff: Mapping[str, PropertyDiff] = field(default_factory=dict)
    is_detailed: bool = False
    delete_first: bool = False


UNCHANGED: Final = Difference(changed=False)


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """
    One change.

    old: the record that the step consumes, or None.
    new: the record that the executor completes and stores, or None for a deletion.
    difference: why it is done; for showing only.
    mark: what becomes of `old` when the step has ended well.
    skipped_create: a `same` for what is not there and, out of scope, will not be made.
    told: a `same` that was done and told of before, when something else needed the record.
    protected: the step must fail, because the record is protected.
    kept_in_world: a deletion from state only.
    adopts: an import without a program, which leaves no mark in the record.
    kept_inputs: names of the inputs that such an import keeps; empty means all.
    """

    op: Op
    urn: str
    old: ResourceState | None
    new: ResourceState | None
    difference: Difference = UNCHANGED
    mark: Mark = Mark.CONSUME
    skipped_create: bool = False
    told: bool = False
    protected: bool = False
    kept_in_world: bool = False
    adopts: bool = False
    kept_inputs: tuple[str, ...] = ()

    @property
    def state(self) -> ResourceState:
        """The side that is there after the step, or was before it."""
        state = self.new or self.old
        assert state is not None
        return state

    @property
    def is_logical(self) -> bool:
        """Whether the step counts by itself."""
        return self.op not in BOOKKEEPING
