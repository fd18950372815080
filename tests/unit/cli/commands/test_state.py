"""`state` and `unlock`."""

import json
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from meta_prefect.cli.main import run
from meta_prefect.interfaces.diagnostics import ExitCode
from meta_prefect.interfaces.engine import ResourceRecord, StackRecord
from tests.support.fake_project import FakeProject, build_screen

START = "urn:pulumi:dev::shop::"


def stored(type, name, **fields):
    values = {"id": "", "parent": "", "provider": "", "custom": False, "inputs": {}, "outputs": {}}
    return ResourceRecord(f"{START}{type}::{name}", type, **{**values, **fields})


STACK = StackRecord(
    "dev",
    [
        stored("test:Group", "work-pool/process"),
        stored("prefect:index:WorkPool", "work-pool/process/pool", id="heavy", protect=True),
    ],
    [(f"{START}prefect::f/deployment", "creating")],
)
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

    def export(self, *, show_secrets=False):
        self.asked.append(show_secrets)
        return {"version": 3, "deployment": {}}

    def read(self):
        return STACK

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

    assert code == ExitCode.OK
    assert edits.asked == [False, ({"version": 3, "deployment": {}}, False)]


def test_an_export_goes_into_a_file_of_its_owner(tmp_path):
    """The file holds the state, and nobody else may read it."""
    path = tmp_path / "state.json"

    _, screen = call(FakeEdits(), "state", "export", "--file", str(path))

    assert json.loads(path.read_text()) == {"version": 3, "deployment": {}}
    assert path.stat().st_mode & 0o777 == 0o600
    assert screen.out == f"the state is in {path}\n"


def test_an_export_into_a_folder_that_is_missing_is_named(tmp_path):
    """What cannot be written is a usage error with the path."""
    path = tmp_path / "no" / "state.json"

    code, screen = call(FakeEdits(), "state", "export", "--file", str(path))

    assert code == ExitCode.USAGE
    assert f"{path} cannot be written" in screen.err


def test_secrets_in_clear_go_to_a_terminal_or_a_file(tmp_path):
    """A pipe gets none; a terminal and a file get them when asked to."""
    piped, shown, kept = FakeEdits(), FakeEdits(), FakeEdits()
    path = str(tmp_path / "state.json")

    refused, screen = call(piped, "state", "export", "--show-secrets")
    call(shown, "state", "export", "--show-secrets", terminal=True)
    call(kept, "state", "export", "--show-secrets", "--file", path)

    assert (refused, piped.asked) == (ExitCode.USAGE, [])
    assert "MP1311" in screen.err
    assert (shown.asked, kept.asked) == ([True], [True])


def test_records_are_listed_as_they_are_stored():
    """Each record has a line with its marks; what is unfinished is named below."""
    _, screen = call(FakeEdits(), "state", "ls")

    assert screen.out.splitlines() == [
        "resource                 type                     id",
        "work-pool/process        test:Group               -",
        "work-pool/process/pool   prefect:index:WorkPool   heavy   protected",
        "",
        "2 records",
        "unfinished: creating f/deployment",
    ]


def test_records_as_a_document():
    """The document has names, URNs and what is unfinished."""
    _, screen = call(FakeEdits(), "state", "ls", "--json")

    document = json.loads(screen.out)
    assert document["resources"][1]["name"] == "work-pool/process/pool"
    assert document["resources"][1]["marks"] == ["protected"]
    assert document["pending"] == [{"urn": f"{START}prefect::f/deployment", "kind": "creating"}]


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


@pytest.mark.parametrize(
    ("words", "error"),
    [(("mend",), "MP1320"), (("forget",), "MP1310"), (("repair", "x"), "MP1310")],
)
def test_a_wrong_edit_is_a_usage_error(words, error):
    """An unknown edit and a wrong number of words say what there is."""
    code, screen = call(FakeEdits(), "state", *words)

    assert code == ExitCode.USAGE
    assert error in screen.err
    assert "forget" in screen.err


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
    assert json.loads(screen.out)["holders"] == [
        {"user": "ann", "host": "far", "process": 7, "since": None}
    ]
