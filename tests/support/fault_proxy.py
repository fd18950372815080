"""
A proxy on loopback between a client and a Prefect server that spoils a share of the calls.

Seeded: the same calls in the same order meet the same faults. Speaks as much of HTTP/1.1 as httpx
and uvicorn do with each other: bodies have a length or are chunked, connections are kept.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

_HOLD_SECONDS = 30.0
_SLOW_SECONDS = 0.4
_BODILESS = (204, 304)


class Fault(StrEnum):
    """What may happen to a call; `LOST` and those after it happen once the server did its work."""

    RESET = "reset"
    TIMEOUT = "timeout"
    FAILED = "500"
    BAD_GATEWAY = "502"
    TOO_MANY = "429"
    BUSY = "503"
    SLOW = "slow"
    LOST = "lost answer"
    LATE = "answer after the client's patience"
    HALF = "half an answer"
    DONE_BUT_BAD = "502 after the work was done"


_ANSWERS = {
    Fault.FAILED: (500, "Internal Server Error", ""),
    Fault.BAD_GATEWAY: (502, "Bad Gateway", ""),
    Fault.DONE_BUT_BAD: (502, "Bad Gateway", ""),
    Fault.TOO_MANY: (429, "Too Many Requests", "Retry-After: 1\r\n"),
    Fault.BUSY: (503, "Service Unavailable", ""),
}
_BEFORE = (Fault.RESET, Fault.TIMEOUT, Fault.FAILED, Fault.BAD_GATEWAY, Fault.TOO_MANY, Fault.BUSY)


@dataclass
class Plan:
    """
    Which calls are spoiled.

    share: of all calls, 0 to 1; may be changed while the proxy runs.
    calls: (method, path) of all; met: how often each fault came.
    """

    seed: int
    share: float
    calls: list[tuple[str, str]] = field(default_factory=list)
    met: Counter[Fault] = field(default_factory=Counter)

    def __post_init__(self):
        self._dice = random.Random(self.seed)

    def choose(self, method, path):
        """Note a call, and choose its fault; None for none."""
        self.calls.append((method, path))
        if self._dice.random() >= self.share:
            return None
        fault = self._dice.choice(list(Fault))
        self.met[fault] += 1
        return fault


@dataclass
class FaultProxy:
    """
    A running proxy.

    url: of the API, as a client takes it.
    """

    url: str
    plan: Plan


@contextmanager
def fault_proxy(api_url, *, seed=1, share=0.2):
    """Run a proxy in front of an API until the context ends."""
    plan = Plan(seed, share)
    started, loop = threading.Event(), asyncio.new_event_loop()
    ports = []

    async def serve():
        server = await asyncio.start_server(
            lambda reader, writer: _serve(reader, writer, urlsplit(api_url), plan), "127.0.0.1", 0
        )
        ports.append(server.sockets[0].getsockname()[1])
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            server.close()

    main = loop.create_task(serve())
    thread = threading.Thread(target=lambda: _run(loop, main), name="fault-proxy")
    thread.start()
    started.wait()
    try:
        yield FaultProxy(f"http://127.0.0.1:{ports[0]}/api", plan)
    finally:
        loop.call_soon_threadsafe(main.cancel)
        thread.join()


def _run(loop, main):
    try:
        loop.run_until_complete(main)
    except asyncio.CancelledError:
        pass
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()


async def _serve(reader, writer, upstream, plan):
    """Serve the calls of one client's connection, each over a connection of its own."""
    try:
        while (call := await _read_message(reader)) is not None:
            method, path, _ = call.split(b" ", 2)
            fault = plan.choose(method.decode(), path.decode())
            if not await _pass_on(call, writer, upstream, fault):
                return
    except (OSError, asyncio.IncompleteReadError):
        pass  # the client, or the server, has gone
    finally:
        writer.close()


async def _pass_on(call, writer, upstream, fault):
    """Serve one call; says whether the connection goes on."""
    if fault is Fault.TIMEOUT:
        await asyncio.sleep(_HOLD_SECONDS)
        return False
    answer = None if fault in _BEFORE else await _ask(call, upstream)
    match fault:
        case Fault.RESET | Fault.LOST:
            _reset(writer)
            return False
        case Fault.HALF:
            writer.write(answer[: len(answer) // 2])
            await writer.drain()
            _reset(writer)
            return False
        case Fault.SLOW:
            await asyncio.sleep(_SLOW_SECONDS)
        case Fault.LATE:
            await asyncio.sleep(_HOLD_SECONDS)
    if fault in _ANSWERS:
        answer = _render(*_ANSWERS[fault])
    writer.write(answer)
    await writer.drain()
    return True


async def _ask(call, upstream):
    reader, writer = await asyncio.open_connection(upstream.hostname, upstream.port)
    try:
        writer.write(call)
        return await _read_message(reader)
    finally:
        writer.close()


async def _read_message(reader):
    """Read a request or an answer, head and body; None at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines if line)
    if first.startswith("HTTP/") and int(first.split()[1]) in _BODILESS:
        return head
    if fields.get("transfer-encoding") == "chunked":
        return head + await _read_chunks(reader)
    return head + await reader.readexactly(int(fields.get("content-length", 0)))


async def _read_chunks(reader):
    body = b""
    while not body.endswith(b"0\r\n\r\n"):
        size = await reader.readuntil(b"\r\n")
        body += size + await reader.readexactly(int(size, 16) + 2)
    return body


def _render(status, reason, fields):
    return f"HTTP/1.1 {status} {reason}\r\n{fields}Content-Length: 0\r\n\r\n".encode()


def _reset(writer):
    """End a connection so that the other side sees a reset, not an end."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
