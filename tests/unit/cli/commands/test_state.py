"""`state` and `unlock`."""

import json
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from meta_prefect.cli.main import run
from meta_prefect.interfaces.diagnostics import ExitCode
from tests.support.fake_project import FakeProject, build_screen

HOLDER = SimpleNamespace(username="ann", hostname="far", pid=7, timestamp=0.0)


@dataclass
class FakeEdits:
    """Keeps what was asked."""

    holders: list = field(default_factory=list)
    asked: list = field(default_factory=list)

    def list_lock_holders(self):
        return self.holders

    def unlock(self):
        self.asked.append("unlock")
        return self.holders

    def repair(self):
        self.asked.append("repair")

    def export(self):
        return {"version": 3, "deployment": {}}

    def import_document(self, document, *, force=False):
        self.asked.append((document, force))

    def forget(self, resource, *, with_dependents=False, force=False):
        self.asked.append((resource, with_dependents, force))
        return (f"urn::{resource}",)


def call(edits, *words, **screen):
    shown = build_screen(FakeProject(state=edits), **screen)
    return run(words, shown.context), shown


def test_a_resource_is_forgotten_with_its_flags():
    """The name and both flags reach the edit, and what went is named."""
    edits = FakeEdits()

    code, screen = call(edits, "state", "forget", "f/deployment", "--with-dependents", "--force")

    assert (code, edits.asked) == (ExitCode.OK, [("f/deployment", True, True)])
    assert screen.out == "forgotten: urn::f/deployment\n"


def test_an_export_is_a_document_that_import_takes(tmp_path):
    """What is printed can be read back."""
    edits = FakeEdits()
    _, screen = call(edits, "state", "export")
    (tmp_path / "state.json").write_text(screen.out)

    code, _ = call(edits, "state", "import", str(tmp_path / "state.json"))

    assert (code, edits.asked) == (ExitCode.OK, [({"version": 3, "deployment": {}}, False)])


def test_a_file_that_is_no_export_is_named(tmp_path):
    """A missing file is a usage error, and nothing is written."""
    edits = FakeEdits()

    code, screen = call(edits, "state", "import", str(tmp_path / "nothing"))

    assert (code, edits.asked) == (ExitCode.USAGE, [])
    assert "MP4116" in screen.err


def test_a_repair_is_done():
    """The edit is asked for once."""
    edits = FakeEdits()

    code, _ = call(edits, "state", "repair")

    assert (code, edits.asked) == (ExitCode.OK, ["repair"])


@pytest.mark.parametrize("words", [("mend",), ("forget",), ("repair", "x")])
def test_a_wrong_edit_is_a_usage_error(words):
    """An unknown edit and a wrong number of words say what there is."""
    code, screen = call(FakeEdits(), "state", *words)

    assert code == ExitCode.USAGE
    assert "MP1310" in screen.err


def test_a_lock_is_shown_before_it_is_taken_away():
    """A yes takes the lock away; the holder was named before."""
    edits = FakeEdits([HOLDER])

    code, screen = call(edits, "unlock", typed="y\n", terminal=True)

    assert (code, edits.asked) == (ExitCode.OK, ["unlock"])
    assert "ann@far, process 7" in screen.err


def test_a_no_leaves_the_lock():
    """Without a yes nothing is done."""
    edits = FakeEdits([HOLDER])

    code, _ = call(edits, "unlock", typed="\n", terminal=True)

    assert (code, edits.asked) == (ExitCode.CANCELLED, [])


def test_unlock_needs_somebody_or_yes():
    """Nobody can answer: refused; `--yes` does it; a free stack is said to be free."""
    edits = FakeEdits([HOLDER])

    refused, _ = call(edits, "unlock")
    done, screen = call(edits, "unlock", "--yes", "--json")
    free, _ = call(FakeEdits(), "unlock")

    assert (refused, done, free) == (ExitCode.USAGE, ExitCode.OK, ExitCode.OK)
    assert edits.asked == ["unlock"]
    assert "ann@far" in json.loads(screen.out)["holders"][0]
