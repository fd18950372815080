"""
How many writing requests go to a server at once: as many as are done sooner for it.

How many that is depends on the server's database and processors, of which its API tells nothing. So
this begins with one writer and learns from what each kind of request takes. Sends nothing, and
knows requests only as routes. Not to be confused with the engine's own limit of parallel steps.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from statistics import median
from typing import Final

_FIRST_SAMPLE: Final = 8
"""Requests of one writer before a second one is tried."""
_SAMPLE_PER_WRITER: Final = 4
_WORTH_IT: Final = 1.1
"""What wider must bring, against the best so far, to be kept."""
_LOOK_BEYOND: Final = 4
"""How many times as wide as the best is tried: two may be no faster where four are."""
_HEADWAY: Final = 8
"""Rounds of the event loop in which a request is surely on its way; it takes about five."""

Clock = Callable[[], float]


class WritePace:
    """
    Lets writers in, and learns how many at once are best.

    The speed of a width is the number of writers, over how many times longer their requests take
    than the same ones of one writer did.
    """

    def __init__(self, most: int, clock: Clock = time.monotonic) -> None:
        """Begin with one writer, never let in more than `most`."""
        self._most = most
        self._clock = clock
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._inside = 0
        self._width = 1
        self._best = (1.0, 1)  # speed, width
        self._settled = most == 1
        self._alone: defaultdict[str, list[float]] = defaultdict(list)
        self._sample: list[float] = []

    @property
    def width(self) -> int:
        """Writers let in at once."""
        return self._width

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn, and keep it; the next writer sends before this one looks further."""
        if self._inside < self._width:
            self._inside += 1
        else:
            await self._wait()
        try:
            yield
        finally:
            crowd = len(self._waiting)
            self._leave()
        if crowd > len(self._waiting):
            for _ in range(_HEADWAY):
                await asyncio.sleep(0)

    @asynccontextmanager
    async def attempt(self, route: str) -> AsyncIterator[None]:
        """Learn from one attempt; one that fails teaches nothing."""
        crowd, start = self._inside, self._clock()
        yield
        if not self._settled and crowd == self._inside == self._width:
            self._learn(route, self._clock() - start)

    async def _wait(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._leave()  # the turn was handed to one that does not take it any more
            raise

    def _leave(self) -> None:
        """Hand the turn on at once: the server has nothing to do until the next writer is in."""
        self._inside -= 1
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self._inside < self._width:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                self._inside += 1

    def narrow(self) -> None:
        """Stay with one writer: several were too much for the server."""
        if self._width > 1:
            self._width, self._settled = 1, True

    def _learn(self, route: str, seconds: float) -> None:
        if self._width == 1:
            self._alone[route].append(seconds)
            if sum(map(len, self._alone.values())) == _FIRST_SAMPLE:
                self._widen()
        elif route in self._alone:
            self._sample.append(seconds / median(self._alone[route]))
            if len(self._sample) == _SAMPLE_PER_WRITER * self._width:
                self._judge(self._width / median(self._sample))

    def _judge(self, speed: float) -> None:
        if speed >= _WORTH_IT * self._best[0]:
            self._best = (speed, self._width)
        if self._width == self._most or self._width >= _LOOK_BEYOND * self._best[1]:
            self._width, self._settled = self._best[1], True
            return
        self._widen()

    def _widen(self) -> None:
        self._sample = []
        self._width = min(2 * self._width, self._most)
        self._admit()
