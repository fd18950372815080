"""Recorded operations as every view shows them, against golden texts."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from meta_prefect.cli.views.diff import DiffStyle, draw_diff
from meta_prefect.cli.views.documents import append_file
from meta_prefect.cli.views.json import build_operation
from meta_prefect.cli.views.lines import LinesView
from meta_prefect.cli.views.live import LiveView
from meta_prefect.cli.views.markdown import render_summary
from meta_prefect.cli.views.pages import draw_closing, draw_plan_page
from meta_prefect.cli.views.silent import SilentView
from meta_prefect.cli.views.text import paint
from meta_prefect.cli.views.theme import ASCII, UNICODE
from meta_prefect.cli.views.tree import Layout, draw_progress
from tests.support.fake_project import build_screen
from tests.support.goldens import check_golden
from tests.views import recordings, stage

GOLDENS = Path(__file__).with_name("goldens")
KEPT = ("the local server's data stay, with the runs' history: /srv/shop/.meta_prefect/prefect",)
WIDTHS = (100, 58)


def text_of(lines, color=False):
    return "\n".join(paint(item, color=color) for item in lines)


def find(name):
    return getattr(recordings, name)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["FIRST_UP", "UNCHANGED", "TAGS", "REPLACED"])
def test_a_plan_of_up(name, width):
    """The preview of an `up` shows what changes, with the parents needed, in columns."""
    recording = find(name)
    report = stage.report(recording, stage.preview(recording), "preview")

    lines = draw_plan_page(report, Layout(width, UNICODE))

    check_golden(GOLDENS / f"plan-{name.lower()}-{width}.txt", text_of(lines))


@pytest.mark.parametrize(
    ("name", "command"),
    [("DESTROYED", "destroy"), ("NOTHING_UP", "destroy"), ("DRIFTED", "refresh")],
)
def test_a_plan_of_other_operations(name, command):
    """A destroy says what stays, a refresh what moved, and both when there is nothing to do."""
    recording = find(name)
    kept = KEPT if name == "DESTROYED" else ()
    report = stage.report(recording, stage.preview(recording), command, kept=kept)

    lines = draw_plan_page(report, Layout(100, UNICODE))

    check_golden(GOLDENS / f"plan-{name.lower()}.txt", text_of(lines))


def test_a_plan_in_ascii():
    """Where a terminal knows no box drawing, the same plan is drawn with plain characters."""
    picture = stage.preview(recordings.REPLACED)
    report = stage.report(recordings.REPLACED, picture, "preview")

    text = text_of(draw_plan_page(report, Layout(100, ASCII)))

    assert text.isascii()
    check_golden(GOLDENS / "plan-ascii.txt", text)


def test_a_plan_with_everything():
    """`--show-same` shows what does not change, and `--urns` what Pulumi calls it."""
    picture = stage.preview(recordings.TAGS)
    report = stage.report(recordings.TAGS, picture, "preview")

    lines = draw_plan_page(report, Layout(200, UNICODE, show_same=True, urns=True))

    check_golden(GOLDENS / "plan-same-urns.txt", text_of(lines))


def test_colours():
    """Each change has its colour beside its sign."""
    picture = stage.preview(recordings.REPLACED)
    report = stage.report(recordings.REPLACED, picture, "preview")

    text = text_of(draw_plan_page(report, Layout(100, UNICODE)), color=True)

    check_golden(GOLDENS / "plan-colours.txt", text.replace("\x1b", "ESC"))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("name", "stop_after", "now"),
    [
        ("FIRST_UP", 9, 104.7),
        ("REPLACED", 9, 104.7),
        ("FAILED", 14, 110.0),
        ("DESTROYED", 7, 103.6),
    ],
)
def test_a_frame_while_it_runs(name, stop_after, now, width):
    """While work goes on, what is done, what runs and what waits can be told apart."""
    picture = stage.apply(find(name), stop_after=stop_after)

    lines = draw_progress(picture, Layout(width, UNICODE), now)

    check_golden(GOLDENS / f"frame-{name.lower()}-{width}.txt", text_of(lines))


@pytest.mark.parametrize(
    ("name", "command"),
    [("FIRST_UP", "up"), ("REPLACED", "up"), ("FAILED", "up"), ("DESTROYED", "destroy")],
)
def test_the_last_frame(name, command):
    """At the end every resource says what became of it, and a line counts them."""
    recording = find(name)
    picture = stage.apply(recording)
    layout = Layout(100, UNICODE)

    lines = draw_progress(picture, layout, picture.ended)
    lines += draw_closing(stage.report(recording, picture, command), layout)

    check_golden(GOLDENS / f"end-{name.lower()}.txt", text_of(lines))


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("FIRST_UP", "up"),
        ("REPLACED", "up"),
        ("FAILED", "up"),
        ("DESTROYED", "destroy"),
        ("DRIFTED", "refresh"),
    ],
)
def test_lines(name, command):
    """Without a terminal there is a line for each finished resource and one for the result."""
    screen = build_screen(None)
    kept = KEPT if command == "destroy" else ()

    stage.show(LinesView(screen.context.terminal, stage.PLAIN), find(name), command, kept=kept)

    text = f"{screen.out}--- stderr ---\n{screen.err}"
    check_golden(GOLDENS / f"lines-{name.lower()}.txt", text)


def test_a_preview_without_terminal():
    """A preview is the answer itself: its page goes to stdout, terminal or not."""
    screen = build_screen(None)
    view = LinesView(screen.context.terminal, stage.PLAIN)

    stage.show(view, recordings.FIRST_UP, "preview", applied=False)

    assert screen.err == ""
    check_golden(GOLDENS / "lines-preview.txt", screen.out)


def test_a_sign_of_life():
    """What takes longer than a minute says so once a minute, with its latest status."""
    screen = build_screen(None)
    view = LinesView(screen.context.terminal, stage.PLAIN)
    picture = stage.apply(recordings.FAILED, stop_after=14)
    view.begin(picture)

    for now in (130.0, 170.0, 180.0, 231.0):
        view.tick(now)

    check_golden(GOLDENS / "lines-heartbeat.txt", screen.out)


@pytest.mark.parametrize("name", ["FIRST_UP", "REPLACED", "FAILED"])
def test_a_document(name):
    """`--json` gives one document with the diff in it, after failures too."""
    recording = find(name)
    report = stage.report(recording, stage.apply(recording), "up", facts=stage.FACTS)

    document = build_operation(report)

    check_golden(GOLDENS / f"document-{name.lower()}.json", json.dumps(document, indent=2))


def test_a_stream():
    """`--stream` gives a line for each event and the document as the last."""
    screen = build_screen(None)
    view = SilentView(screen.context.terminal, stage.PLAIN, stream=True)

    stage.show(view, recordings.TAGS, "up")

    lines = [json.loads(line) for line in screen.out.splitlines()]
    assert lines[-1]["schema"] == "meta-prefect.operation.v1"
    check_golden(GOLDENS / "stream-tags.jsonl", screen.out)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("name", ["FIRST_UP", "REPLACED", "TAGS", "UNCHANGED", "DESTROYED"])
def test_a_diff(name, full):
    """A diff shows properties of what changes, and names what comes or goes as a whole."""
    lines = draw_diff(stage.preview(find(name)), DiffStyle(100, UNICODE, full=full))

    kind = "full" if full else "short"
    check_golden(GOLDENS / f"diff-{name.lower()}-{kind}.txt", text_of(lines))


def test_the_live_view_ends_with_the_whole_tree():
    """On a terminal the last frame stays, followed by facts and what to try."""
    screen = build_screen(None, terminal=True)
    view = LiveView(screen.context.terminal, stage.PLAIN, clock=lambda: 131.0)

    stage.show(view, recordings.FIRST_UP, "up")

    end = screen.out[screen.out.rindex("server/local") - 4 :]
    check_golden(GOLDENS / "live-end.txt", end.replace("\x1b", "ESC"))


@pytest.mark.parametrize("name", ["TAGS", "UNCHANGED", "FAILED"])
def test_a_summary_in_markdown(name):
    """Counts and a table come first, the differences are folded below them."""
    recording = find(name)
    report = stage.report(recording, stage.apply(recording), "up")

    check_golden(GOLDENS / f"summary-{name.lower()}.md", render_summary(report))


def test_a_long_summary_is_cut_at_its_end():
    """What is too long for a comment loses the end of its differences, and says how much."""
    things = [
        recordings.change(
            replace(recordings.DEPLOYMENT, name=f"flow-{number}/dev"),
            {"version": recordings.DiffKind.UPDATE},
            version="2",
        )
        for number in range(2_000)
    ]
    long = recordings.record(recordings.OperationKind.UP, recordings.flat(things))

    text = render_summary(stage.report(long, stage.preview(long), "preview"))

    assert len(text) < 65_536
    assert "characters are left out here" in text
    assert text.endswith("</details>\n")


def test_summaries_are_added_to_a_file(tmp_path):
    """Two operations of one run leave two summaries."""
    path = tmp_path / "summary.md"
    report = stage.report(recordings.TAGS, stage.preview(recordings.TAGS), "preview")

    for _ in range(2):
        append_file(str(path), render_summary(report))

    assert path.read_text().count("<!-- meta-prefect: my_flow on dev -->") == 2
