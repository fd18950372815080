"""
The client: the only module that talks to Prefect's API.

Repeats what may be repeated, finds again what was made although its answer was lost, and keeps the
number of requests in flight low. It knows routes only as text: what a resource's requests are is
its handler's part. `client_connection` sends, `client_retries` decides about another attempt,
`client_pace` about the number of writers; `batches` and `read_ahead` put reads together.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any, Final

import httpx

from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.provider import ProviderLog
from meta_prefect.provider.answers import ApiError, LostAnswer, Unreachable
from meta_prefect.provider.batches import Batch, FilterRoute
from meta_prefect.provider.client_connection import Connection, Finder, Reply, Request, Row
from meta_prefect.provider.client_pace import WritePace
from meta_prefect.provider.client_retries import (
    choose_pause,
    is_overload,
    read_asked_pause,
    weigh,
)
from meta_prefect.provider.read_ahead import Lookup, ReadAhead, group_lookups
from meta_prefect.provider.settings import ProviderSettings

_NOT_FOUND: Final = 404
_PAGE: Final = 200
_TESTED_VERSIONS: Final = ((3, 4), (3, 8))

Sleep = Callable[[float], Awaitable[None]]
Attempt = Callable[[str], AbstractAsyncContextManager[None]]


class PrefectClient:
    """
    Sends requests to one API.

    Every method takes `doing`, the words after "cannot" in an error ("create work pool 'a'"), and
    raises `ApiError`, `LostAnswer` or `Unreachable`, all of them a `ProviderError`.
    """

    def __init__(
        self,
        settings: ProviderSettings,
        log: ProviderLog,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Keep the settings; connects with the first request. `transport`, `sleep`: for tests."""
        self._settings = settings
        self._log = log
        self._sleep = sleep
        self._connection = Connection(settings, transport)
        self._readers = asyncio.Semaphore(settings.max_connections)
        self._pace = WritePace(settings.max_writers)
        self._quiet_until = 0.0
        self._greeting: asyncio.Task[None] | None = None
        self._batches: dict[FilterRoute, Batch] = {}
        self._ahead: dict[FilterRoute, ReadAhead] = {}
        self._stopping = False

    @property
    def has_url(self) -> bool:
        """Whether an API can be asked at all."""
        return bool(self._settings.api_url)

    async def find(self, path: str, *, doing: str) -> Row | None:
        """Get an object; None when there is none."""
        try:
            found: Row = await self._read(Request("GET", path, None, doing))
        except ApiError as error:
            if error.status == _NOT_FOUND:
                return None
            raise
        return found

    async def find_in_batch(self, route: FilterRoute, key: str) -> Row | None:
        """Find one object together with all others that are asked for now, or were foreseen."""
        ahead = self._ahead.get(route)
        if ahead is not None and ahead.foresees(key):
            return await ahead.find(key)
        if route not in self._batches:
            self._batches[route] = Batch(partial(self._ask, route))
        return await self._batches[route].find(key)

    @contextmanager
    def reading_ahead(self, lookups: Iterable[Lookup]) -> Iterator[None]:
        """
        Read in whole pages what will be looked up in batches; one such context at a time.

        Each answer serves one lookup. Leaving the context forgets the rest, and so does any write.
        """
        self._ahead = {
            route: ReadAhead(keys, partial(self._ask, route))
            for route, keys in group_lookups(lookups).items()
        }
        try:
            yield
        finally:
            self._forget_ahead()

    async def query(self, path: str, body: Mapping[str, Any], *, doing: str) -> Any:
        """Ask a route that reads by POST: `filter`, `count`."""
        return await self._read(Request("POST", path, body, doing))

    async def list_all(self, path: str, body: Mapping[str, Any], *, doing: str) -> list[Row]:
        """Ask a filter route for all its pages."""
        found: list[Row] = []
        while True:
            page = await self.query(
                path, {**body, "limit": _PAGE, "offset": len(found)}, doing=doing
            )
            found += page
            if len(page) < _PAGE:
                return found

    async def post(self, path: str, body: Any, *, doing: str, find: Finder | None = None) -> Any:
        """
        Make something.

        find: looks by natural key after an answer was lost, before the request is sent again; None
            for a route that may simply be asked twice.
        """
        return (await self.make(path, body, doing=doing, find=find)).body

    async def make(self, path: str, body: Any, *, doing: str, find: Finder | None = None) -> Reply:
        """Make something as `post` does, and tell whether the server did not have it."""
        return await self._write(Request("POST", path, body, doing, find))

    async def put(self, path: str, body: Any, *, doing: str) -> None:
        """Change all of something."""
        await self._write(Request("PUT", path, body, doing))

    async def patch(
        self, path: str, body: Mapping[str, Any], *, doing: str, find: Finder | None = None
    ) -> None:
        """
        Change something.

        find: looks for the changed thing after an answer was lost, where the same request would not
            find its way a second time; None elsewhere.
        """
        await self._write(Request("PATCH", path, body, doing, find))

    async def delete(self, path: str, *, doing: str) -> bool:
        """Take something away; False when it was gone already."""
        try:
            await self._write(Request("DELETE", path, None, doing))
        except ApiError as error:
            if error.status == _NOT_FOUND:
                return False
            raise
        return True

    def stop(self) -> None:
        """Repeat no request any more."""
        self._stopping = True

    async def close(self) -> None:
        """Close the connections."""
        if self._greeting is not None:
            self._greeting.cancel()
        await self._connection.close()

    async def _ask(self, route: FilterRoute, keys: list[str]) -> dict[str, Row]:
        rows = await self.query(route.path, route.body(keys), doing=f"read {route.noun}")
        return {str(row[route.key]): row for row in rows}

    def _forget_ahead(self) -> None:
        for ahead in self._ahead.values():
            ahead.close()
        self._ahead = {}

    async def _read(self, request: Request) -> Any:
        await self._greet()
        async with self._readers:
            return (await self._repeat(request, lambda _: nullcontext())).body

    async def _write(self, request: Request) -> Reply:
        self._forget_ahead()  # a write may change more than what its path names
        await self._greet()
        async with self._pace.turn():
            return await self._repeat(request, self._pace.attempt)

    async def _repeat(self, request: Request, attempt: Attempt) -> Reply:
        """Send until there is an answer that stays, or what the request makes is found made."""
        doubtful = False
        for turn in itertools.count(1):
            await self._keep_quiet()
            try:
                async with attempt(request.route):
                    return await self._connection.ask(request)
            except (ApiError, LostAnswer, Unreachable) as error:
                chance = weigh(error, self._settings.retries)
                doubtful = doubtful or chance.perhaps_done
                is_last = self._stopping or turn > chance.repeats
                if not is_last:
                    await self._pause(turn, error)
                if doubtful and request.find is not None:
                    found = await request.find()
                    if found is not None:
                        return Reply(found, is_new=True)
                if is_last:
                    raise
        raise AssertionError("the last attempt returns or raises")

    async def _pause(self, turn: int, error: ApiError | LostAnswer | Unreachable) -> None:
        if is_overload(error):
            self._pace.narrow()
        asked = read_asked_pause(error)
        if asked is None:
            await self._sleep(choose_pause(turn, error))
        else:
            self._quiet_until = max(self._quiet_until, time.monotonic() + asked)

    async def _keep_quiet(self) -> None:
        """Wait as long as the server has asked everybody to."""
        remaining = self._quiet_until - time.monotonic()
        if remaining > 0:
            await self._sleep(remaining)

    async def _greet(self) -> None:
        """Ask for the server's version once, before the first request."""
        if self._greeting is None:
            self._greeting = asyncio.ensure_future(self._check_version())
        await asyncio.shield(self._greeting)

    async def _check_version(self) -> None:
        if self._settings.is_cloud or not self.has_url:
            return
        request = Request("GET", "/admin/version", None, "ask for the server's version")
        try:
            answer = (await self._connection.ask(request)).body
        except (ApiError, LostAnswer, Unreachable):
            return  # the request that follows says what is wrong
        lowest, highest = _TESTED_VERSIONS
        version = _parse_version(answer)
        if version is not None and not lowest <= version <= highest:
            tested = f"{lowest[0]}.{lowest[1]} to {highest[0]}.{highest[1]}"
            self._log(
                Severity.WARNING, "", f"Prefect server {answer} was not tried; tried: {tested}"
            )


def _parse_version(text: Any) -> tuple[int, int] | None:
    try:
        major, minor = str(text).split(".")[:2]
        return int(major), int(minor)
    except ValueError:
        return None
