import gzip

import pytest

from meta_prefect.engine.state.compression import compress, decompress, find_zstd
from meta_prefect.interfaces.diagnostics import MetaPrefectError


@pytest.mark.parametrize("suffix", [".json", ".gz"])
def test_content_comes_back(suffix):
    """What was compressed by its name is read by its first bytes."""
    assert decompress(compress(b"{}", suffix)) == b"{}"


def test_equal_content_has_equal_bytes():
    """A compressed file says nothing of when it was written."""
    assert compress(b"x", ".gz") == gzip.compress(b"x", mtime=0)


@pytest.mark.parametrize("data", [b"\x1f\x8b", gzip.compress(b"content")[:-4]])
def test_torn_file_is_damaged(data):
    """Half of a compressed file is no content."""
    with pytest.raises(ValueError, match=r".+"):
        decompress(data)


def test_first_module_that_is_there_is_taken():
    """Zstandard is looked for in several places, the standard library first."""
    assert find_zstd(("no.such.module", "gzip")) is gzip


def test_missing_module_is_named_with_its_cure():
    """Where nothing reads Zstandard, the error says how to get it."""
    with pytest.raises(MetaPrefectError) as found:
        find_zstd(("no.such.module",))

    assert found.value.diagnostic.code == "MP4120"
    assert found.value.diagnostic.fixes[0].startswith("pip install")
