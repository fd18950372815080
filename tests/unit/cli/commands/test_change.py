"""`up`, `destroy` and `refresh` in front of a fake project."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from meta_prefect.cli.main import run
from meta_prefect.interfaces.diagnostics import Diagnostic, ExitCode
from meta_prefect.interfaces.engine import Failure, OperationKind, OperationResult, Outcome
from meta_prefect.project.operations import OperationOptions, Selection
from tests.support.fake_project import FakeProject, build_screen
from tests.views import recordings

FACT = SimpleNamespace(label="deployment", text="my_flow/dev")


def project(recording, **more):
    return FakeProject(recording=recording, known_facts=(FACT,), **more)


def test_up_with_yes():
    """`up --yes` previews, applies, tells what is there and how to try it."""
    fake = project(recordings.FIRST_UP)
    screen = build_screen(fake)

    code = run(["up", "my_flow", "-y"], screen.context)

    assert code == ExitCode.OK
    assert fake.operation.applied
    rows = screen.out.splitlines()
    assert rows[0] == "my_flow on dev: up with embedded engine"
    assert rows[1] == "preview: create 6"
    assert rows[-2].startswith("result: succeeded in ")
    assert rows[-1] == "deployment: my_flow/dev"


def test_quiet_up():
    """`-q` leaves the result and what is there."""
    screen = build_screen(project(recordings.FIRST_UP))

    run(["up", "my_flow", "-yq"], screen.context)

    first, second = screen.out.splitlines()
    assert first.startswith("result: succeeded in ")
    assert second == "deployment: my_flow/dev"
    assert screen.err == ""


def test_up_on_a_terminal():
    """On a terminal the plan is shown, a yes applies it, and the end says what to try."""
    fake = project(recordings.FIRST_UP)
    screen = build_screen(fake, typed="y\n", terminal=True)

    code = run(["up", "my_flow", "--color", "never"], screen.context)

    assert code == ExitCode.OK
    assert fake.operation.applied
    assert screen.out.index("+ 6 create") < screen.out.index("created")
    assert "Try it:  meta-prefect run my_flow" in screen.out
    assert "loading flows" in screen.err


def test_up_declined():
    """A no changes nothing and exits 8."""
    fake = project(recordings.FIRST_UP)
    screen = build_screen(fake, typed="n\n")

    code = run(["up", "my_flow"], screen.context)

    assert code == ExitCode.CANCELLED
    assert not fake.operation.applied
    assert "Nothing was changed." in screen.err


def test_up_shows_a_diff_on_request():
    """`d` at the question shows properties before the answer counts."""
    fake = project(recordings.TAGS)
    screen = build_screen(fake, typed="d\ny\n")

    run(["up", "my_flow"], screen.context)

    assert "my-tag  →  other-tag" in screen.out
    assert fake.operation.applied


def test_up_with_nothing_to_change():
    """Nothing to change needs no answer: it says so, with the facts, and exits 0."""
    fake = project(recordings.UNCHANGED)
    screen = build_screen(fake)

    code = run(["up", "my_flow"], screen.context)

    assert code == ExitCode.OK
    assert not fake.operation.applied
    assert "nothing to change, 6 as they should be" in screen.out
    assert "deployment: my_flow/dev" in screen.out


def test_up_without_anybody():
    """Without --yes and somebody to ask, the preview is all that happens; exit 2."""
    fake = project(recordings.FIRST_UP)
    screen = build_screen(fake)

    code = run(["up", "my_flow"], screen.context)

    assert code == ExitCode.USAGE
    assert not fake.operation.applied
    assert "preview: create 6" in screen.out
    assert "MP1302" in screen.err
    assert "meta-prefect preview my_flow" in screen.err


@pytest.mark.parametrize("verb", ["up", "preview", "diff"])
def test_unexpected_changes(verb):
    """`--expect-no-changes` exits 7 when there are some, and applies nothing."""
    fake = project(recordings.TAGS)
    screen = build_screen(fake)

    words = [verb, "my_flow", "--expect-no-changes", *(["-y"] if verb == "up" else [])]
    code = run(words, screen.context)

    assert code == ExitCode.CHANGES
    assert not fake.operation.applied
    assert "error MP1303  1 change where none were expected" in screen.err


def test_an_engine_that_found_unexpected_changes():
    """Outputs count as well: the engine's word is enough."""
    failed = OperationResult(Outcome.FAILED, failure=Failure.CHANGES)
    fake = project(replace(recordings.UNCHANGED, preview_result=failed))
    screen = build_screen(fake)

    code = run(["preview", "my_flow", "--expect-no-changes"], screen.context)

    assert code == ExitCode.CHANGES
    assert "changed outputs" in screen.err


def test_expected_nothing_and_found_nothing():
    """`--expect-no-changes` exits 0 when there are none."""
    screen = build_screen(project(recordings.UNCHANGED))

    assert run(["preview", "my_flow", "--expect-no-changes"], screen.context) == ExitCode.OK


def test_a_failure():
    """A failed resource exits 4; the error names it as the tree does."""
    screen = build_screen(project(recordings.FAILED))

    code = run(["up", "my_flow", "-y"], screen.context)

    assert code == ExitCode.RESOURCE
    assert "where  worker/process/process" in screen.err
    assert "result: failed" in screen.out
    assert "deployment: " not in screen.out


def test_a_failed_preview_is_the_end():
    """When the preview fails nothing is asked and nothing applied."""
    failed = recordings.FAILED.result
    fake = project(replace(recordings.FIRST_UP, preview_result=failed))
    screen = build_screen(fake)

    code = run(["up", "my_flow", "-y"], screen.context)

    assert code == ExitCode.RESOURCE
    assert not fake.operation.applied
    assert "MP3004" in screen.err


