"""
The connection to one API: login, certificates, proxies and the CSRF token.

Sends a request once and reads the answer. What is sent again, and how many at once, is the part of
`client`; what an answer means that refuses, that of `answers`.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeAlias

import httpx

from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.provider.answers import ApiError, LostAnswer, Unreachable
from meta_prefect.provider.settings import ProviderSettings

_FORBIDDEN: Final = 403
_FIRST_ERROR: Final = 400
_IDLE_SECONDS: Final = 4.0
"""A connection unused for longer is not used again: Prefect's server closes it after 5 seconds."""

Row: TypeAlias = Mapping[str, Any]
Finder: TypeAlias = Callable[[], Awaitable[Row | None]]


@dataclass(frozen=True, slots=True)
class Request:
    """
    One request.

    doing: the words after "cannot" in an error.
    find: looks for what the request has made once its answer was lost; None where asking twice does
        no harm.
    """

    method: str
    path: str
    body: Any
    doing: str
    find: Finder | None = None

    @property
    def route(self) -> str:
        """Which kind of request it is: those of one kind cost the server about the same."""
        parts = self.path.strip("/").split("/")
        return f"{self.method} {parts[0]} {len(parts)}"


@dataclass(frozen=True, slots=True)
class Reply:
    """
    An answer that does not refuse.

    is_new: the server says that it made the thing, and did not have it already.
    """

    body: Any
    is_new: bool


class Connection:
    """Speaks HTTP with one API; connections are kept and used again."""

    def __init__(
        self, settings: ProviderSettings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """Keep the settings; connects with the first request. `transport`: for tests."""
        self._settings = settings
        self._transport = transport
        self._http: httpx.AsyncClient | None = None
        self._csrf: dict[str, str] = {}

    async def ask(self, request: Request) -> Reply:
        """
        Send a request.

        Raises:
            Unreachable: it was not sent. LostAnswer: it was, and no answer came.
            ApiError: the server refuses it.
        """
        response = await self._send(request)
        if response.status_code == _FORBIDDEN and "csrf" in response.text.lower():
            await self._fetch_csrf_token(request.doing)
            response = await self._send(request)
        return Reply(_read(response, request.doing), response.status_code == httpx.codes.CREATED)

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.aclose()

    async def _send(self, request: Request) -> httpx.Response:
        http = self._connected(request.doing)
        try:
            return await http.request(
                request.method, request.path, json=request.body, headers=self._csrf
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            url = self._settings.api_url
            raise Unreachable(request.doing, url, _first_line(error)) from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            timed_out = isinstance(error, httpx.TimeoutException)
            raise LostAnswer(request.doing, timed_out=timed_out) from error

    async def _fetch_csrf_token(self, doing: str) -> None:
        client = str(uuid.uuid4())
        asked = Request("GET", f"/csrf-token?client={client}", None, doing)
        token = _read(await self._send(asked), doing)["token"]
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
    # Readers and writers have their own slots, so that neither waits for a connection.
    most = 2 * settings.max_connections
    return httpx.AsyncClient(
        base_url=settings.api_url,
        headers={**settings.custom_headers, **bearer, "User-Agent": "meta-prefect"},
        auth=auth,
        verify=_verification(settings),
        timeout=settings.request_timeout_seconds,
        limits=httpx.Limits(
            max_connections=most, max_keepalive_connections=most, keepalive_expiry=_IDLE_SECONDS
        ),
        transport=transport,
        # A proxy from the environment knows no way to a server on this machine.
        trust_env=not settings.is_on_this_machine,
    )


def _verification(settings: ProviderSettings) -> Any:
    if settings.tls_insecure_skip_verify:
        return False
    if not settings.ssl_cert_file:
        return True
    import ssl

    return ssl.create_default_context(cafile=settings.ssl_cert_file)


def _read(response: httpx.Response, doing: str) -> Any:
    try:
        body = response.json() if response.content else None
    except ValueError:
        body = None
    if response.status_code >= _FIRST_ERROR:
        asked = _read_pause(response.headers.get("Retry-After"))
        raise ApiError(doing, response.status_code, body, asked)
    return body


def _read_pause(text: str | None) -> float | None:
    """Read how many seconds the server asks to wait, given as a number or as a date."""
    if text is None:
        return None
    try:
        return max(float(text), 0.0)
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
