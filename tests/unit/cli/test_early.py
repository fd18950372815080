import io
import json

import pytest

from meta_prefect.cli.early import SHELLS, answer_early, list_completions, write_versions
from meta_prefect.cli.table import COMMANDS


@pytest.mark.parametrize("words", [["version"], ["--version"], ["-V"]])
def test_versions(words):
    """Whoever asks for the version gets those of all that takes part."""
    stream = io.StringIO()

    assert answer_early(words, stream)

    names = [row.split("  ")[0].strip() for row in stream.getvalue().splitlines()]
    assert names[:3] == ["meta-prefect", "prefect", "pulumi"]


def test_versions_as_json():
    """The same versions are a document."""
    stream = io.StringIO()

    write_versions(stream, as_json=True)

    document = json.loads(stream.getvalue())
    assert document["schema"] == "meta-prefect.versions.v1"
    assert document["versions"]["prefect"][0].isdigit()


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_scripts_call_us(shell):
    """Every shell's script asks the program itself for candidates."""
    stream = io.StringIO()

    assert answer_early(["completion", shell], stream)

    assert "meta-prefect __complete" in stream.getvalue()


@pytest.mark.parametrize("words", [[], ["up"], ["completion", "tcsh"], ["version", "--json"]])
def test_the_rest_needs_the_parser(words):
    """Anything else is left to the parser, and nothing is written."""
    stream = io.StringIO()

    assert not answer_early(words, stream)

    assert stream.getvalue() == ""


def test_verbs_are_completed():
    """The first word is a verb; flags before it do not matter."""
    assert list_completions(["des"]) == ["destroy"]
    assert list_completions(["--json", ""]) == [command.name for command in COMMANDS]


def test_flags_are_completed():
    """Behind a verb, a dash brings that command's flags."""
    assert list_completions(["up", "--ye"]) == ["--yes"]
    assert "--yes" not in list_completions(["ls", "--"])


def test_flows_are_completed(tmp_path, monkeypatch):
    """Behind a verb that takes flows, the project's flows are found without importing them."""
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "flows.py").write_text(
        "from prefect import flow\n\nraise SystemExit\n\n@flow\ndef nightly(): ...\n"
    )
    monkeypatch.chdir(tmp_path)

    assert list_completions(["up", "n"]) == ["nightly"]
    assert list_completions(["doctor", ""]) == []
    assert list_completions(["completion", "z"]) == ["zsh"]
