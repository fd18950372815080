"""Headers of tar files, read back by Python's own reader; whole hashes are in `test_contents`."""

import io
import tarfile

import pytest

from meta_prefect.engine.embedded.tar_bytes import BLOCK_BYTES, END, build_header, build_padding

NAMES = [
    "a",
    "n" * 100,
    "n" * 101,
    f"{'p' * 155}/{'n' * 100}",
    f"{'p' * 156}/{'n' * 100}",
    f"{'p' * 50}/{'n' * 101}",
    "grüße/ä",
    f"{'ü' * 99}x",
    "folder/" * 40 + "leaf",
]


def write(name, content):
    return build_header(name, len(content)) + content + build_padding(len(content))


@pytest.mark.parametrize("name", NAMES)
def test_names_of_any_length(name):
    """Every name comes back, with what is in the file, its mode, and no owner."""
    with tarfile.open(fileobj=io.BytesIO(write(name, b"content") + END)) as archive:
        (item,) = archive.getmembers()
        content = archive.extractfile(item).read()

    assert (item.name, content) == (name, b"content")
    assert (item.mode, item.uid, item.gid, item.uname, item.mtime) == (0o600, 0, 0, "", 0)


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513])
def test_whole_blocks(size):
    """A file takes whole blocks, and the next one begins after it."""
    written = write("a", b"x" * size)

    with tarfile.open(fileobj=io.BytesIO(written + write("b", b"") + END)) as archive:
        names = archive.getnames()
    assert len(written) % BLOCK_BYTES == 0
    assert names == ["a", "b"]


@pytest.mark.parametrize("length", range(40, 60))
def test_a_record_counts_itself(length):
    """The length at the start of a long name's record counts its own digits, too."""
    name = "ä" * length

    record = build_header(name, 0)[BLOCK_BYTES:]

    number = int(record.partition(b" ")[0])
    assert record[:number] == f"{number} path={name}\n".encode()