def test_flags_reach_the_project():
    """Every flag of an operation is handed on."""
    fake = project(recordings.FIRST_UP)
    screen = build_screen(fake)
    words = "up a b -y --only x --except y --replace z --refresh -p 3 --continue-on-error"

    run([*words.split(), "-m", "a note", "--timeout", "2m"], screen.context)

    assert fake.asked[0] == (
        OperationKind.UP,
        Selection(flows=("a", "b")),
        OperationOptions(
            only=("x",),
            excluded=("y",),
            replaced=("z",),
            refresh=True,
            parallel=3,
            continue_on_error=True,
            message="a note",
            timeout_seconds=120.0,
        ),
    )


@pytest.mark.parametrize("verb", ["up", "destroy", "refresh"])
def test_no_flow_named(verb):
    """What changes things lists the flows on stderr, exits 2 and prepares nothing."""
    site = SimpleNamespace(name="nightly", flow_name="nightly", file="a.py", line=3)
    fake = project(recordings.FIRST_UP, flows=(site,))
    screen = build_screen(fake)

    code = run([verb, "-y"], screen.context)

    assert code == ExitCode.USAGE
    assert fake.asked == []
    assert "nightly  a.py line 3" in screen.err
    assert f"meta-prefect {verb} nightly" in screen.err
    assert f"meta-prefect {verb} --all" in screen.err


def test_a_flow_and_all():
    """A flow and `--all` contradict each other."""
    screen = build_screen(project(recordings.FIRST_UP))

    assert run(["up", "my_flow", "--all", "-y"], screen.context) == ExitCode.USAGE
    assert "MP1307" in screen.err


def test_up_as_json(tmp_path):
    """`--json` writes one document to stdout, and the same one to a file."""
    screen = build_screen(project(recordings.TAGS))
    path = tmp_path / "result.json"

    code = run(["up", "my_flow", "-y", "--json", "--json-file", str(path)], screen.context)

    document = json.loads(screen.out)
    assert code == ExitCode.OK
    assert json.loads(path.read_text("utf-8")) == document
    assert (document["result"], document["applied"]) == ("succeeded", True)
    assert document["counts"] == {"update": 1, "same": 5}
    assert document["next"] == ["meta-prefect run my_flow"]
    assert document["facts"] == [{"label": "deployment", "text": "my_flow/dev"}]


def test_json_cannot_ask():
    """With `--json` the missing answer is a document too."""
    screen = build_screen(project(recordings.TAGS), typed="y\n")

    code = run(["up", "my_flow", "--json"], screen.context)

    assert code == ExitCode.USAGE
    assert json.loads(screen.out)["diagnostics"][0]["code"] == "MP1302"


@pytest.mark.parametrize(
    ("words", "typed", "code"),
    [
        (["destroy", "my_flow"], "my_flow\n", ExitCode.OK),
        (["destroy", "my_flow"], "yes\n", ExitCode.CANCELLED),
        (["destroy", "--all"], "dev\n", ExitCode.OK),
        (["destroy", "my_flow", "--yes"], None, ExitCode.OK),
    ],
)
def test_destroy_asks_for_the_name(words, typed, code):
    """Destroying takes the flow's name, the stack's with `--all`, or --yes."""
    fake = project(recordings.DESTROYED, kept=("the data stay",))
    screen = build_screen(fake, typed=typed)

    assert run(words, screen.context) == code

    assert fake.operation.applied is (code == ExitCode.OK)
    assert "the data stay" in screen.out


def test_destroy_of_nothing():
    """Where nothing is up a destroy says so and exits 0 without a question."""
    screen = build_screen(project(recordings.NOTHING_UP))

    assert run(["destroy", "--all"], screen.context) == ExitCode.OK
    assert "nothing to destroy" in screen.out


class _State:
    def __init__(self):
        self.forgotten = False

    def forget_stack(self):
        self.forgotten = True


@pytest.mark.parametrize("flags", [["--forget-stack"], []])
def test_destroy_may_forget_the_stack(flags):
    """Once nothing is left the stack goes, too, for whoever asks for it."""
    fake = project(recordings.DESTROYED, state=_State())
    screen = build_screen(fake)

    code = run(["destroy", "--all", "-y", *flags], screen.context)

    assert code == ExitCode.OK
    assert fake.state.forgotten is bool(flags)


def test_refresh():
    """A refresh shows what moved in the world, and writes it into state."""
    fake = project(recordings.DRIFTED)
    screen = build_screen(fake)

    code = run(["refresh", "my_flow", "-y"], screen.context)

    assert code == ExitCode.OK
    assert "drift my_flow/deployment (deployment): done" in screen.out


@pytest.mark.parametrize(
    ("verb", "plan"),
    [("up", "preview: create 6"), ("diff", "preview: create 6"), ("preview", "+ 6 create")],
)
def test_what_is_refused_is_shown(verb, plan):
    """Of a preview that must not be applied, steps and reason are there; nothing is done."""
    refused = OperationResult(
        Outcome.FAILED,
        diagnostics=(Diagnostic("MP3009", "cluster/main/cluster would be replaced"),),
        failure=Failure.REFUSED,
    )
    fake = project(replace(recordings.FIRST_UP, preview_result=refused))
    screen = build_screen(fake)

    code = run([verb, "my_flow"], screen.context)

    assert code == ExitCode.POLICY
    assert not fake.operation.applied
    assert plan in screen.out
    assert "cluster/main/cluster would be replaced" in screen.out + screen.err
