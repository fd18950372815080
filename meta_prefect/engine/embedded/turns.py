"""
Turns: many decisions at once, or one alone.

Registrations are planned side by side while their providers think. Finding out which resources a
delete-before-replace takes along must see a state that nobody else is changing: it takes its turn
alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """A lock that is shared by default, by a limited number; for one event loop."""

    def __init__(self, limit: int) -> None:
        """Begin with nobody inside."""
        self._places = asyncio.Semaphore(limit)
        self._changed = asyncio.Condition()
        self._sharing = 0
        self._alone = False

    @asynccontextmanager
    async def shared(self) -> AsyncIterator[None]:
        """Wait for a place, and until nobody is alone; keep it so."""
        async with self._places:
            if self._alone:
                async with self._changed:
                    await self._changed.wait_for(lambda: not self._alone)
            self._sharing += 1
            try:
                yield
            finally:
                self._sharing -= 1
                if self._alone:
                    await self._wake()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Leave the shared turn one is in, wait until everybody has, and come back after."""
        async with self._changed:
            self._sharing -= 1
            self._changed.notify_all()
            await self._changed.wait_for(lambda: not self._alone)
            self._alone = True
            await self._changed.wait_for(lambda: self._sharing == 0)
        try:
            yield
        finally:
            self._alone = False
            self._sharing += 1
            await self._wake()

    async def _wake(self) -> None:
        async with self._changed:
            self._changed.notify_all()
