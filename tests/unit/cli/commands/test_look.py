"""`preview`, `diff`, `ls`, `show`, `doctor`, `explain`, `version`, `completion`."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from meta_prefect.cli.commands.ls import draw_flows
from meta_prefect.cli.main import run
from meta_prefect.cli.views.text import plain
from meta_prefect.interfaces.diagnostics import ExitCode
from meta_prefect.interfaces.engine import OperationKind, ResourceRecord
from meta_prefect.interfaces.values import Secret
from meta_prefect.project.operations import Selection
from tests.support.fake_project import FakeProject, build_screen
from tests.views import recordings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def listing(name, **more):
    values = {"flow_name": name, "file": "flows.py", "line": 3, "deployments": (), "modified": ""}
    return SimpleNamespace(name=name, **{**values, **more})


UP = listing("etl", deployments=("etl/dev",), modified=(NOW - timedelta(hours=2)).isoformat())
GONE = listing("old", file="", line=0, deployments=("old/dev",), modified=NOW.isoformat())


def stored(thing, **more):
    return ResourceRecord(
        urn=thing.urn,
        type=thing.type,
        id=f"id-of-{thing.name}",
        parent=thing.parent,
        provider=thing.provider,
        custom=bool(thing.provider),
        inputs=thing.inputs,
        outputs={**thing.inputs, **more},
    )


STORED = (
    stored(recordings.THE_STACK),
    stored(recordings.POOL_PART),
    stored(recordings.POOL_ITSELF, token=Secret(None)),
    stored(recordings.FLOW_PART),
    stored(recordings.DEPLOYMENT, fullName="my-flow/dev"),
)


def check(status, fix=""):
    return SimpleNamespace(status=status, what="Prefect API", found="none", fix=fix)


@pytest.mark.parametrize("verb", ["preview", "diff"])
def test_looking_takes_the_whole_project(verb):
    """What only looks needs no flow."""
    fake = FakeProject(recording=recordings.TAGS)
    screen = build_screen(fake)

    assert run([verb], screen.context) == ExitCode.OK

    assert fake.asked[0][1] == Selection(everything=True)
    assert screen.out.startswith("shop on dev")
    assert not fake.operation.applied


def test_a_preview_ends_with_what_to_do():
    """Below the plan stand the commands that show more and that do it, with the same flags."""
    screen = build_screen(FakeProject(recording=recordings.TAGS))

    run(["preview", "my_flow", "-s", "dev"], screen.context)

    assert screen.out.endswith(
        "  Details: meta-prefect diff my_flow -s dev\n  Do it:   meta-prefect up my_flow -s dev\n"
    )


def test_a_preview_of_nothing():
    """A preview without changes says so and proposes nothing."""
    screen = build_screen(FakeProject(recording=recordings.UNCHANGED))

    assert run(["preview", "my_flow"], screen.context) == ExitCode.OK
    assert "nothing to change" in screen.out
    assert "Do it" not in screen.out


def test_a_quiet_preview():
    """`-q` leaves the plan and nothing around it."""
    screen = build_screen(FakeProject(recording=recordings.TAGS))

    run(["preview", "my_flow", "-q"], screen.context)

    assert screen.err == ""
    assert "on dev" not in screen.out
    assert "Do it" not in screen.out
    assert "~ deployment" in screen.out


def test_a_diff_as_text_and_json():
    """`diff` shows properties as text; with `--json` they are in the document only."""
    text = build_screen(FakeProject(recording=recordings.TAGS))
    document = build_screen(FakeProject(recording=recordings.TAGS))

    run(["diff", "my_flow"], text.context)
    run(["diff", "my_flow", "--json"], document.context)

    assert "my-tag  →  other-tag" in text.out
    change = json.loads(document.out)["resources"][0]["diff"][0]
    assert (change["path"], change["old"], change["new"]) == ("tags[0]", "my-tag", "other-tag")


def test_drift_is_between_state_and_world():
    """`diff --drift` previews a refresh, and changes nothing."""
    fake = FakeProject(recording=recordings.DRIFTED)
    screen = build_screen(fake)

    assert run(["diff", "--drift", "--expect-no-changes"], screen.context) == ExitCode.CHANGES
    assert fake.asked[0][0] is OperationKind.REFRESH
    assert "state against world" in screen.out
    assert not fake.operation.applied


def test_ls_as_text():
    """`ls` says where each flow is defined, what is up, and since when."""
    rows = [plain(row) for row in draw_flows((UP, listing("new"), GONE), "dev", NOW)]

    assert rows == [
        "flow   defined in                 up on dev   changed",
        "etl    flows.py:3                 etl/dev     2 h ago",
        "new    flows.py:3                 -           -",
        "old    no longer in the project   old/dev     0 s ago",
        "",
        "3 found, 2 up on dev",
    ]


def test_ls_of_nothing():
    """A project without flows is no error."""
    screen = build_screen(FakeProject())

    assert run(["ls"], screen.context) == ExitCode.OK
    assert screen.out == "no flow is defined here\n\n  Begin:   meta-prefect init\n"


def test_ls_as_json():
    """The same list is a document; what is not there is null."""
    screen = build_screen(FakeProject(listings=(UP, GONE)))

    run(["ls", "--json"], screen.context)

    document = json.loads(screen.out)
    assert document["schema"] == "meta-prefect.flows.v1"
    assert [flow["file"] for flow in document["flows"]] == ["flows.py", None]
    assert document["flows"][0]["deployments"] == ["etl/dev"]


def test_show_as_text():
    """`show` draws what is up as a tree, each with the name that people look for."""
    screen = build_screen(FakeProject(stored=STORED))

    assert run(["show", "my_flow"], screen.context) == ExitCode.OK

    rows = [" ".join(row.split()) for row in screen.out.splitlines()]
    assert rows == [
        "my_flow on dev",
        "",
        "work-pool/process work pool",
        "└─ pool work pool shop-dev-process",
        "my_flow flow",
        "└─ deployment deployment my-flow/dev",
        "",
        "4 resources",
    ]


def test_show_in_full():
    """`--full` adds outputs; secrets stay hidden."""
    screen = build_screen(FakeProject(stored=STORED))

    run(["show", "--full"], screen.context)

    rows = [row.split() for row in screen.out.splitlines()]
    assert ["type", "process"] in rows
    assert ["token", "(secret)"] in rows


def test_show_as_json():
    """The document holds inputs, outputs and ids; secrets are markers."""
    screen = build_screen(FakeProject(stored=STORED))

    run(["show", "--json"], screen.context)

    document = json.loads(screen.out)
    pool = document["resources"][2]
    assert document["schema"] == "meta-prefect.resources.v1"
    assert pool["name"] == "work-pool/process/pool"
    assert pool["outputs"]["token"] == {"secret": True}


def test_show_of_nothing():
    """A stack without resources is no error."""
    screen = build_screen(FakeProject())

    assert run(["show"], screen.context) == ExitCode.OK
    assert "nothing is up" in screen.out


@pytest.mark.parametrize(
    ("statuses", "code", "end"),
    [
        (["ok", "ok"], ExitCode.OK, "All is well."),
        (["ok", "warning"], ExitCode.OK, "1 warning"),
        (["error", "warning", "error"], ExitCode.ERROR, "2 errors, 1 warning"),
    ],
)
def test_doctor(statuses, code, end):
    """Errors exit 1, warnings 0; the last line counts them."""
    fake = FakeProject(checks=[check(status) for status in statuses])
    screen = build_screen(fake)

    assert run(["doctor", "--offline"], screen.context) == code

    assert fake.asked == [True]
    assert screen.out.splitlines()[-1].strip() == end


def test_doctor_shows_cures():
    """A cure stands below what is wrong, and not below what is well."""
    screen = build_screen(FakeProject(checks=[check("error", "do this"), check("ok", "not that")]))

    run(["doctor"], screen.context)

    assert "→ do this" in screen.out
    assert "not that" not in screen.out


def test_doctor_as_json():
    """With `--json` the checks are one document."""
    screen = build_screen(FakeProject(checks=[check("warning", "do this")]))

    run(["doctor", "--json"], screen.context)

    document = json.loads(screen.out)
    assert document["schema"] == "meta-prefect.checks.v1"
    assert document["checks"][0]["fix"] == "do this"


@pytest.mark.parametrize("word", ["MP1302", "mp1302", "1302"])
def test_explain(word):
    """A code may be typed in short; the text comes with an example."""
    screen = build_screen(FakeProject())

    assert run(["explain", word], screen.context) == ExitCode.OK
    assert screen.out.startswith("MP1302  nobody can answer the question\n")
    assert "Example" in screen.out


def test_explain_everything():
    """Without a code all are listed."""
    screen = build_screen(FakeProject())

    run(["explain", "--json"], screen.context)

    assert len(json.loads(screen.out)["codes"]) > 20


def test_explain_what_is_not():
    """A code that does not exist brings the nearest ones."""
    screen = build_screen(FakeProject())

    assert run(["explain", "MP130"], screen.context) == ExitCode.USAGE
    assert "did you mean MP13" in screen.err


def test_version_and_completion_with_flags():
    """With flags these two go through the parser, with the same answers."""
    version, script, other = (build_screen(FakeProject()) for _ in range(3))

    assert run(["version", "--json"], version.context) == ExitCode.OK
    assert run(["completion", "zsh", "-q"], script.context) == ExitCode.OK
    assert run(["completion", "tcsh"], other.context) == ExitCode.USAGE

    assert "versions" in json.loads(version.out)
    assert script.out.startswith("#compdef")
    assert "known: bash, zsh, fish" in other.err
