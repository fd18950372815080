"""
Reading ahead: lookups that are known before they come are asked in whole pages.

An engine that is about to look at a thousand objects waits for the first ones before it asks for
the next; whoever knows all of them needs five requests. Each page is asked when the one before it
is first needed, and each answer serves as many lookups as were foreseen, usually one: so what was
read ahead is never older than the operation's own look at the world. Not to be confused with
`batches`, which puts together what happens to be asked at about the same time.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from meta_prefect.provider.batches import LARGEST, Ask, FilterRoute, Row

Lookup: TypeAlias = tuple[FilterRoute, str]
Page: TypeAlias = "asyncio.Task[Mapping[str, Row]]"


def group_lookups(lookups: Iterable[Lookup]) -> dict[FilterRoute, list[str]]:
    """Give the keys of each route, in order; those that the server would not take are left out."""
    keys: defaultdict[FilterRoute, list[str]] = defaultdict(list)
    for route, key in lookups:
        if route.takes(key):
            keys[route].append(key)
    return keys


class ReadAhead:
    """The lookups of one route that are foreseen."""

    def __init__(self, keys: Iterable[str], ask: Ask) -> None:
        """Ask nothing yet; a key is given as often as it will be looked up."""
        self._ask = ask
        self._left = Counter(keys)
        self._keys = list(self._left)
        self._page_of = {key: at // LARGEST for at, key in enumerate(self._keys)}
        self._pages: dict[int, Page] = {}
        self._waiting: Counter[int] = Counter()

    def foresees(self, key: str) -> bool:
        """Say whether a lookup of this key is still to come."""
        return self._left[key] > 0

    async def find(self, key: str) -> Row | None:
        """Take the answer to a foreseen lookup; None when there is no such thing."""
        self._left[key] -= 1
        number = self._page_of[key]
        page = self._open(number)
        if (number + 1) * LARGEST < len(self._keys):
            self._open(number + 1)  # the server works on it while this one is looked at
        self._waiting[number] += 1
        try:
            return (await asyncio.shield(page)).get(key)
        finally:
            self._waiting[number] -= 1

    def close(self) -> None:
        """Give up the pages that nobody waits for."""
        for number, page in self._pages.items():
            if not self._waiting[number]:
                page.cancel()

    def _open(self, number: int) -> Page:
        if number not in self._pages:
            keys = self._keys[number * LARGEST : (number + 1) * LARGEST]
            page = asyncio.ensure_future(self._ask(keys))
            page.add_done_callback(_note_failure)
            self._pages[number] = page
        return self._pages[number]


def _note_failure(page: Page) -> None:
    """Look at a failure, as perhaps nobody waits for the page."""
    if not page.cancelled():
        page.exception()
