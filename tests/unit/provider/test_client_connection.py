import asyncio
from contextlib import asynccontextmanager

import pytest

from meta_prefect.provider.answers import LostAnswer, Unreachable
from meta_prefect.provider.client_connection import Connection, Request
from meta_prefect.provider.settings import ProviderSettings

WHOLE = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}"
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"
READ = Request("GET", "/flows/1", None, "read")


@asynccontextmanager
async def connected(answer):
    """Connect to a server that gives one answer to everything; gives its connections as well."""
    met = []

    async def serve(reader, writer):
        met.append(writer)
        while await reader.readline():
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            if answer is HALF:
                break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    connection = Connection(ProviderSettings(api_url=f"http://127.0.0.1:{port}/api"))
    try:
        yield connection, met
    finally:
        await connection.close()
        server.close()


def test_connection_is_used_again():
    """Requests one after the other share a connection, and tell what was made."""

    async def ask():
        async with connected(WHOLE) as (connection, met):
            replies = [await connection.ask(READ) for _ in range(3)]

        assert len(met) == 1
        assert {reply.is_new for reply in replies} == {True}

    asyncio.run(ask())


def test_half_an_answer_is_none():
    """An answer that breaks off says nothing about what was done."""

    async def ask():
        async with connected(HALF) as (connection, _):
            with pytest.raises(LostAnswer):
                await connection.ask(READ)

    asyncio.run(ask())


def test_nobody_there_means_nothing_was_sent():
    """A refused connection is told from a lost answer."""

    async def ask():
        connection = Connection(ProviderSettings(api_url="http://127.0.0.1:9/api"))
        with pytest.raises(Unreachable, match=r"127\.0\.0\.1:9"):
            await connection.ask(READ)
        await connection.close()

    asyncio.run(ask())


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("POST", "/deployments/", "POST deployments 1"),
        ("PATCH", "/deployments/1", "PATCH deployments 2"),
        ("POST", "/deployments/1/schedules", "POST deployments 3"),
    ],
)
def test_requests_of_one_kind_have_one_route(method, path, route):
    """A request is of the kind of those that differ in names only."""
    assert Request(method, path, None, "ask").route == route
