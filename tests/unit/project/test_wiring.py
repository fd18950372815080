"""The project's own folder, and where the passphrase comes from."""

import pytest

from meta_prefect.interfaces.diagnostics import MetaPrefectError
from meta_prefect.project.checks import check_engine
from meta_prefect.project.settings import read_settings
from meta_prefect.project.wiring import PassphraseFile, Stacks, build_project, prepare_folder
from tests.support.pulumi_stand_in import StandIn


def test_the_passphrase_is_made_once_and_private(tmp_path):
    """The first read makes the file, readable by its owner only; later ones give the same."""
    folder = tmp_path / ".meta_prefect"

    first = PassphraseFile(folder, {}).read()
    second = PassphraseFile(folder, {}).read()

    assert first == second
    assert len(first) > 30
    assert (folder / "passphrase").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.iterdir() if path.name.startswith("passphrase")] == [
        "passphrase"
    ]


def test_looking_makes_no_passphrase(tmp_path):
    """Who only looks gets the one that is there, or none, and leaves no file behind."""
    folder = tmp_path / ".meta_prefect"
    passphrase = PassphraseFile(folder, {})

    before = passphrase.read_known()
    left_alone = not folder.exists()
    made = passphrase.read()

    assert (before, left_alone) == ("", True)
    assert passphrase.read_known() == made
    assert PassphraseFile(folder, {"PULUMI_CONFIG_PASSPHRASE": "pw"}).read_known() == "pw"


def test_the_environment_comes_first(tmp_path):
    """Pulumi's variables win, an empty passphrase included; no file is made."""
    file = tmp_path / "secret"
    file.write_text(" from file \n")
    folder = tmp_path / ".meta_prefect"

    by_text = PassphraseFile(folder, {"PULUMI_CONFIG_PASSPHRASE": ""}).read()
    by_file = PassphraseFile(folder, {"PULUMI_CONFIG_PASSPHRASE_FILE": str(file)}).read()

    assert (by_text, by_file) == ("", "from file")
    assert not folder.exists()


def test_a_missing_passphrase_file_is_a_diagnostic(tmp_path):
    """The variable points nowhere: one error that names the file."""
    environment = {"PULUMI_CONFIG_PASSPHRASE_FILE": str(tmp_path / "nothing")}

    with pytest.raises(MetaPrefectError, match="MP4002") as caught:
        PassphraseFile(tmp_path, environment).read()

    assert caught.value.diagnostic.where == str(tmp_path / "nothing")


def test_the_folder_ignores_itself(tmp_path):
    """Git never sees the project's own folder; what a user wrote there stays."""
    folder = tmp_path / ".meta_prefect"
    prepare_folder(folder)
    (folder / ".gitignore").write_text("mine")
    prepare_folder(folder)

    assert (folder / ".gitignore").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_a_diagnostic(tmp_path):
    """A file in its place is an error with the reason, not a traceback."""
    (tmp_path / ".meta_prefect").write_text("")

    with pytest.raises(MetaPrefectError, match="MP4001"):
        prepare_folder(tmp_path / ".meta_prefect")


def choose(folder, path, engine="auto", backend=None):
    """Give the stacks of a project, on a machine with this PATH."""
    environment = {"PATH": str(path), "PULUMI_CONFIG_PASSPHRASE": "pw"}
    settings = read_settings(folder, {"engine": engine, "backend": backend}, environment)
    return Stacks(settings, environment, PassphraseFile(folder, environment))


@pytest.mark.parametrize(
    ("engine", "version", "description"),
    [
        ("auto", "v3.272.0", "pulumi engine 3.272.0"),
        ("pulumi", "v3.272.0", "pulumi engine 3.272.0"),
        ("embedded", "v3.272.0", "embedded engine"),
        ("auto", "v3.100.0", "embedded engine"),
    ],
)
def test_which_engine_runs(engine, version, description, tmp_path):
    """An executable of a supported version is taken unless the settings say otherwise."""
    path = tmp_path / "bin"
    path.mkdir()
    (path / "pulumi").write_text(f"#!/bin/sh\necho {version}\n")
    (path / "pulumi").chmod(0o755)

    stacks = choose(tmp_path, path, engine)

    assert stacks.build_engine().description.startswith(description)
    assert version[1:] in stacks.describe_pulumi()
    assert stacks.can_use_pulumi() is (version != "v3.100.0")


@pytest.mark.parametrize(
    ("pulumi", "will_do", "status", "has_fix"),
    [
        ("pulumi 3.272.0 at /bin/pulumi", True, "ok", False),
        ("", True, "ok", True),
        ("pulumi 3.100.0 is too old", False, "warning", True),
    ],
)
def test_what_doctor_says_of_the_engines(pulumi, will_do, status, has_fix):
    """An executable that will not do is a warning with the line that installs another."""
    result = check_engine("embedded engine", pulumi, will_do=will_do)

    assert (result.status, bool(result.fix)) == (status, has_fix)
    assert pulumi in result.found


def test_without_an_executable_the_embedded_engine_runs(tmp_path):
    """Nothing is missing then, and `doctor` finds none."""
    stacks = choose(tmp_path, tmp_path)

    assert stacks.build_engine().description.startswith("embedded engine")
    assert stacks.describe_pulumi() == ""


@pytest.mark.parametrize(
    ("engine", "backend", "code"),
    [
        ("pulumi", None, "MP5203"),
        ("auto", "s3://bucket", "MP5201"),
    ],
)
def test_an_engine_that_is_not_there(engine, backend, code, tmp_path):
    """The error comes with the line that installs it."""
    with pytest.raises(MetaPrefectError, match=code) as caught:
        choose(tmp_path, tmp_path, engine, backend).build_engine()

    assert "https://get.pulumi.com" in caught.value.diagnostic.fixes[0]


def test_an_engine_that_was_chosen_and_cannot_reach_the_state(tmp_path):
    """The message names both choices, hides the password, and no installation would help."""
    stand_in = StandIn(tmp_path)

    stacks = choose(tmp_path, stand_in.bin, "embedded", "s3://me:secret@bucket")

    with pytest.raises(MetaPrefectError, match="MP5201") as caught:
        stacks.build_engine()
    with pytest.raises(MetaPrefectError, match="MP5201"):
        stacks.open_reader().read_stack("dev")

    problem = caught.value.diagnostic
    assert problem.where == "--engine, --backend"
    assert "s3://me:***@bucket" in problem.summary
    assert problem.fixes[0] == "meta-prefect up --engine pulumi ..."


def test_doctor_works_without_the_executable_that_the_state_needs(tmp_path):
    """What is missing are two lines of its page, and not the end of it."""
    environment = {"PATH": str(tmp_path)}
    settings = read_settings(tmp_path, {"backend": "s3://bucket"}, environment)

    results = list(build_project(settings, environment).check(offline=True))

    bad = {item.what for item in results if item.status == "error"}
    assert bad >= {"engine", "state"}
    assert "flows" in {item.what for item in results}


def test_state_that_is_not_in_a_folder(tmp_path):
    """It is read through the executable, and edited by nobody here."""
    stand_in = StandIn(tmp_path)
    stand_in.answer("stack export", stdout='{"version": 3}')
    environment = {"PATH": str(stand_in.bin)}
    settings = read_settings(tmp_path, {"backend": "https://api.pulumi.com"}, environment)

    project = build_project(settings, environment)

    assert list(project.reader.read_stack("dev").resources) == []
    with pytest.raises(MetaPrefectError, match="MP5207"):
        _ = project.state
