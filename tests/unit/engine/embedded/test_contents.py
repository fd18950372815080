"""Hashes of contents; those of folders and nested archives are what Pulumi 3.260 stored."""

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from meta_prefect.engine.embedded.contents import compute_hash
from meta_prefect.interfaces.values import Archive, Asset
from tests.lifecycle.programs import write_files
from tests.support.plugins.files import publishing

FOLDER = "a045c988e5bc8541c00c48ffd8b48d01be83dd6653f88ef32980e25e41e8b3a2"
NESTED = "9b380ac8ea25e8f2d63e3c45280ccad5112437684516d6181175a10ec60990bf"
EMPTY = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"


@pytest.fixture
def files():
    return write_files()


def digest(data):
    return hashlib.sha256(data).hexdigest()


def test_an_asset_is_its_content(tmp_path):
    """A text, a file and an address of a file with one content have one hash."""
    (tmp_path / "a file").write_text("hello")
    assets = [
        Asset(text="hello"),
        Asset(path="a file"),
        Asset(uri=f"file://{tmp_path}/a%20file"),
    ]

    assert {compute_hash(asset, tmp_path) for asset in assets} == {digest(b"hello")}


def test_a_folder(files):
    """A folder with every trap in its names has the hash that Pulumi gives it."""
    assert compute_hash(Archive(path="folder"), files) == FOLDER


def test_a_map_of_assets(files):
    """Assets by name, a folder among them, and an archive in the archive."""
    parts = {
        "z": Asset(text="hello"),
        "b/c": Asset(path="folder/Big"),
        "b": Archive(path="folder"),
        "é": Asset(text="hello"),
    }

    assert compute_hash(Archive({**parts, "again": Archive(parts)}), files) == NESTED


def test_nothing():
    """An archive of nothing has the hash by which Pulumi knows it."""
    assert compute_hash(Archive(), Path()) == EMPTY


def write_tar(path, mode, content=b"one"):
    with tarfile.open(path, mode) as archive:
        item = tarfile.TarInfo("./inner")
        item.size = len(content)
        archive.addfile(item, io.BytesIO(content))


def write_zip(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("inner", b"one")


@pytest.mark.parametrize("name", ["a.tar", "a.tgz", "a.zip", "a.jar"])
def test_files_that_are_archives(tmp_path, name):
    """An archive's file is hashed as it is; within another archive it is unpacked."""
    path = tmp_path / name
    if name.endswith((".zip", ".jar")):
        write_zip(path)
    else:
        write_tar(path, "w:gz" if name.endswith(".tgz") else "w")
    inside = Archive({"in": Archive(path=name)})
    unpacked = Archive({"in/inner": Asset(text="one")})

    assert compute_hash(Archive(path=name), tmp_path) == digest(path.read_bytes())
    assert compute_hash(inside, tmp_path) == compute_hash(unpacked, tmp_path)


def test_what_is_fetched(tmp_path):
    """Assets and archives of another machine have the hashes of what comes."""
    write_zip(tmp_path / "a.zip")
    with publishing(tmp_path) as url:
        archive = Archive(uri=f"{url}/a.zip")
        parts = Archive({"asset": Asset(uri=f"{url}/a.zip"), "archive": archive})
        fetched = [compute_hash(value, Path()) for value in (archive, parts)]

    content = (tmp_path / "a.zip").read_bytes()
    local = Archive({"asset": Asset(path="a.zip"), "archive": Archive(path="a.zip")})
    assert fetched == [digest(content), compute_hash(local, tmp_path)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Archive(path="file"), "neither a recognized archive type nor a directory"),
        (Asset(uri="ftp://host/file"), "unsupported URI scheme: ftp"),
        (Asset(path="missing"), "missing"),
        (Asset(path="."), "directory"),
    ],
)
def test_what_has_no_content(tmp_path, value, text):
    """What cannot be read is an error that says why."""
    (tmp_path / "file").write_text("no archive")

    with pytest.raises((OSError, ValueError), match=text):
        compute_hash(value, tmp_path)
