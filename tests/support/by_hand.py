"""
HTTP clients for what tests do to a Prefect server by hand.

They ask again while SQLite says that it is locked, as it does on a busy machine.
"""

from __future__ import annotations

import asyncio
import time

import httpx

_ATTEMPTS = 30
_PAUSE_SECONDS = 0.3
_TIMEOUT_SECONDS = 60


class _Patient(httpx.HTTPTransport):
    def handle_request(self, request):
        for _ in range(_ATTEMPTS):
            response = super().handle_request(request)
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            response.close()
            time.sleep(_PAUSE_SECONDS)
        return response


class _AsyncPatient(httpx.AsyncHTTPTransport):
    async def handle_async_request(self, request):
        for _ in range(_ATTEMPTS):
            response = await super().handle_async_request(request)
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            await response.aclose()
            await asyncio.sleep(_PAUSE_SECONDS)
        return response


def connect(api_url):
    """Make a client."""
    return httpx.Client(base_url=api_url, transport=_Patient(), timeout=_TIMEOUT_SECONDS)


def connect_async(api_url):
    """Make an asynchronous client."""
    return httpx.AsyncClient(base_url=api_url, transport=_AsyncPatient(), timeout=_TIMEOUT_SECONDS)
