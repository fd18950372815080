import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from meta_prefect.cli.main import run
from meta_prefect.interfaces.diagnostics import ExitCode
from meta_prefect.project.runs import RunLog, RunResult, RunState
from tests.support.fake_project import FakeProject, build_screen

COMPLETED = RunState("Completed", "COMPLETED")


@dataclass
class FakeRun:
    """A run that goes through given states."""

    states: list = field(default_factory=lambda: [RunState("Running", "RUNNING"), COMPLETED])
    value: object = 3
    has_value: bool = True
    interrupted: bool = False
    id: str = "6f1c"
    name: str = "brave-otter"
    deployment: str = "my-flow/dev"
    url: str = "http://127.0.0.1:4200/runs/flow-run/6f1c"

    def follow(self, on_state, on_log, poll_seconds=0.5):
        if self.interrupted:
            raise KeyboardInterrupt
        for state in self.states:
            on_state(state)
            on_log(RunLog(datetime(2026, 3, 1, tzinfo=UTC), "INFO", "flow", "adding"))
        return RunResult(self.states[-1], self.has_value, self.value, 1.25)


def test_the_result_is_the_answer():
    """States and logs go to stderr, the return value alone to stdout."""
    fake = FakeProject(started=FakeRun())
    screen = build_screen(fake)

    code = run(["run", "my_flow", "-p", "x=1", "--param", "y=2"], screen.context)

    assert code == ExitCode.OK
    assert fake.asked == [("my_flow", {"x": "1", "y": "2"})]
    assert screen.out == "3\n"
    assert "brave-otter" in screen.err
    assert "INFO     adding" in screen.err
    assert "completed after 1.2 s" in screen.err


@pytest.mark.parametrize(
    ("value", "shown"), [("text", "text\n"), ({"a": [1]}, '{"a": [1]}\n'), (None, "")]
)
def test_values(value, shown):
    """A text is printed as it is, other values as JSON, nothing for None."""
    screen = build_screen(FakeProject(started=FakeRun(value=value)))

    run(["run", "my_flow"], screen.context)

    assert screen.out == shown


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("FAILED", ExitCode.RESOURCE),
        ("CRASHED", ExitCode.RESOURCE),
        ("CANCELLED", ExitCode.CANCELLED),
    ],
)
def test_a_run_that_did_not_complete(kind, code):
    """The last state decides the exit code, and its message is shown."""
    states = [RunState(kind.capitalize(), kind, "disk full")]
    screen = build_screen(FakeProject(started=FakeRun(states=states, has_value=False)))

    assert run(["run", "my_flow"], screen.context) == code

    assert screen.out == ""
    assert "disk full" in screen.err


def test_a_document():
    """`--json` gives the run, its state and its value."""
    screen = build_screen(FakeProject(started=FakeRun()))

    run(["run", "my_flow", "--json"], screen.context)

    document = json.loads(screen.out)
    assert document["schema"] == "meta-prefect.run.v1"
    assert document["run"]["id"] == "6f1c"
    assert (document["state"]["type"], document["value"]) == ("COMPLETED", 3)


def test_not_following():
    """`--no-follow` starts the run and leaves; the document has no state."""
    text, document = (build_screen(FakeProject(started=FakeRun())) for _ in range(2))

    assert run(["run", "my_flow", "--no-follow"], text.context) == ExitCode.OK
    run(["run", "my_flow", "--no-follow", "--json"], document.context)

    assert text.out == ""
    assert "http://127.0.0.1:4200/runs" in text.err
    assert "state" not in json.loads(document.out)


def test_ctrl_c_leaves_the_run():
    """Interrupting only stops following: it says so, with the address, and exits 8."""
    screen = build_screen(FakeProject(started=FakeRun(interrupted=True)))

    assert run(["run", "my_flow"], screen.context) == ExitCode.CANCELLED
    assert "the run goes on: http://127.0.0.1:4200/runs" in screen.err


def test_no_flow_named():
    """Without a flow the flows are listed; there is no `--all` for runs."""
    screen = build_screen(FakeProject())

    assert run(["run"], screen.context) == ExitCode.USAGE
    assert "MP1308" in screen.err
    assert "--all" not in screen.err
