"""The engine's front, with a stand-in for the executable: what we send, how we take answers."""

import json
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from meta_prefect.engine.automation.engine import PulumiEngine
from meta_prefect.engine.automation.executable import read_executable
from meta_prefect.engine.automation.workspace import Place
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError, Severity
from meta_prefect.interfaces.engine import (
    ConfigValue,
    Failure,
    ImportItem,
    OperationKind,
    OperationRequest,
    Outcome,
    OutputValue,
    Scope,
)
from meta_prefect.interfaces.events import (
    Cancelled,
    DiagnosticEvent,
    Op,
    ResourcePre,
    Summary,
)
from tests.support.pulumi_events import (
    END,
    PRELUDE,
    SECRET,
    build_up,
    diagnostic,
    stack_step,
    step,
    summary,
)
from tests.support.pulumi_stand_in import StandIn
from tests.support.state import PROJECT, STACK, urn_of
from tests.support.waiting import wait_until

NO_STACK = {"stderr": "error: no stack named 'dev' found", "exit_code": 255}


class Bench:
    """An engine on a stand-in."""

    def __init__(self, home, **place):
        self.stand_in = StandIn(home)
        self.events = []
        self.root = home / "project"
        self.root.mkdir()
        self.serving = []
        executable = read_executable(self.stand_in.path)
        fields = {"backend_url": "s3://state", "environment": {"PATH": "/usr/bin"}, **place}
        found = Place(
            executable, passphrase=lambda: "pw", known_passphrase=lambda: "known", **fields
        )
        self.engine = PulumiEngine(found, {"test": self.serve})

    @contextmanager
    def serve(self):
        self.serving.append("begins")
        try:
            yield 4321
        finally:
            self.serving.append("ends")

    def run(self, kind=OperationKind.UP, **fields):
        self.events = []
        fields.setdefault("program", lambda: None)
        request = OperationRequest(kind, PROJECT, STACK, root=str(self.root), **fields)
        return self.engine.run(request, self.events.append)

    @property
    def only_call(self):
        (call,) = self.stand_in.calls
        return call


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def test_an_up_is_one_command(bench):
    """Events come through, the result is made of them, and nothing else is asked."""
    a = step("resourcePreEvent", "create", "a"), step("resOutputsEvent", "create", "a")
    bench.stand_in.answer("up", events=build_up(*a, outputs={"x": 1}, create=2))

    result = bench.run()

    assert result.outcome is Outcome.SUCCEEDED
    assert result.changes == {Op.CREATE: 2}
    assert result.outputs == {"x": OutputValue(1)}
    assert (result.diagnostics, result.failure) == ((), Failure.NONE)
    assert bench.stand_in.commands == ["up"]
    assert [type(event).__name__ for event in bench.events] == [
        "Prelude",
        "ResourcePre",
        "ResourcePre",
        "ResourceOutputs",
        "ResourceOutputs",
        "Summary",
    ]


