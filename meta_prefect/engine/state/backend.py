"""
The file backend: where stacks are on disk, in Pulumi's own layout.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from meta_prefect.engine.state.checkpoint import Snapshot
from meta_prefect.engine.state.session import Session
from meta_prefect.interfaces.engine import HistoryRecord, StackRecord


class FileBackend:
    """Stacks of one project under a `file://` URL; also a `StackReader`."""

    def __init__(self, url: str, project: str, passphrase: Callable[[], str]) -> None:
        raise NotImplementedError

    def list_stacks(self) -> Sequence[str]:
        raise NotImplementedError

    def read_stack(self, name: str) -> StackRecord | None:
        raise NotImplementedError

    def read_history(self, name: str) -> Sequence[HistoryRecord]:
        raise NotImplementedError

    def load(self, stack: str) -> Snapshot | None:
        """Read a stack without a lock; a leftover journal is replayed in memory."""
        raise NotImplementedError

    async def open_session(
        self,
        stack: str,
        *,
        kind: str,
        message: str,
        on_wait: Callable[[str], None] | None = None,
    ) -> Session:
        """Lock a stack (made when missing), recover what was left over, check it, load it."""
        raise NotImplementedError

    def remove_stack(self, stack: str) -> None:
        raise NotImplementedError
