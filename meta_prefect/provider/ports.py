"""
TCP ports of this machine: which is free, and who has one that is not.

A port that is free now may be taken a moment later: whoever asks has to cope with that.
"""

from __future__ import annotations

import contextlib
import socket
from typing import Any, Final

import psutil

_EVERY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104


def find_free_port(host: str) -> int:
    """
    Let the kernel choose a port.

    Raises:
        OSError: the host is no address of this machine.
    """
    with _bind(host, 0) as bound:
        port: int = bound.getsockname()[1]
        return port


def is_free(host: str, port: int) -> bool:
    """Say whether a server could listen there."""
    try:
        _bind(host, port).close()
    except OSError:
        return False
    return True


def listens(pid: int, port: int) -> bool:
    """Say whether this process listens on the port; where nobody may know, it does."""
    try:
        found = psutil.Process(pid).net_connections(kind="tcp")
    except psutil.AccessDenied:
        return True
    except psutil.NoSuchProcess:
        return False
    return any(_is_listener(item, port) for item in found)


def describe_owner(port: int) -> str:
    """Name the process that listens on a port; empty when one may not see it."""
    with contextlib.suppress(psutil.Error):
        for item in psutil.net_connections(kind="tcp"):
            if item.pid and _is_listener(item, port):
                return f"process {item.pid} ({psutil.Process(item.pid).name()})"
    return ""


def build_url(host: str, port: int) -> str:
    """Spell the URL under which this machine reaches a server that listens on `host`."""
    reached = _EVERY_ADDRESS.get(host, host)
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def _is_listener(connection: Any, port: int) -> bool:
    # Any: psutil gives two record types that share these names.
    return bool(connection.status == psutil.CONN_LISTEN and connection.laddr.port == port)


def _bind(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    bound = socket.socket(family, kind, protocol)
    try:
        # As servers do: what is left of a closed connection does not count.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound
