"""What the API server asks a node: the log of a container, whole or as it grows. Nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from urllib.parse import parse_qs, urlsplit

_PIECE_BYTES = 65536
_POLL_SECONDS = 0.1


async def serve_logs(node, pair, authority):
    """Listen on a port of the system's choice; gives the server."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority)
    tls.load_cert_chain(pair.certificate, pair.key)
    tls.verify_mode = ssl.CERT_REQUIRED

    async def answer(reader, writer):
        with contextlib.suppress(ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
            await _answer(node, reader, writer)
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)


async def _answer(node, reader, writer):
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    url = urlsplit(head.split(" ", 2)[1])
    _, _, *parts = url.path.split("/")
    container = node.find_container(*parts) if url.path.startswith("/containerLogs/") else None
    if container is None:
        writer.write(b"HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n")
        await writer.drain()
        return
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n")
    asked = {key: values[0] for key, values in parse_qs(url.query).items()}
    await _send_log(container, asked, writer)


async def _send_log(container, asked, writer):
    with container.log.open("rb") as log:
        if "tailLines" in asked:
            lines = log.read().splitlines(keepends=True)
            writer.write(b"".join(lines[-int(asked["tailLines"]) :]))
        while True:
            ended = container.exit_code is not None
            while piece := log.read(_PIECE_BYTES):
                writer.write(piece)
            await writer.drain()
            if ended or asked.get("follow") != "true":
                return
            await asyncio.sleep(_POLL_SECONDS)
