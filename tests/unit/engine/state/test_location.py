from pathlib import Path

import pytest

from meta_prefect.engine.state.location import find_root
from meta_prefect.interfaces.diagnostics import MetaPrefectError


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("file:///a/b", "/a/b"),
        ("file:///a%20b?no_tmp_dir=true", "/a b"),
        ("file://state", "state"),
        ("file://", "."),
        ("file://~", str(Path.home())),
        ("file://~/x", str(Path.home() / "x")),
    ],
)
def test_folder_is_read_from_the_url(url, folder):
    """A file URL names the folder in which Pulumi keeps its own."""
    assert find_root(url) == Path(folder) / ".pulumi"


@pytest.mark.parametrize(
    "url", ["s3://bucket", "https://api.pulumi.com", "postgres://me:hidden@host/db", "/a/b"]
)
def test_other_places_need_pulumi(url):
    """State elsewhere is refused with the way to get Pulumi, and without passwords."""
    with pytest.raises(MetaPrefectError) as found:
        find_root(url)

    assert found.value.diagnostic.code == "MP5201"
    assert "get.pulumi.com" in found.value.diagnostic.fixes[0]
    assert "hidden" not in found.value.diagnostic.summary
