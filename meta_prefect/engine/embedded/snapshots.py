"""
The thin layer from steps to stored state.

`SessionRecorder` hands every step's end to a session; `NullRecorder` is its counterpart in a
preview and writes nothing. What a session makes of it is the business of `engine.state`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from meta_prefect.engine.embedded.steps import Step
from meta_prefect.engine.state.checkpoint import ResourceState
from meta_prefect.engine.state.session import Session
from meta_prefect.interfaces.events import Op

PENDING_KINDS: Final = {
    Op.CREATE: "creating",
    Op.CREATE_REPLACEMENT: "creating",
    Op.UPDATE: "updating",
    Op.DELETE: "deleting",
    Op.DELETE_REPLACED: "deleting",
    Op.READ: "reading",
    Op.READ_REPLACEMENT: "reading",
    Op.IMPORT: "importing",
    Op.IMPORT_REPLACEMENT: "importing",
}
"""What a step is called in state while its end is unknown; other steps are not announced."""


class Recorder(Protocol):
    """Is told how steps go."""

    async def begin(self, step: Step) -> int | None:
        """Announce a step; None when it needs no announcement."""
        ...

    async def succeed(self, number: int | None, step: Step) -> None:
        """Store the step's new record in the old one's place."""
        ...

    async def fail(self, number: int | None) -> None:
        """Say that the step changed nothing."""
        ...

    async def abandon(self, number: int | None) -> None:
        """Say that nobody knows how the step ended."""
        ...

    async def store_outputs(self, state: ResourceState) -> None:
        """Store the outputs that a finished component registered."""
        ...

    async def rebase(self, resources: Sequence[ResourceState]) -> Sequence[ResourceState]:
        """Put what a refresh found in the place of the base; gives the new base."""
        ...

    async def settle(self, urn: str) -> None:
        """Forget what an earlier operation left pending for a URN."""
        ...


class SessionRecorder:
    """Writes to a stack's state."""

    def __init__(self, session: Session) -> None:
        """Write through an open session, which somebody else closes."""
        self._session = session

    async def begin(self, step: Step) -> int | None:
        """Announce a step; durable when it returns."""
        kind = PENDING_KINDS.get(step.op)
        if kind is None or not step.state.custom:
            return None
        return await self._session.begin(kind, step.state)

    async def succeed(self, number: int | None, step: Step) -> None:
        """Store the step's new record in the old one's place."""
        await self._session.success(number, old=step.old, new=step.new, mark=step.mark)

    async def fail(self, number: int | None) -> None:
        """Say that the step changed nothing."""
        if number is not None:
            await self._session.failure(number)

    async def abandon(self, number: int | None) -> None:
        """Leave the step among the pending operations."""
        if number is not None:
            await self._session.keep_pending(number)

    async def store_outputs(self, state: ResourceState) -> None:
        """Store the outputs that a finished component registered."""
        await self._session.outputs(state)

    async def rebase(self, resources: Sequence[ResourceState]) -> Sequence[ResourceState]:
        """Put what a refresh found in the place of the base; gives the new base."""
        await self._session.rebase(resources)
        return self._session.base.resources

    async def settle(self, urn: str) -> None:
        """Forget what an earlier operation left pending for a URN."""
        await self._session.settle(urn)


class NullRecorder:
    """Takes everything and keeps nothing: a preview."""

    async def begin(self, step: Step) -> int | None:
        """Give no number: nothing was announced."""

    async def succeed(self, number: int | None, step: Step) -> None:
        """Keep nothing."""

    async def fail(self, number: int | None) -> None:
        """Keep nothing."""

    async def abandon(self, number: int | None) -> None:
        """Keep nothing."""

    async def store_outputs(self, state: ResourceState) -> None:
        """Keep nothing."""

    async def rebase(self, resources: Sequence[ResourceState]) -> Sequence[ResourceState]:
        """Give the records back as the base of what follows."""
        return resources

    async def settle(self, urn: str) -> None:
        """Keep nothing."""
