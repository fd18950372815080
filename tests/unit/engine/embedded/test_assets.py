"""Assets on their way in, and what providers see of values."""

import asyncio
import hashlib

import pytest

from meta_prefect.engine.embedded.assets import add_hashes
from meta_prefect.engine.embedded.sending import drop_contents, drop_unknowns
from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.interfaces.values import UNKNOWN, Archive, Asset, Secret

HELLO = hashlib.sha256(b"hello").hexdigest()


def add(values, root=""):
    return asyncio.run(add_hashes(values, root))


def test_hashes_at_any_depth(tmp_path):
    """Assets get their hashes in lists, secrets and archives; relative paths begin at the root."""
    (tmp_path / "file").write_text("hello")
    asset = Asset(path="file")

    hashed = add({"a": [asset], "b": Secret(asset), "c": Archive({"in": asset})}, str(tmp_path))

    assert hashed["a"][0].hash == HELLO
    assert hashed["b"].value.hash == HELLO
    assert hashed["c"].assets["in"].hash == HELLO
    assert hashed["c"].hash


def test_a_hash_that_is_known():
    """An asset that comes with a hash keeps it: its content may be elsewhere."""
    asset = Asset(path="/nowhere", hash="h")

    assert add({"a": asset}) == {"a": asset}


def test_content_that_cannot_be_read():
    """A content that is not there is an error that says where it was looked for."""
    with pytest.raises(ProviderError, match=r"failed to compute asset hash.*/nowhere"):
        add({"a": Asset(path="/nowhere")})


def test_no_assets():
    """Values without assets are passed on as they are."""
    values = {"a": [1, {"b": Secret("x")}]}

    assert add(values) is values
    assert drop_contents(values) is values


def test_comparing_needs_hashes_only():
    """Contents are left out where values are compared, inside secrets too."""
    asset = Asset(text="hello", hash="h")

    dropped = drop_contents({"a": [asset], "b": Secret(asset), "c": 1})

    assert dropped == {"a": [Asset(hash="h")], "b": Secret(Asset(hash="h")), "c": 1}


def test_unknowns_that_will_never_be_known():
    """Unknowns are left out at any depth, and what is known stays."""
    values = {"a": UNKNOWN, "b": [1, UNKNOWN], "c": {"d": UNKNOWN, "e": 2}, "f": Secret([UNKNOWN])}

    assert drop_unknowns(values) == {"b": [1], "c": {"e": 2}, "f": Secret([])}
