"""Ports of this machine, with real sockets on loopback."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from meta_prefect.provider.ports import build_url, describe_owner, find_free_port, is_free, listens

LOOPBACK = "127.0.0.1"


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which this process listens."""
    with socket.create_server((LOOPBACK, 0)) as server:
        yield server.getsockname()[1]


def test_chosen_port_is_free() -> None:
    """The port that the kernel chooses can be listened on."""
    assert is_free(LOOPBACK, find_free_port(LOOPBACK))


def test_taken_port_is_not_free(taken: int) -> None:
    """A port with a listener cannot be had."""
    assert not is_free(LOOPBACK, taken)


def test_listener_is_known(taken: int) -> None:
    """A process is seen to listen on its port and on no other."""
    assert listens(os.getpid(), taken)
    assert not listens(os.getpid(), taken + 1)


def test_owner_is_named(taken: int) -> None:
    """Who has a port is named with its number."""
    assert str(os.getpid()) in describe_owner(taken)


def test_nobody_owns_a_free_port() -> None:
    """A free port has no owner."""
    assert describe_owner(find_free_port(LOOPBACK)) == ""


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:4200"),
        ("0.0.0.0", "http://127.0.0.1:4200"),
        ("::1", "http://[::1]:4200"),
        ("example.org", "http://example.org:4200"),
    ],
)
def test_url_reaches_the_host(host: str, url: str) -> None:
    """An address that means all of them is reached by loopback, and one of IPv6 has brackets."""
    assert build_url(host, 4200) == url
