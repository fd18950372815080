import pytest

from meta_prefect.cli.completions import list_completions
from meta_prefect.cli.table import COMMANDS


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


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (["up", "--engine", ""], ["auto", "pulumi", "embedded"]),
        (["up", "--engine", "e"], ["embedded"]),
        (["logs", "my_flow", "--of", ""], ["run", "worker", "server"]),
        (["up", "-m", ""], []),
        (["state", ""], ["export", "import", "ls", "forget", "repair"]),
        (["state", "import", ""], []),
        (["--json", "state", "fo"], ["forget"]),
        (["plugin", ""], ["install"]),
        (["explain", "MP130"], [f"MP130{number}" for number in range(1, 10)]),
    ],
)
def test_values_and_actions_are_completed(typed, words):
    """Behind a flag stand its values, behind a verb what it can do."""
    assert list_completions(typed) == words


def test_stacks_are_completed(tmp_path, monkeypatch):
    """The names of stacks come from the folder of their state, wherever the flag stands."""
    (tmp_path / "pyproject.toml").write_text("[tool.meta_prefect]\nproject = 'shop'\n")
    stacks = tmp_path / ".meta_prefect" / "state" / ".pulumi" / "stacks" / "shop"
    stacks.mkdir(parents=True)
    for name in ("dev", "prod"):
        (stacks / f"{name}.json").write_text("{}")
    monkeypatch.chdir(tmp_path)

    assert list_completions(["up", "my_flow", "-s", ""]) == ["dev", "prod"]
    assert list_completions(["-s", "p"]) == ["prod"]


def test_a_broken_project_completes_nothing(tmp_path, monkeypatch):
    """A shell gets no words and no error."""
    (tmp_path / "pyproject.toml").write_text("[tool")
    monkeypatch.chdir(tmp_path)

    assert list_completions(["up", ""]) == []
    assert list_completions(["up", "-s", ""]) == []