def test_the_executable_works_in_a_folder_made_for_it(bench):
    """Project, configuration, backend, passphrase and providers are all said; nothing stays."""
    bench.stand_in.answer("up", events=build_up())

    bench.run(config={"test:region": ConfigValue("here")})

    call = bench.only_call
    assert yaml.safe_load(call.files["Pulumi.yaml"]) == {
        "name": PROJECT,
        "runtime": "python",
        "main": str(bench.root),
    }
    assert yaml.safe_load(call.files[f"Pulumi.{STACK}.yaml"]) == {"config": {"test:region": "here"}}
    assert call.environment == {
        "PULUMI_AUTOMATION_API": "true",
        "PULUMI_BACKEND_URL": "s3://state",
        "PULUMI_CONFIG_PASSPHRASE": "pw",
        "PULUMI_DEBUG_COMMANDS": "true",
        "PULUMI_DEBUG_PROVIDERS": "test:4321",
        "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    assert bench.serving == ["begins", "ends"]


def test_a_teams_own_folder_is_used_as_it_is(tmp_path):
    """Its files say what is configured: none are written, no secret is set."""
    (tmp_path / "Pulumi.yaml").write_text("name: conf\nruntime: python\n")
    bench = Bench(tmp_path, folder=tmp_path)
    bench.stand_in.answer("up", events=build_up())

    bench.run(config={"conf:key": ConfigValue("k", secret=True)})

    assert bench.only_call.folder == str(tmp_path)
    assert list(bench.only_call.files) == ["Pulumi.yaml"]


def test_a_stack_is_made_on_first_use(bench):
    """The operation is tried first; making the stack is what is done when there is none."""
    bench.stand_in.answer("up", **NO_STACK)
    bench.stand_in.answer("up", events=build_up(create=1))
    bench.stand_in.answer("stack init")

    result = bench.run()

    assert result.outcome is Outcome.SUCCEEDED
    assert bench.stand_in.commands == ["up", "stack init", "up"]


@pytest.mark.parametrize("kind", [OperationKind.DESTROY, OperationKind.REFRESH])
def test_nothing_is_made_to_be_destroyed(kind, bench):
    """Without a stack there is nothing to do, and that succeeds."""
    bench.stand_in.answer(kind.value, **NO_STACK)

    result = bench.run(kind, program=None)

    assert (result.outcome, result.changes) == (Outcome.SUCCEEDED, {})
    assert bench.stand_in.commands == [kind.value]
    assert isinstance(bench.events[-1], Summary)


def test_a_preview_leaves_no_stack_behind(bench):
    """Where only the executable sees the stacks, the one made to be looked at is taken away."""
    bench.stand_in.answer("preview", **NO_STACK)
    bench.stand_in.answer("preview", events=build_up(create=1))
    bench.stand_in.answer("stack init")
    bench.stand_in.answer("stack rm")

    result = bench.run(OperationKind.PREVIEW)

    assert result.outcome is Outcome.SUCCEEDED
    assert bench.stand_in.commands == ["preview", "stack init", "preview", "stack rm"]


def test_a_preview_makes_no_passphrase(bench):
    """Looking needs the passphrase that is there; only what stores secrets makes one."""
    bench.stand_in.answer("preview", events=build_up())
    bench.stand_in.answer("up", events=build_up())

    bench.run(OperationKind.PREVIEW)
    bench.run(OperationKind.UP)

    looked, changed = (
        call.environment["PULUMI_CONFIG_PASSPHRASE"] for call in bench.stand_in.calls
    )
    assert (looked, changed) == ("known", "pw")


def test_two_may_make_one_stack(bench):
    """Who comes second goes on with the stack that the first one made."""
    bench.stand_in.answer("up", **NO_STACK)
    bench.stand_in.answer("up", events=build_up(create=1))
    stderr = "error: a stack named dev already exists"
    bench.stand_in.answer("stack init", stderr=stderr, exit_code=255)

    result = bench.run()

    assert result.outcome is Outcome.SUCCEEDED


def build_folder_bench(home, *stacks, **place):
    """Keep state in a folder, with stacks that hold nothing."""
    folder = home / "state" / ".pulumi" / "stacks" / PROJECT
    for name in stacks:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text("{}")
        (folder.parents[1] / "meta.yaml").write_text("version: 1\n")
    return Bench(home, backend_url=f"file://{home}/state", **place)


def test_a_folder_shows_which_stacks_there_are(tmp_path):
    """No command fails to find that out, and the folder is made for the one that makes a stack."""
    bench = build_folder_bench(tmp_path)
    bench.stand_in.answer("stack init")
    bench.stand_in.answer("up", events=build_up(create=1))

    bench.run()

    assert bench.stand_in.commands == ["stack init", "up"]
    assert (tmp_path / "state").is_dir()


def test_a_stack_in_a_folder_is_one_command(tmp_path):
    """Nothing is made or asked where the stack is there."""
    bench = build_folder_bench(tmp_path, STACK)
    bench.stand_in.answer("up", events=build_up())

    bench.run()

    assert bench.stand_in.commands == ["up"]


@pytest.mark.parametrize("kind", [OperationKind.DESTROY, OperationKind.REFRESH])
def test_a_folder_without_the_stack_needs_no_command(kind, tmp_path):
    """Nothing is there to be destroyed or looked at, and the folder says so."""
    bench = build_folder_bench(tmp_path)

    result = bench.run(kind, program=None)

    assert result.outcome is Outcome.SUCCEEDED
    assert bench.stand_in.calls == []
    assert not (tmp_path / "state").exists()


def test_a_preview_of_a_new_stack_is_set_aside(tmp_path):
    """It runs on a folder that shows the other stacks, is somewhere else and goes away."""
    own = tmp_path / "own"
    own.mkdir()
    (own / "Pulumi.yaml").write_text("name: conf")
    (own / f"Pulumi.{STACK}.yaml").write_text("config: {}")
    bench = build_folder_bench(tmp_path, "other", folder=own)
    bench.stand_in.answer("stack init")
    bench.stand_in.answer("preview", events=build_up(create=1))

    bench.run(OperationKind.PREVIEW)

    call = bench.stand_in.calls[-1]
    url = call.environment["PULUMI_BACKEND_URL"]
    assert url != f"file://{tmp_path}/state"
    assert call.files == {"Pulumi.yaml": "name: conf", f"Pulumi.{STACK}.yaml": "config: {}"}
    assert call.state == [
        "meta.yaml",
        "stacks",
        f"stacks/{PROJECT}",
        f"stacks/{PROJECT}/other.json",
    ]
    assert not Path(call.folder).exists()
    assert not Path(url.removeprefix("file://")).exists()


def test_secret_outputs_are_asked_for(bench):
    """Events mask them; the result has them in clear, with a mark."""
    bench.stand_in.answer("up", events=build_up(outputs={"key": SECRET, "x": 1}))
    bench.stand_in.answer("stack output", stdout=json.dumps({"key": "k", "x": 1}))

    result = bench.run()

    assert result.outputs == {"key": OutputValue("k", secret=True), "x": OutputValue(1)}
    assert bench.stand_in.calls[-1].arguments[:4] == ["stack", "output", "--json", "--show-secrets"]


def test_secret_configuration_travels_by_stdin(bench):
    """A secret is never an argument, and never in the file that we write."""
    bench.stand_in.answer("config set")
    bench.stand_in.answer("up", events=build_up())

    bench.run(config={"a:key": ConfigValue("hidden\n", secret=True)})

    set_call, up_call = bench.stand_in.calls
    assert (set_call.command, set_call.stdin) == ("config set", "hidden\n\n")
    assert "hidden" not in json.dumps([set_call.arguments, set_call.files, up_call.arguments])


def test_a_failed_resource(bench):
    """The result names the resource and why; the executable's last word says nothing new."""
    events = [
        PRELUDE,
        step("resourcePreEvent", "create", "a"),
        diagnostic("error", "no room", urn_of("a")),
        step("resOpFailedEvent", "create", "a"),
        diagnostic("error", "update failed"),
        summary(),
        END,
    ]
    bench.stand_in.answer("up", events=events, exit_code=255, stderr="error: update failed")

    result = bench.run()

    assert (result.outcome, result.failure) == (Outcome.FAILED, Failure.RESOURCE)
    assert [(item.code, item.where, item.summary) for item in result.diagnostics] == [
        ("MP3001", urn_of("a"), "no room")
    ]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ('resource "x" cannot be deleted\nbecause it is protected.', "MP3004"),
        ("Target 'x' could not be found in the stack.", "MP3006"),
        ("no resource plugin 'x' found: `pulumi plugin install resource x 1`", "MP5107"),
    ],
)
def test_known_failures_keep_their_codes(message, code, bench):
    """What the embedded engine has a code for has the same one here."""
    events = [step("resourcePreEvent", "delete", "a"), diagnostic("error", message)]
    bench.stand_in.answer("up", events=events, exit_code=255)

    assert [item.code for item in bench.run().diagnostics] == [code]


