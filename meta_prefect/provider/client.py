"""
The client: the only module that talks to Prefect's API.

Repeats what may be repeated, keeps the number of requests in flight low and turns failures into
sentences. It knows routes only as text: what a resource's requests are is its handler's part.
`answers` reads what comes back, `batches` puts reads together.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.provider import ProviderError, ProviderLog
from meta_prefect.provider.answers import ApiError, LostAnswer, Unreachable
from meta_prefect.provider.batches import Batch, FilterRoute
from meta_prefect.provider.settings import ProviderSettings

_BUSY: Final = frozenset({429, 502, 503, 504})
_PERHAPS_DONE: Final = frozenset({502, 504})
"""Said by something in front of the server, which may have done its part."""
_NOT_FOUND: Final = 404
_FORBIDDEN: Final = 403
_FIRST_ERROR: Final = 400
_FIRST_PAUSE_SECONDS: Final = 0.2
_LONGEST_PAUSE_SECONDS: Final = 10.0
_PAGE: Final = 200
_TESTED_VERSIONS: Final = ((3, 4), (3, 8))

Sleep = Callable[[float], Awaitable[None]]
Finder = Callable[[], Awaitable[Mapping[str, Any] | None]]


@dataclass(frozen=True, slots=True)
class _Request:
    """
    One request.

    doing: the words after "cannot" in an error.
    repeatable: sending it twice does no harm.
    """

    method: str
    path: str
    body: Any
    doing: str
    repeatable: bool = True


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
        self._transport = transport
        self._http: httpx.AsyncClient | None = None
        self._readers = asyncio.Semaphore(settings.max_connections)
        self._writers = asyncio.Semaphore(settings.max_writers)
        self._csrf: dict[str, str] = {}
        self._greeting: asyncio.Task[None] | None = None
        self._batches: dict[FilterRoute, Batch] = {}
        self._stopping = False

    @property
    def has_url(self) -> bool:
        """Whether an API can be asked at all."""
        return bool(self._settings.api_url)

    async def find(self, path: str, *, doing: str) -> Mapping[str, Any] | None:
        """Get an object; None when there is none."""
        try:
            found: Mapping[str, Any] = await self._read(_Request("GET", path, None, doing))
        except ApiError as error:
            if error.status == _NOT_FOUND:
                return None
            raise
        return found

    async def find_in_batch(self, route: FilterRoute, key: str) -> Mapping[str, Any] | None:
        """Find one object together with all others that are asked for now."""
        if route not in self._batches:
            doing = f"read {route.noun}"
            self._batches[route] = Batch(
                route, lambda path, body: self.query(path, body, doing=doing)
            )
        return await self._batches[route].find(key)

    async def query(self, path: str, body: Mapping[str, Any], *, doing: str) -> Any:
        """Ask a route that reads by POST: `filter`, `count`."""
        return await self._read(_Request("POST", path, body, doing))

    async def list_all(
        self, path: str, body: Mapping[str, Any], *, doing: str
    ) -> list[Mapping[str, Any]]:
        """Ask a filter route for all its pages."""
        found: list[Mapping[str, Any]] = []
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
        request = _Request("POST", path, body, doing, repeatable=find is None)
        try:
            return await self._write(request)
        except LostAnswer:
            if find is None:
                raise
            found = await find()
            if found is not None:
                return found
            return await self._write(request)

    async def patch(self, path: str, body: Mapping[str, Any], *, doing: str) -> None:
        """Change something."""
        await self._write(_Request("PATCH", path, body, doing))

    async def delete(self, path: str, *, doing: str) -> bool:
        """Take something away; False when it was gone already."""
        try:
            await self._write(_Request("DELETE", path, None, doing))
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
        if self._http is not None:
            await self._http.aclose()

    async def _read(self, request: _Request) -> Any:
        await self._greet()
        async with self._readers:
            return await self._repeat(request)

    async def _write(self, request: _Request) -> Any:
        await self._greet()
        async with self._writers:
            return await self._repeat(request)

    async def _greet(self) -> None:
        """Ask for the server's version once, before the first request."""
        if self._greeting is None:
            self._greeting = asyncio.ensure_future(self._check_version())
        await asyncio.shield(self._greeting)

    async def _check_version(self) -> None:
        if self._settings.is_cloud or not self.has_url:
            return
        request = _Request("GET", "/admin/version", None, "ask for the server's version")
        try:
            answer = _read_answer(await self._send(request), request.doing)
        except (ApiError, LostAnswer, Unreachable):
            return  # the request that follows says what is wrong
        lowest, highest = _TESTED_VERSIONS
        version = _parse_version(answer)
        if version is not None and not lowest <= version <= highest:
            tested = f"{lowest[0]}.{lowest[1]} to {highest[0]}.{highest[1]}"
            self._log(
                Severity.WARNING, "", f"Prefect server {answer} was not tried; tried: {tested}"
            )

    async def _repeat(self, request: _Request) -> Any:
        """Send until there is an answer that stays, at most `retries` times more."""
        pause = _FIRST_PAUSE_SECONDS
        for left in range(self._settings.retries, -1, -1):
            is_last = not left or self._stopping
            wait = pause
            try:
                response = await self._send(request)
            except LostAnswer:
                if is_last or not request.repeatable:
                    raise
            except Unreachable:
                if is_last:
                    raise
            else:
                if response.status_code not in _BUSY or is_last:
                    return _read_answer(response, request.doing)
                wait = _asked_pause(response) or pause
            # Jitter keeps several writers from meeting again at a locked database.
            await self._sleep(wait * random.uniform(0.5, 1.5))  # noqa: S311 - no secret in a pause
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
        raise AssertionError("the last attempt returns or raises")

    async def _send(self, request: _Request) -> httpx.Response:
        response = await self._send_once(request)
        if response.status_code == _FORBIDDEN and "csrf" in response.text.lower():
            await self._fetch_csrf_token(request.doing)
            response = await self._send_once(request)
        if response.status_code in _PERHAPS_DONE and not request.repeatable:
            raise LostAnswer(request.doing)
        return response

    async def _send_once(self, request: _Request) -> httpx.Response:
        http = self._connected(request.doing)
        try:
            return await http.request(
                request.method, request.path, json=request.body, headers=self._csrf
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            url = self._settings.api_url
            raise Unreachable(request.doing, url, _first_line(error)) from error
        except httpx.TransportError as error:
            raise LostAnswer(request.doing) from error

    async def _fetch_csrf_token(self, doing: str) -> None:
        client = str(uuid.uuid4())
        response = await self._send_once(
            _Request("GET", f"/csrf-token?client={client}", None, doing)
        )
        token = _read_answer(response, doing)["token"]
        self._csrf = {"Prefect-Csrf-Token": token, "Prefect-Csrf-Client": client}

    def _connected(self, doing: str) -> httpx.AsyncClient:
        if self._http is None:
            if not self._settings.api_url:
                raise ProviderError(f"cannot {doing}: {_no_url(self._settings)}")
            self._http = _build_http(self._settings, self._transport)
        return self._http


def _no_url(settings: ProviderSettings) -> str:
    if settings.url_unknown:
        return "the API's URL is not known before its server runs"
    return "no Prefect API is configured: set apiUrl or PREFECT_API_URL"


def _build_http(
    settings: ProviderSettings, transport: httpx.AsyncBaseTransport | None
) -> httpx.AsyncClient:
    auth = None
    if settings.auth_string:
        user, _, password = settings.auth_string.partition(":")
        auth = httpx.BasicAuth(user, password)
    bearer = {"Authorization": f"Bearer {settings.api_key}"} if settings.api_key else {}
    return httpx.AsyncClient(
        base_url=settings.api_url,
        headers={**settings.custom_headers, **bearer, "User-Agent": "meta-prefect"},
        auth=auth,
        verify=_verification(settings),
        timeout=settings.request_timeout_seconds,
        limits=httpx.Limits(max_connections=settings.max_connections + settings.max_writers),
        transport=transport,
        # A proxy from the environment knows no way to a server on this machine.
        trust_env=settings.max_writers > 1,
    )


def _verification(settings: ProviderSettings) -> Any:
    if settings.tls_insecure_skip_verify:
        return False
    if not settings.ssl_cert_file:
        return True
    import ssl

    return ssl.create_default_context(cafile=settings.ssl_cert_file)


def _read_answer(response: httpx.Response, doing: str) -> Any:
    try:
        body = response.json() if response.content else None
    except ValueError:
        body = None
    if response.status_code >= _FIRST_ERROR:
        raise ApiError(doing, response.status_code, body)
    return body


def _asked_pause(response: httpx.Response) -> float | None:
    """Seconds that the server asks to wait; None when it gives none, or gives a date."""
    try:
        return min(float(response.headers["Retry-After"]), _LONGEST_PAUSE_SECONDS)
    except (KeyError, ValueError):
        return None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__


def _parse_version(text: Any) -> tuple[int, int] | None:
    try:
        major, minor = str(text).split(".")[:2]
        return int(major), int(minor)
    except ValueError:
        return None
