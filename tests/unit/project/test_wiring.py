"""The project's own folder, and where the passphrase comes from."""

import pytest

from meta_prefect.interfaces.diagnostics import MetaPrefectError
from meta_prefect.project.wiring import PassphraseFile, prepare_folder


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