def test_an_executable_that_dies_is_no_fault_of_a_resource(bench):
    """Who kills it in the midst of its work fails the operation, and learns of the lock."""
    bench.stand_in.answer("up", events=[step("resourcePreEvent", "create", "a")], dies=True)

    result = bench.run()

    assert (result.outcome, result.failure) == (Outcome.FAILED, Failure.NONE)
    assert [(item.code, item.fixes) for item in result.diagnostics] == [
        ("MP5205", ("meta-prefect unlock -s dev",))
    ]


def test_changes_where_none_were_expected(bench):
    """They are a failure of their own kind."""
    bench.stand_in.answer(
        "up",
        events=build_up(step("resourcePreEvent", "create", "a"), create=1),
        exit_code=7,
        stderr="error: no changes were expected but changes occurred",
    )

    result = bench.run(expect_no_changes=True)

    assert (result.outcome, result.failure) == (Outcome.FAILED, Failure.CHANGES)


@pytest.mark.parametrize(
    ("stderr", "code", "exit_code"),
    [
        ("error: the stack is currently locked by 1 lock(s)", "MP4201", ExitCode.LOCKED),
        ("error: incorrect passphrase", "MP4301", ExitCode.AUTHENTICATION),
        ("error: something else", "MP5205", ExitCode.ERROR),
    ],
)
def test_what_stops_it_before_it_begins_is_raised(stderr, code, exit_code, bench):
    """Nothing was touched: an error, not a result; the providers are let go."""
    bench.stand_in.answer("up", stderr=stderr, exit_code=255)

    with pytest.raises(MetaPrefectError, match=code) as caught:
        bench.run()

    assert caught.value.exit_code is exit_code
    assert bench.serving == ["begins", "ends"]


