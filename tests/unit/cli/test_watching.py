import signal
import threading
import time

import pytest

from meta_prefect.cli.views.picture import Picture, State
from meta_prefect.cli.watching import Watcher
from meta_prefect.interfaces.engine import OperationResult, Outcome
from tests.support.interruptions import heed_ctrl_c
from tests.views.recordings import FIRST_UP, POOL_ITSELF

DONE = OperationResult(Outcome.SUCCEEDED)


@pytest.fixture(autouse=True)
def _at_a_terminal():
    with heed_ctrl_c():
        yield


class View:
    """Remembers what it was told; each of the first ticks interrupts the process."""

    def __init__(self, interruptions=0, number=signal.SIGINT):
        self.number = number
        self.events = []
        self.said = []
        self.calls = []
        self.threads = set()
        self.left = interruptions

    def begin(self, picture):
        self.calls.append("begin")

    def update(self, event, row):
        self.events.append(event)
        self.threads.add(threading.get_ident())

    def tick(self, now):
        if self.left:
            self.left -= 1
            signal.raise_signal(self.number)

    def say(self, text):
        self.said.append(text)

    def end(self):
        self.calls.append("end")


def picture():
    return Picture(preview=False, began=time.monotonic())


def test_events_are_drawn_in_the_callers_thread():
    """The engine works in a thread of its own; every event reaches view and picture in order."""
    view, seen = View(), picture()
    workers = []

    def work(on_event):
        workers.append(threading.get_ident())
        for event in FIRST_UP.apply:
            on_event(event)
        return DONE

    assert Watcher(view).watch(work, lambda: None, seen) is DONE

    assert tuple(view.events) == FIRST_UP.apply
    assert view.threads == {threading.get_ident()} != set(workers)
    assert seen.find(POOL_ITSELF.urn).state is State.DONE
    assert view.calls == ["begin", "end"]


def test_an_error_of_the_work_is_raised():
    """What stops an operation before it begins reaches the caller, after the view ended."""
    view = View()

    def work(on_event):
        raise ValueError("locked")

    with pytest.raises(ValueError, match="locked"):
        Watcher(view).watch(work, lambda: None, picture())

    assert view.calls == ["begin", "end"]


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_cancels(times):
    """Each of the first two interruptions cancels once, says so, and waits for the end."""
    view, cancels = View(times), []
    enough = threading.Event()

    def cancel():
        cancels.append(1)
        if len(cancels) == times:
            enough.set()

    def work(on_event):
        assert enough.wait(10)
        return OperationResult(Outcome.CANCELLED)

    result = Watcher(view).watch(work, cancel, picture())

    assert result.outcome is Outcome.CANCELLED
    assert len(cancels) == len(view.said) == times
    assert "waiting for what runs" in view.said[0]


def test_interruptions_at_once_are_two():
    """Ctrl-C twice in a moment is taken as two, wherever the second one comes."""
    view, cancels = View(1), []
    enough = threading.Event()

    def cancel():
        cancels.append(1)
        if len(cancels) == 1:
            signal.raise_signal(signal.SIGINT)
        else:
            enough.set()

    def work(on_event):
        assert enough.wait(10)
        return OperationResult(Outcome.CANCELLED)

    result = Watcher(view).watch(work, cancel, picture())

    assert (result.outcome, len(cancels)) == (Outcome.CANCELLED, 2)
    assert view.calls == ["begin", "end"]


def test_whoever_ends_the_process_is_heard():
    """SIGTERM cancels as Ctrl-C does; afterwards both mean what they meant before."""
    view, stopped = View(1, signal.SIGTERM), threading.Event()
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    def work(on_event):
        assert stopped.wait(10)
        return OperationResult(Outcome.CANCELLED)

    result = Watcher(view).watch(work, stopped.set, picture())

    after = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    assert result.outcome is Outcome.CANCELLED
    assert after == before


def test_what_is_ignored_stays_ignored():
    """A command in the background, where a shell shuts Ctrl-C off, goes on."""
    view, before = View(1), signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        result = Watcher(view).watch(lambda _: DONE, lambda: None, picture())
    finally:
        signal.signal(signal.SIGINT, before)

    assert result is DONE
    assert view.said == []


def test_the_third_ctrl_c_leaves():
    """Whoever insists gets away, whatever the operation does."""
    view, over = View(3), threading.Event()

    def work(on_event):
        over.wait(10)
        return DONE

    with pytest.raises(KeyboardInterrupt):
        Watcher(view).watch(work, lambda: None, picture())

    over.set()
    assert view.calls == ["begin", "end"]
