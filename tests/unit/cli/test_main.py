import json
import subprocess
import sys

import pytest

from meta_prefect.cli.main import put_verb_first, run
from meta_prefect.interfaces.diagnostics import Diagnostic, ExitCode, MetaPrefectError
from tests.support.fake_project import FakeProject, build_screen
from tests.views.recordings import FIRST_UP

LOCKED = MetaPrefectError(
    "MP4201",
    "stack dev is locked",
    why="up by ci@runner",
    fixes=("wait", "meta-prefect unlock"),
    exit_code=ExitCode.LOCKED,
    others=(Diagnostic("MP4202", "and more"),),
)


@pytest.mark.parametrize(
    ("typed", "ordered"),
    [
        (["-s", "dev", "up", "f"], ["up", "-s", "dev", "f"]),
        (["--json", "ls"], ["ls", "--json"]),
        (["--stack=dev", "-y", "up"], ["up", "--stack=dev", "-y"]),
        (["up", "-s", "dev"], ["up", "-s", "dev"]),
        (["--help"], ["--help"]),
        ([], []),
    ],
)
def test_flags_before_the_verb(typed, ordered):
    """Flags may stand before the verb, with their values."""
    assert put_verb_first(typed) == ordered


def test_ctrl_c_on_the_way_out_changes_no_code():
    """What was decided stays the answer, however often somebody interrupts."""
    script = (
        "import atexit, signal; from meta_prefect.cli.main import leave; "
        "atexit.register(signal.raise_signal, signal.SIGINT); leave(8)"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)

    assert (done.returncode, done.stderr) == (8, b"")


def test_an_error_has_its_form():
    """An error goes to stderr: code and sentence, why, cures or where there is more."""
    screen = build_screen(FakeProject(error=LOCKED))

    code = run(["up", "my_flow", "--quiet"], screen.context)

    assert code == ExitCode.LOCKED
    assert screen.out == ""
    assert screen.err.splitlines() == [
        "error MP4201  stack dev is locked",
        "  why    up by ci@runner",
        "  fix    wait",
        "         or:  meta-prefect unlock",
        "error MP4202  and more",
        "  more   meta-prefect explain MP4202",
    ]


@pytest.mark.parametrize("flag", ["--json-file", "--summary-file", "--save-plan"])
def test_a_file_without_a_folder(tmp_path, flag):
    """It is refused before anything is done that it should tell of, and only once."""
    fake = FakeProject(recording=FIRST_UP)
    screen = build_screen(fake)

    code = run(["preview", "my_flow", flag, str(tmp_path / "none" / "x")], screen.context)

    assert code == ExitCode.USAGE
    assert screen.err.count("error MP1317") == 1
    assert fake.asked == []


def test_a_file_that_cannot_be_written_hides_no_error(tmp_path):
    """The error is told, and what hinders its document, too."""
    screen = build_screen(FakeProject(error=LOCKED))

    code = run(["up", "my_flow", "--json-file", str(tmp_path)], screen.context)

    assert code == ExitCode.LOCKED
    assert "MP4201" in screen.err
    assert "MP1317" in screen.err


def test_an_error_as_json(tmp_path):
    """With `--json` the same error is a document on stdout, and in the file that was asked for."""
    screen = build_screen(FakeProject(error=LOCKED))
    path = tmp_path / "out.json"

    code = run(["--json", "up", "my_flow", "--json-file", str(path)], screen.context)

    document = json.loads(screen.out)
    assert code == ExitCode.LOCKED
    assert json.loads(path.read_text("utf-8")) == document
    assert (document["schema"], document["command"], document["result"]) == (
        "meta-prefect.operation.v1",
        "up",
        "failed",
    )
    assert [item["code"] for item in document["diagnostics"]] == ["MP4201", "MP4202"]
    assert document["diagnostics"][0]["fix"] == ["wait", "meta-prefect unlock"]


def test_a_wrong_flag_as_json():
    """A command line that cannot be parsed gives the envelope as well."""
    screen = build_screen(FakeProject())

    code = run(["up", "--json", "--nonsense"], screen.context)

    assert code == ExitCode.USAGE
    assert json.loads(screen.out)["diagnostics"][0]["code"] == "MP1301"


def test_a_bug_is_told_as_one(tmp_path):
    """An unexpected exception exits 255 and names a file that holds the traceback."""
    project = FakeProject(error=ZeroDivisionError("by zero"))
    screen = build_screen(project, environment={"TMPDIR": str(tmp_path)})

    code = run(["up", "my_flow"], screen.context)

    log = next(tmp_path.iterdir())
    assert code == ExitCode.BUG
    assert "error MP9001" in screen.err
    assert "report" in screen.err
    assert str(log) in screen.err
    assert "Traceback" not in screen.err
    assert "ZeroDivisionError: by zero" in log.read_text("utf-8")


def test_debug_shows_the_traceback():
    """With `--debug` the traceback of an error is on stderr too."""
    screen = build_screen(FakeProject(error=LOCKED))

    run(["up", "my_flow", "--debug"], screen.context)

    assert "Traceback" in screen.err


def test_an_interruption_exits_8():
    """Ctrl-C outside of an operation ends quietly."""
    screen = build_screen(FakeProject(error=KeyboardInterrupt()))

    code = run(["up", "my_flow"], screen.context)

    assert code == ExitCode.CANCELLED
    assert "Interrupted" in screen.err
    assert "Traceback" not in screen.err


def test_flags_reach_the_settings():
    """`--stack` before the verb decides the stack of the project."""
    project = FakeProject(recording=FIRST_UP)
    screen = build_screen(project)

    run(["-s", "prod", "preview", "my_flow"], screen.context)

    assert project.settings.stack == "prod"
    assert screen.out.startswith("my_flow on prod")
