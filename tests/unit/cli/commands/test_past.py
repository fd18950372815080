"""`history`, `graph`, `open`, `logs`."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from meta_prefect.cli.commands.history import draw_history
from meta_prefect.cli.main import run
from meta_prefect.cli.views.text import plain
from meta_prefect.interfaces.diagnostics import ExitCode
from meta_prefect.interfaces.engine import HistoryRecord, ResourceRecord
from meta_prefect.project.runs import RunLog
from tests.support.fake_project import FakeProject, build_screen

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BEGAN = int((NOW - timedelta(hours=2)).timestamp())
UP = HistoryRecord("update", BEGAN, BEGAN + 12, "first", "succeeded", {"create": 3, "same": 1})
LINES = [
    RunLog(NOW, "INFO", "prefect.flow_runs", "began"),
    RunLog(NOW, "ERROR", "prefect.flow_runs", "broke"),
]


def resource(kind, name, *needs, parent=""):
    return ResourceRecord(
        f"urn:pulumi:dev::shop::{kind}::{name}", kind, name, parent, "", True, {}, {}, needs
    )


POOL = resource("prefect:index:WorkPool", "pool")
DEPLOYMENT = resource("prefect:index:Deployment", "etl/dev", POOL.urn)
STACK = resource("pulumi:pulumi:Stack", "shop-dev")


class LoggedRun:
    """A run that logged two lines and logs a third while it is followed."""

    id, name, deployment, url = "1", "red-fox", "etl/dev", "http://prefect/runs/flow-run/1"

    def read_logs(self):
        return iter(LINES)

    def follow(self, on_state, on_log):
        on_state(SimpleNamespace(name="Completed", type="COMPLETED", message=""))
        on_log(RunLog(NOW, "INFO", "prefect.flow_runs", "ended"))


def test_history_counts_what_changed():
    """What stayed the same is no news, and what is not shown is counted."""
    rows = [plain(row) for row in draw_history([UP], 3, NOW)]

    assert rows[1].split() == [
        "2",
        "h",
        "ago",
        "update",
        "succeeded",
        "12",
        "s",
        "3",
        "create",
        "first",
    ]
    assert rows[-1] == "and 2 operations before that: --full"


def test_history_as_json_is_whole():
    """The document holds every operation, however many the screen shows."""
    screen = build_screen(FakeProject(history=[UP] * 30))

    assert run(["history", "--json"], screen.context) == ExitCode.OK
    assert len(json.loads(screen.out)["operations"]) == 30


def test_graph_says_what_needs_what():
    """Text, Mermaid, Graphviz and JSON show the same edge; the stack itself is left out."""
    outs = {}
    for flags in ([], ["--format", "mermaid"], ["--format", "dot"], ["--json"]):
        screen = build_screen(FakeProject(stored=[STACK, POOL, DEPLOYMENT]))
        assert run(["graph", *flags], screen.context) == ExitCode.OK
        outs[flags[-1] if flags else "text"] = screen.out

    assert outs["text"] == "pool  work pool\netl/dev  deployment\n  needs   pool\n"
    assert outs["mermaid"].splitlines()[-1] == "  n1 --> n0"
    assert f'"{DEPLOYMENT.urn}" -> "{POOL.urn}";' in outs["dot"]
    assert json.loads(outs["--json"])["edges"] == [
        {"from": "etl/dev", "to": "pool", "kind": "needs"}
    ]


@pytest.mark.parametrize(
    ("flags", "shown"),
    [
        (["--of", "pool"], ["pool", "queue", "etl/dev", "alarm"]),
        (["--of", "pool", "--depth", "1"], ["pool", "queue", "etl/dev"]),
        (["--of", "queue"], ["pool", "queue", "etl/dev", "alarm"]),
        (["--of", "alarm", "--depth", "1"], ["etl/dev", "alarm"]),
    ],
)
def test_graph_around_a_resource(flags, shown):
    """`--of` leaves what it needs and what needs it, `--depth` so many steps away."""
    pool = resource("prefect:index:WorkPool", "pool", "urn:pulumi:dev::shop::t::queue")
    alarm = resource("prefect:index:Automation", "alarm", DEPLOYMENT.urn)
    others = [resource("t", "queue"), resource("t", "stranger")]
    screen = build_screen(FakeProject(stored=[pool, *others, DEPLOYMENT, alarm]))

    assert run(["graph", *flags, "--json"], screen.context) == ExitCode.OK

    assert [node["name"] for node in json.loads(screen.out)["nodes"]] == shown


def test_graph_around_nothing():
    """A resource that is not there is named, with the nearest ones."""
    screen = build_screen(FakeProject(stored=[POOL, DEPLOYMENT]))

    assert run(["graph", "--of", "poll"], screen.context) == ExitCode.NOT_FOUND
    assert "did you mean pool?" in screen.err


def test_open_prints_the_page():
    """Where nobody sits in front of a browser the address is all there is to it."""
    screen = build_screen(FakeProject(pages=["http://prefect/deployments/deployment/1"]))

    assert run(["open", "etl"], screen.context) == ExitCode.OK
    assert screen.out == "http://prefect/deployments/deployment/1\n"


def test_logs_of_the_last_run():
    """Its lines go to stdout, which run it was to stderr; `-n` keeps the last ones."""
    screen = build_screen(FakeProject(started=LoggedRun()))

    assert run(["logs", "etl", "-n", "1"], screen.context) == ExitCode.OK
    assert screen.out.endswith("ERROR    broke\n")
    assert screen.out.count("\n") == 1
    assert "run red-fox of etl/dev" in screen.err


def test_logs_of_the_last_minutes():
    """`--since` leaves out what is older."""
    now = datetime.now(UTC)
    lines = [
        replace(LINES[0], timestamp=now - timedelta(hours=1)),
        replace(LINES[1], timestamp=now),
    ]
    recent = SimpleNamespace(
        id="1", name="red-fox", deployment="etl/dev", url="", read_logs=lambda: iter(lines)
    )
    screen = build_screen(FakeProject(started=recent))

    assert run(["logs", "etl", "--since", "10m"], screen.context) == ExitCode.OK

    assert screen.out.endswith("ERROR    broke\n")
    assert screen.out.count("\n") == 1


def test_logs_as_they_come():
    """Following shows what the run logs from its beginning to its end."""
    screen = build_screen(FakeProject(started=LoggedRun()))

    assert run(["logs", "etl", "--follow"], screen.context) == ExitCode.OK
    assert screen.out.endswith("INFO     ended\n")


def test_logs_of_a_process(tmp_path):
    """The worker's file is named and shown."""
    log = tmp_path / "worker.log"
    log.write_text("polling\n")
    fake = FakeProject(log_files=[log])
    screen = build_screen(fake)

    assert run(["logs", "etl", "--of", "worker"], screen.context) == ExitCode.OK
    assert screen.out == f"{log}\npolling\n"
    assert fake.asked == [("etl", "worker")]


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (["logs", "etl", "--of", "server"], "MP3407", ExitCode.NOT_FOUND),
        (["logs", "etl", "--follow", "--json"], "MP1312", ExitCode.USAGE),
        (["logs", "etl", "--of", "worker", "--since", "1h"], "MP1312", ExitCode.USAGE),
        (["logs", "etl", "--since", "soon"], "MP1304", ExitCode.USAGE),
        (["logs"], "MP1308", ExitCode.USAGE),
        (["open"], "MP1308", ExitCode.USAGE),
    ],
)
def test_logs_and_pages_that_cannot_be_shown(words, code, exit_code):
    """No flow, no process on this machine, two wishes at once: each is one diagnostic."""
    screen = build_screen(FakeProject())

    assert run(words, screen.context) == exit_code
    assert code in screen.err + screen.out
