"""`init`: from nothing, for one flow, and from a prefect.yaml; and `explain` of a builder."""

import json
from dataclasses import dataclass, field

import pytest

from meta_prefect.cli.main import run
from meta_prefect.interfaces.diagnostics import ExitCode
from meta_prefect.project.beginning import Beginning
from meta_prefect.project.migration.migration import FileChange, Migration
from meta_prefect.project.migration.records import Finding
from meta_prefect.project.migration.take_over import TakenOver
from tests.support.fake_project import FakeProject, build_screen

MIGRATION = Migration(
    (FileChange("flows.py", "# changed\n", ("etl/nightly",)),),
    (Finding(7, "sla is for Prefect Cloud: left out", "nightly"),),
    {"etl/nightly": "11"},
    ("flows.py:etl",),
    ("flows.py:etl/nightly",),
)


@dataclass
class Beginner(FakeProject):
    """Answers with what it was given, as a project that begins."""

    beginning: Beginning = field(default_factory=lambda: Beginning({"flows.py": "# new\n"}, "f"))
    taken: TakenOver = field(default_factory=lambda: TakenOver(("etl/nightly",), {}))

    def plan_beginning(self, flow=""):
        self.asked.append(flow)
        return self.beginning

    def plan_migration(self, path):
        self.asked.append(path.name)
        return MIGRATION

    def take_over(self, migration):
        self.asked.append(tuple(migration.adopted))
        return self.taken


def start(folder, *words, typed=None, fake=None):
    """Run `init` in a folder."""
    fake = fake or Beginner()
    (folder / "pyproject.toml").write_text("")
    screen = build_screen(fake, typed=typed)
    return run(["init", *words, "-C", str(folder)], screen.context), screen, fake


def test_the_smallest_project_is_written(tmp_path):
    """Files are written, and the next command is named."""
    code, screen, _ = start(tmp_path, "--yes")

    assert (code, (tmp_path / "flows.py").read_text()) == (ExitCode.OK, "# new\n")
    assert "wrote flows.py" in screen.out
    assert "meta-prefect up f" in screen.out


@pytest.mark.parametrize(("typed", "written"), [("n\n", False), ("y\n", True)])
def test_nothing_is_written_unasked(tmp_path, typed, written):
    """Without `--yes` somebody has to agree; a no is exit code 8."""
    code, _, _ = start(tmp_path, typed=typed)

    assert (tmp_path / "flows.py").exists() is written
    assert code == (ExitCode.OK if written else ExitCode.CANCELLED)


def test_nobody_can_be_asked(tmp_path):
    """Where nobody can answer, the flag is named and nothing is written."""
    code, screen, _ = start(tmp_path)

    assert (code, (tmp_path / "flows.py").exists()) == (ExitCode.USAGE, False)
    assert "--yes" in screen.err


def test_a_flow_can_be_named(tmp_path):
    """The word is the flow that gets a deployer."""
    _, _, fake = start(tmp_path, "etl", "--yes")

    assert fake.asked == ["etl"]


def test_a_prefect_yaml_is_moved(tmp_path):
    """Findings come with their lines, files are written, what is deployed is taken over."""
    code, screen, fake = start(tmp_path, "--from", "prefect.yaml", "--yes")

    assert code == ExitCode.OK
    assert fake.asked == ["prefect.yaml", ("etl/nightly",)]
    assert (tmp_path / "flows.py").read_text() == "# changed\n"
    assert "line 7    nightly: sla is for Prefect Cloud" in screen.err
    assert "preview: nothing to change" in screen.out


def test_what_is_left_to_do_is_shown(tmp_path):
    """Deployments that are not in Prefect yet wait for the next `up`."""
    fake = Beginner(taken=TakenOver((), {"etl/new": "create"}))

    _, screen, _ = start(tmp_path, "--from", "prefect.yaml", "--yes", fake=fake)

    assert "create  etl/new" in screen.out
    assert "meta-prefect preview" in screen.out


def test_a_migration_as_a_document(tmp_path):
    """The document has files, findings, and what was taken over."""
    _, screen, _ = start(tmp_path, "--from", "prefect.yaml", "--yes", "--json")

    document = json.loads(screen.out)
    assert document["files"] == [{"file": "flows.py", "deployments": ["etl/nightly"]}]
    assert document["findings"][0]["line"] == 7
    assert (document["adopted"], document["waiting"]) == (["etl/nightly"], {})


def test_a_builder_is_explained():
    """Import line, arguments and text are shown, as text and as a document."""
    shown, told = build_screen(FakeProject()), build_screen(FakeProject())

    run(["explain", "limit"], shown.context)
    run(["explain", "limit", "--json"], told.context)

    assert "from meta_prefect.implementations.limits import limit" in shown.out
    assert "    runs: int | None = None" in shown.out
    assert json.loads(told.out)["name"] == "limit"


def test_an_unknown_builder_is_said_with_the_nearest():
    """A mistyped name brings what was meant."""
    screen = build_screen(FakeProject())

    code = run(["explain", "limti"], screen.context)

    assert code == ExitCode.USAGE
    assert "did you mean limit" in screen.err
