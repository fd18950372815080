"""Getting the executable, with an installer of the test's own: nothing is fetched here."""

import subprocess
from pathlib import Path
from urllib.error import URLError

import pytest

from meta_prefect.engine.automation.installation import find_home, install_executable
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from tests.support.pulumi_stand_in import StandIn


def raiser(error):
    def install(home):
        raise error

    return install


def test_it_is_installed_where_pulumi_installs_itself(tmp_path):
    """The installer gets Pulumi's own folder, and what it put there is looked at."""
    homes = []

    def install(home):
        homes.append(home)
        StandIn(Path(home))

    found = install_executable(tmp_path, install)

    assert homes == [str(tmp_path)]
    assert (found.path, found.version_text) == (str(tmp_path / "bin" / "pulumi"), "3.272.0")


def test_one_that_is_there_already_is_left_alone(tmp_path):
    """Pulumi's installer fetches nothing when the version is there."""
    path = StandIn(tmp_path).path

    assert install_executable(tmp_path).path == path


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (URLError("no route to host"), "no route to host"),
        (subprocess.CalledProcessError(1, "sh", b"line\nerror: no such version\n"), "no such"),
        (PermissionError(13, "Permission denied"), "Permission denied"),
    ],
)
def test_it_cannot_be_had(error, why, tmp_path):
    """What stops the installer is said, with the line to type by hand."""
    with pytest.raises(MetaPrefectError, match="MP5208") as caught:
        install_executable(tmp_path, raiser(error))

    assert why in caught.value.diagnostic.why
    assert caught.value.diagnostic.fixes[0].startswith("curl")


def test_home():
    """Pulumi's variable moves its folder."""
    assert find_home({"PULUMI_HOME": "/opt/pulumi"}) == Path("/opt/pulumi")
    assert find_home({}) == Path.home() / ".pulumi"
