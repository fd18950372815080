from dataclasses import replace

from meta_prefect.cli.views.live import LiveView, fit_height
from meta_prefect.cli.views.picture import State
from meta_prefect.cli.views.text import line, plain
from tests.support.fake_project import build_screen
from tests.views import recordings, stage

STATES = [State.DONE] * 6 + [State.RUNNING] + [State.WAITING] * 3
LINES = [line(str(number)) for number in range(len(STATES))]


def test_a_tree_that_fits_is_whole():
    """Nothing is cut where there is room."""
    assert fit_height(LINES, STATES, 10, "…") is LINES


def test_a_high_tree_follows_the_work():
    """Where there is none, the lines around what runs are shown, and how many are hidden."""
    shown = [plain(item).strip() for item in fit_height(LINES, STATES, 5, "…")]

    assert shown == ["4", "5", "6", "7", "… 5 more"]


def test_messages_come_after_the_tree():
    """What was said meanwhile stands on stderr when the tree is done; errors come at the end."""
    screen = build_screen(None, terminal=True)
    view = LiveView(screen.context.terminal, stage.PLAIN, clock=lambda: 110.0)

    stage.show(view, recordings.FAILED, "up")

    assert screen.err.count("port 4200 is taken") == 1
    assert screen.err.count("error MP3004") == 1
    assert screen.err.index("port 4200") < screen.err.index("error MP3004")
    assert "Try it" in screen.out or "Stopped after" in screen.out


def test_a_note_is_drawn_below_the_tree():
    """What the person has to know at once is part of the next frame, and gone at the end."""
    screen = build_screen(None, terminal=True)
    view = LiveView(screen.context.terminal, stage.PLAIN, clock=lambda: 110.0)
    view.begin(stage.apply(recordings.FIRST_UP, stop_after=5))

    view.say("Stopping: waiting for what runs now.")
    view.tick(110.0)
    shown = screen.out
    view.end()

    assert "Stopping" in shown
    assert "Stopping" not in screen.out[len(shown) :]


def test_a_frame_fits_the_window():
    """While work goes on a frame is never higher than the window; the last one is whole."""
    servers = [replace(recordings.SERVER, name=f"server/{number:02}") for number in range(60)]
    events = [event for server in servers for event in recordings.create(server)]
    recording = recordings.record(recordings.OperationKind.UP, events)
    screen = build_screen(None, terminal=True)
    view = LiveView(screen.context.terminal, stage.PLAIN, clock=lambda: 110.0)
    picture = stage.apply(recording, stop_after=5)

    view.begin(picture)
    view.tick(110.0)
    running = screen.out
    picture.close(111.0)
    view.end()

    assert "more" in running
    assert "server/59" not in running
    assert "server/59" in screen.out
