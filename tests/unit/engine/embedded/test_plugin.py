"""Plugins over gRPC; what they answer to each call is proved by the recordings."""

import asyncio
import socket

import pytest

from meta_prefect.engine.embedded.plugin import Attached, mark_secrets
from meta_prefect.interfaces.provider import CheckRequest, ProviderGone
from meta_prefect.interfaces.values import Secret

URN = "urn:pulumi:dev::conf::pulumi:providers:test::p"


def find_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_nobody_listens():
    """A plugin that is not there is said to be gone, not to have refused."""

    async def scene():
        factory = Attached({"test": find_free_port()}).find("test", "")
        provider = await factory(lambda *_: None)
        try:
            await provider.check_config(CheckRequest(URN, {}, {}))
        finally:
            await provider.cancel()
            await provider.close()

    with pytest.raises(ProviderGone, match="exited unexpectedly"):
        asyncio.run(scene())


def test_other_packages():
    """A package that is not attached has no plugin here."""
    assert Attached({"test": 1}).find("aws", "") is None


def test_secrets_of_a_plugin_that_knows_none():
    """What went in as a secret comes out as one, at the same place."""
    sent = {"pw": Secret("x"), "deep": {"pw": Secret("y"), "z": 1}, "plain": 1}

    marked = mark_secrets({"pw": "x", "deep": {"pw": "y", "z": 1}, "plain": 1, "new": 2}, sent)

    assert marked == {
        "pw": Secret("x"),
        "deep": {"pw": Secret("y"), "z": 1},
        "plain": 1,
        "new": 2,
    }
