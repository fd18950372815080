"""
A session: the writing half of a stack's state, for as long as one operation holds the lock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from meta_prefect.engine.state.checkpoint import ResourceState, Snapshot


class Mark(StrEnum):
    """What becomes of the old record when a step ends well."""

    CONSUME = "consume"
    DELETE = "delete"
    PENDING_REPLACEMENT = "pendingReplacement"


class Session:
    base: Snapshot
    """What the operation starts from; `rebase` puts another in its place."""

    @property
    def dirty(self) -> bool:
        """Whether anything happened that the checkpoint must show."""
        raise NotImplementedError

    async def begin(self, kind: str, state: ResourceState) -> int:
        """Say that a step starts; durable when it returns its number."""
        raise NotImplementedError

    async def success(
        self,
        number: int | None,
        *,
        old: ResourceState | None,
        new: ResourceState | None,
        mark: Mark = Mark.CONSUME,
    ) -> None:
        """Say that a step ended well; `number` None: it had no begin."""
        raise NotImplementedError

    async def failure(self, number: int) -> None:
        """Say that a step failed and changed nothing."""
        raise NotImplementedError

    async def keep_pending(self, number: int) -> None:
        """Leave a step among the pending operations: its outcome is unknown."""
        raise NotImplementedError

    async def outputs(self, state: ResourceState) -> None:
        """Store the new outputs of a record that is finished already."""
        raise NotImplementedError

    async def rebase(self, resources: Sequence[ResourceState]) -> None:
        """Put what a refresh found in the place of the base; look at `base.resources` after."""
        raise NotImplementedError

    async def settle(self, urn: str) -> None:
        """Forget what earlier operations left pending for a URN."""
        raise NotImplementedError

    def snapshot(self) -> Snapshot:
        """Give the state as it would be written now."""
        raise NotImplementedError

    async def close(
        self, *, result: str, changes: Mapping[str, int], config: Mapping[str, object]
    ) -> None:
        """Write the state if anything changed, the history, and give the lock back."""
        raise NotImplementedError
