"""Assets on their way in, and what providers see of values."""

import hashlib

from meta_prefect.engine.embedded.assets import add_hashes
from meta_prefect.engine.embedded.sending import drop_contents, drop_unknowns
from meta_prefect.interfaces.values import UNKNOWN, Archive, Asset, Secret


def test_hash_of_a_text_and_a_file(tmp_path):
    """An asset's hash is that of its content, wherever the content is."""
    path = tmp_path / "file"
    path.write_text("hello")
    digest = hashlib.sha256(b"hello").hexdigest()

    hashed = add_hashes({"text": Asset(text="hello"), "file": [Asset(path=str(path))]})

    assert hashed["text"].hash == digest
    assert hashed["file"][0].hash == digest


def test_hash_of_a_folder(tmp_path):
    """An archive's hash changes with a file in it, and with nothing else."""
    (tmp_path / "a").write_text("1")

    def hash_now():
        return add_hashes({"code": Archive(path=str(tmp_path))})["code"].hash

    first, second = hash_now(), hash_now()
    (tmp_path / "a").write_text("2")

    assert first == second != hash_now()


def test_no_assets():
    """Values without assets are passed on as they are."""
    values = {"a": [1, {"b": Secret("x")}]}

    assert add_hashes(values) is values
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
