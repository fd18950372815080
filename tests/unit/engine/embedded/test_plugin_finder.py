"""Finding plugins on this machine."""

import pytest

from meta_prefect.engine.embedded.plugin_finder import (
    PluginPlace,
    build_lock_file,
    build_partial_mark,
    build_plugin_folder,
    find_plugin,
    order_version,
    read_attached,
    read_place,
)
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from tests.support.plugins.files import write_plugin


@pytest.fixture
def place(tmp_path):
    return PluginPlace({"PATH": str(tmp_path / "bin")}, tmp_path / "home", {})


def install(place, version):
    return write_plugin(build_plugin_folder(place, "ext", version), "ext")


def test_path_comes_first(place, tmp_path):
    """A plugin on PATH is taken whatever version is asked for."""
    install(place, "1.0.0")
    ambient = write_plugin(tmp_path / "bin", "ext")

    assert find_plugin(place, "ext", "1.0.0") == ambient


def test_path_may_be_ignored(tmp_path):
    """With Pulumi's own setting only installed plugins count."""
    write_plugin(tmp_path / "bin", "ext")
    environment = {"PATH": str(tmp_path / "bin"), "PULUMI_HOME": str(tmp_path)}
    place = read_place({**environment, "PULUMI_IGNORE_AMBIENT_PLUGINS": "true"})

    assert find_plugin(place, "ext", "") is None


def test_the_version_asked_for(place):
    """Of several versions the one that is asked for is found, and no other."""
    wanted = install(place, "1.0.0")
    install(place, "2.0.0")

    assert find_plugin(place, "ext", "1.0.0") == wanted
    assert find_plugin(place, "ext", "1.5.0") is None


def test_the_highest_version(place):
    """Without a version the highest is found, by number and not by letter."""
    install(place, "9.0.0")
    highest = install(place, "10.0.0")
    install(place, "10.0.0-beta.2")

    assert find_plugin(place, "ext", "") == highest


def test_what_is_being_installed(place):
    """A folder that is marked as partial, or a draft, is no plugin; a lock's file says nothing."""
    for version in ("1.0.0", "2.0.0.tmp123"):
        install(place, version)
    build_partial_mark(build_plugin_folder(place, "ext", "1.0.0")).touch()
    assert find_plugin(place, "ext", "") is None

    whole = install(place, "0.5.0")
    build_lock_file(build_plugin_folder(place, "ext", "0.5.0")).touch()
    assert find_plugin(place, "ext", "") == whole


def test_names_that_begin_alike(place):
    """A plugin whose name goes on is another one."""
    write_plugin(build_plugin_folder(place, "ext-more", "1.0.0"), "ext-more")

    assert find_plugin(place, "ext", "") is None


def test_order_of_versions():
    """Versions are ordered as semantic versions are."""
    versions = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0", "1.0.1", "1.10.0"]
    shuffled = [versions[index] for index in (3, 0, 5, 1, 4, 2)]

    assert sorted(shuffled, key=order_version) == versions


def test_attached_plugins():
    """Running plugins are named with their ports."""
    assert read_attached("aws:12345,gcp:678") == {"aws": 12345, "gcp": 678}
    assert read_attached("") == {}


def test_no_port():
    """A name without a port is refused."""
    with pytest.raises(MetaPrefectError, match="MP5105"):
        read_attached("aws")
