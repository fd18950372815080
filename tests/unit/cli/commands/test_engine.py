"""`engine`: with an executable that is there already, so that nothing is fetched."""

import json

from meta_prefect.cli.main import run
from meta_prefect.interfaces.diagnostics import ExitCode
from tests.support.fake_project import FakeProject, build_screen
from tests.support.pulumi_stand_in import StandIn


def build(home, path="/usr/bin"):
    environment = {"PULUMI_HOME": str(home), "PATH": path}
    return build_screen(FakeProject(), environment=environment)


def test_install_says_where_and_how_to_use_it(tmp_path):
    """The answer names the folder, and the line that puts it on PATH."""
    StandIn(tmp_path)
    screen = build(tmp_path)

    code = run(("engine", "install", "--yes"), screen.context)

    assert code == ExitCode.OK
    assert f"pulumi 3.272.0 is in {tmp_path / 'bin'}" in screen.out
    assert f'export PATH="{tmp_path / "bin"}:$PATH"' in screen.out


def test_install_on_path_says_no_more(tmp_path):
    """Who has the folder on PATH already needs no advice."""
    StandIn(tmp_path)
    screen = build(tmp_path, path=f"/usr/bin:{tmp_path / 'bin'}")

    code = run(("engine", "install", "--yes", "--json"), screen.context)

    document = json.loads(screen.out)
    assert code == ExitCode.OK
    assert document["path"] == str(tmp_path / "bin" / "pulumi")
    assert "export" not in screen.out


def test_nothing_is_installed_unasked(tmp_path):
    """Where nobody can answer and nobody said yes, nothing is done."""
    screen = build(tmp_path)

    code = run(("engine", "install"), screen.context)

    assert code == ExitCode.USAGE
    assert list(tmp_path.iterdir()) == []


def test_only_install_is_known(tmp_path):
    """Another word is wrong use, with the right one named."""
    screen = build(tmp_path)

    code = run(("engine", "remove"), screen.context)

    assert code == ExitCode.USAGE
    assert "known: install" in screen.err
