"""Plugins over gRPC; what they answer to each call is proved by the recordings."""

import asyncio
import socket

import pytest

from meta_prefect.engine.embedded.plugin import build_variables, connect, mark_secrets
from meta_prefect.interfaces.provider import ProviderGone
from meta_prefect.interfaces.values import Secret

URN = "urn:pulumi:dev::conf::pulumi:providers:test::p"


def find_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_nobody_listens():
    """A plugin that is not there is said to be gone, after some patience."""
    port = find_free_port()

    with pytest.raises(ProviderGone, match="did not answer"):
        asyncio.run(connect("test", port, "127.0.0.1:1", patience_seconds=0.2))


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


def test_configuration_for_old_plugins():
    """Old plugins read configuration as texts, in clear and without the version."""
    args = {"region": "eu", "tags": Secret({"a": [1]}), "retries": 3, "version": "1.0.0"}

    assert build_variables(URN, args) == {
        "test:config:region": "eu",
        "test:config:tags": '{"a": [1]}',
        "test:config:retries": "3",
    }
