"""`plugin`."""

import json
from importlib.metadata import version

from meta_prefect.cli.main import run
from meta_prefect.interfaces.diagnostics import ExitCode
from tests.support.fake_project import FakeProject, build_screen


def test_install_says_where(tmp_path):
    """The plugin is in Pulumi's folder, and the answer names it."""
    screen = build_screen(FakeProject(), environment={"PULUMI_HOME": str(tmp_path)})

    code = run(("plugin", "install", "--json"), screen.context)

    document = json.loads(screen.out)
    folder = tmp_path / "plugins" / f"resource-prefect-v{version('meta-prefect')}"
    assert code == ExitCode.OK
    assert document["path"] == str(folder / "pulumi-resource-prefect")
    assert (folder / "pulumi-resource-prefect").is_file()


def test_only_install_is_known(tmp_path):
    """Another word is wrong use, with the right one named."""
    screen = build_screen(FakeProject(), environment={"PULUMI_HOME": str(tmp_path)})

    code = run(("plugin", "remove"), screen.context)

    assert code == ExitCode.USAGE
    assert "known: install" in screen.err


def test_folder_that_cannot_be_written(tmp_path):
    """A folder that is a file is an error that names it."""
    (tmp_path / "plugins").write_text("")
    screen = build_screen(FakeProject(), environment={"PULUMI_HOME": str(tmp_path)})

    code = run(("plugin", "install"), screen.context)

    assert code == ExitCode.ERROR
    assert str(tmp_path / "plugins") in screen.err