def test_a_step_that_the_preview_did_not_show_is_a_warning(bench):
    """The executable cannot be held to a preview; `same` needs no plan."""
    steps = [
        step("resourcePreEvent", "create", "a"),
        step("resourcePreEvent", "update", "b"),
        step("resourcePreEvent", "same", "c"),
    ]
    bench.stand_in.answer("up", events=build_up(*steps))
    planned = frozenset({(urn_of("a"), Op.CREATE), (stack_urn(), Op.CREATE)})

    result = bench.run(planned=planned)

    warnings = [
        event.urn
        for event in bench.events
        if isinstance(event, DiagnosticEvent) and event.severity is Severity.WARNING
    ]
    assert warnings == [urn_of("b")]
    assert result.outcome is Outcome.SUCCEEDED


def stack_urn():
    event = stack_step("resourcePreEvent", "create", {})
    return event["resourcePreEvent"]["metadata"]["urn"]


@pytest.mark.parametrize(
    ("scope", "untouched", "shown", "same"),
    [
        (Scope(targets=(urn_of("a"),)), False, ["a"], 2),
        (Scope(excludes=(urn_of("b"),)), False, ["a"], 2),
        (Scope(targets=(urn_of("a"),)), True, ["a", "b"], 3),
        (Scope(), False, ["a", "b"], 3),
    ],
)
def test_what_is_out_of_scope_is_not_shown(scope, untouched, shown, same, bench):
    """It is neither an event nor a number, unless it is asked for."""
    steps = [step("resourcePreEvent", "same", "a"), step("resourcePreEvent", "same", "b")]
    bench.stand_in.answer("up", events=build_up(*steps, same=3))

    result = bench.run(scope=scope, report_untouched=untouched)

    pres = [event.metadata for event in bench.events if isinstance(event, ResourcePre)]
    names = [metadata.urn[-1] for metadata in pres if metadata.type == "test:index:Thing"]
    assert (names, result.changes) == (shown, {Op.SAME: same})


def interrupt(bench, times):
    """Interrupt the operation once the stand-in waits."""

    def work():
        wait_until(lambda: bench.stand_in.has_begun("up"))
        for _ in range(times):
            bench.engine.cancel()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_the_first_interruption_asks(bench):
    """The executable gets one signal, ends by itself, and the result says so."""
    events = [step("resourcePreEvent", "create", "a"), summary(create=1), END]
    bench.stand_in.answer("up", events=events, waits=1, exit_code=8, stderr="error: cancelled")
    thread = interrupt(bench, 1)

    result = bench.run()

    thread.join()
    assert result.outcome is Outcome.CANCELLED
    assert bench.only_call.signals == ["SIGINT"]
    assert bench.events[-1] == Cancelled()


