"""Fetching plugins; that it works is proved by whole operations."""

import asyncio
import tarfile
import threading

import pytest

from meta_prefect.engine.embedded.packages import PluginNeed
from meta_prefect.engine.embedded.plugin_download import build_platform, build_url, install_plugin
from meta_prefect.engine.embedded.plugin_finder import (
    PluginPlace,
    build_partial_mark,
    build_plugin_folder,
)
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from tests.support.plugins.files import publishing, write_archive

FILE = f"pulumi-resource-ext-v1.0.0-{build_platform()}.tar.gz"
OFFICIAL = f"https://get.pulumi.com/releases/plugins/{FILE}"


@pytest.fixture
def place(tmp_path):
    return PluginPlace({}, tmp_path / "home", {})


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("", OFFICIAL),
        ("https://x.io/p/", f"https://x.io/p/{FILE}"),
        ("https://x.io/${NAME}/${VERSION}", f"https://x.io/ext/1.0.0/{FILE}"),
        (
            "github://api.github.com/acme",
            f"https://github.com/acme/pulumi-ext/releases/download/v1.0.0/{FILE}",
        ),
        (
            "github://api.github.com/acme/tool",
            f"https://github.com/acme/tool/releases/download/v1.0.0/{FILE}",
        ),
    ],
)
def test_urls(place, given, url):
    """An archive is looked for where its package says, else at the official place."""
    assert build_url(place, PluginNeed("ext", "1.0.0", given)) == url


def test_a_place_only_pulumi_knows(place):
    """A place of another kind is left to Pulumi, with the command to type."""
    need = PluginNeed("ext", "1.0.0", "gitlab://gitlab.com/1")

    with pytest.raises(MetaPrefectError) as refused:
        build_url(place, need)

    (fix,) = refused.value.diagnostic.fixes
    assert fix == "pulumi plugin install resource ext 1.0.0 --server gitlab://gitlab.com/1"


def install(place, url, statuses=None):
    """Install version 1.0.0 of a plugin."""
    need = PluginNeed("ext", "1.0.0", url)
    return asyncio.run(install_plugin(place, need, (statuses or []).append))


def test_two_at_once(place, tmp_path):
    """Two installations of one plugin at once give one folder, and both its executable."""
    write_archive(tmp_path, "ext", "1.0.0", "#!/bin/sh\n")
    found = []
    with publishing(tmp_path) as url:
        threads = [
            threading.Thread(target=lambda: found.append(install(place, url))) for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)

    folder = build_plugin_folder(place, "ext", "1.0.0")
    assert found == [folder / "pulumi-resource-ext"] * 2
    assert found[0].stat().st_mode & 0o100


def test_what_an_interrupted_installation_left(place, tmp_path):
    """A folder that is marked as partial is made anew, and the mark goes."""
    folder = build_plugin_folder(place, "ext", "1.0.0")
    folder.mkdir(parents=True)
    (folder / "half").touch()
    build_partial_mark(folder).touch()
    write_archive(tmp_path, "ext", "1.0.0", "#!/bin/sh\n")
    with publishing(tmp_path) as url:
        install(place, url)

    assert [path.name for path in folder.iterdir()] == ["pulumi-resource-ext"]
    assert not build_partial_mark(folder).exists()


def test_an_archive_of_something_else(place, tmp_path):
    """An archive without the plugin's executable leaves nothing behind."""
    write_archive(tmp_path, "ext", "1.0.0", "", file="README")
    with publishing(tmp_path) as url, pytest.raises(MetaPrefectError, match="MP5107"):
        install(place, url)

    assert [path.suffix for path in place.plugins.iterdir()] == [".lock"]


def test_an_archive_that_leads_outside(place, tmp_path):
    """An archive whose members leave its folder is refused."""
    write_archive(tmp_path, "ext", "1.0.0", "", file="../evil")
    with publishing(tmp_path) as url, pytest.raises(MetaPrefectError) as refused:
        install(place, url)

    assert isinstance(refused.value.__cause__, tarfile.TarError)
    assert not (place.plugins / "evil").exists()


def test_no_archive(place, tmp_path):
    """A page that is no archive is refused with its address."""
    (tmp_path / FILE).write_text("<html>")
    with publishing(tmp_path) as url, pytest.raises(MetaPrefectError) as refused:
        install(place, url)

    assert url in refused.value.diagnostic.why