def test_an_interrupt_of_the_terminal_is_not_heard_twice(bench):
    """The executable is in a group of its own: only the engine's signals reach it."""
    bench.stand_in.answer("up", events=build_up())

    bench.run()

    assert bench.only_call.leads


def test_who_does_not_listen_is_killed(bench):
    """The third interruption waits no longer for an executable that ignores the others."""
    bench.stand_in.answer("up", events=[step("resourcePreEvent", "create", "a")], stubborn=True)
    thread = interrupt(bench, 3)

    result = bench.run()

    thread.join()
    assert result.outcome is Outcome.CANCELLED
    assert bench.stand_in.calls == []


def test_time_that_is_over(bench):
    """The executable is asked to stop, and the result is a timeout."""
    events = [step("resourcePreEvent", "create", "a")]
    bench.stand_in.answer("up", events=events, waits=1, exit_code=8)

    result = bench.run(timeout_seconds=0.2)

    assert (result.outcome, result.failure) == (Outcome.FAILED, Failure.TIMEOUT)
    assert bench.only_call.signals == ["SIGINT"]


def test_an_import(bench):
    """What is imported is in a file for the time of the command."""
    bench.stand_in.answer("import", events=build_up(step("resourcePreEvent", "import", "a")))

    result = bench.run(OperationKind.IMPORT, program=None, imports=(ImportItem("t", "a", "1"),))

    assert result.outcome is Outcome.SUCCEEDED
    assert bench.only_call.values("--file")


def test_an_import_that_protects_some_is_refused(bench):
    """The executable protects all or none."""
    items = (ImportItem("t", "a", "1"), ImportItem("t", "b", "2", protect=False))

    with pytest.raises(MetaPrefectError, match="MP5101"):
        bench.run(OperationKind.IMPORT, program=None, imports=items)

    assert bench.stand_in.calls == []


def test_a_destroy_that_spares_dependents_is_refused(bench):
    """The executable has no flag for it, and would say that it does not know ours."""
    scope = Scope(excludes=(urn_of("a"),), exclude_dependents=True)
    with pytest.raises(MetaPrefectError, match="MP5101") as caught:
        bench.run(OperationKind.DESTROY, program=None, scope=scope)

    assert caught.value.exit_code is ExitCode.USAGE
    assert bench.stand_in.calls == []


@pytest.mark.parametrize(
    ("backend_url", "environment", "passphrase"),
    [
        ("s3://bucket", {}, "pw"),
        ("https://api.pulumi.com", {}, None),
        ("gs://bucket", {"PULUMI_CONFIG_PASSPHRASE": ""}, ""),
        ("gs://bucket", {"PULUMI_CONFIG_PASSPHRASE_FILE": "f"}, None),
    ],
)
def test_the_passphrase(backend_url, environment, passphrase, tmp_path):
    """It is given where a backend needs one and the user has not said any."""
    bench = Bench(tmp_path, backend_url=backend_url, environment=environment)
    bench.stand_in.answer("up", events=build_up())

    bench.run()

    assert bench.only_call.environment.get("PULUMI_CONFIG_PASSPHRASE") == passphrase


def test_providers_of_the_user_stay_attached(tmp_path):
    """What the environment attaches already comes after ours."""
    bench = Bench(tmp_path, environment={"PULUMI_DEBUG_PROVIDERS": "aws:1"})
    bench.stand_in.answer("up", events=build_up())

    bench.run()

    assert bench.only_call.environment["PULUMI_DEBUG_PROVIDERS"] == "test:4321,aws:1"


def test_the_description_names_the_version(bench):
    """Headings say which engine runs."""
    assert bench.engine.description == "pulumi engine 3.272.0"
