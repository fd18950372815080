"""
Watching: runs an operation in a thread of its own while a view draws its events.

The engine's events go through a queue, so that a slow terminal never holds the engine up, and the
main thread stays free for Ctrl-C: once asks the operation to stop, twice stops waiting, three times
leaves it. Whoever ends the process with SIGTERM, as CI does, counts as one Ctrl-C.
"""

from __future__ import annotations

import queue
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any, Final, Self, TypeAlias

from meta_prefect.cli.views.base import View
from meta_prefect.cli.views.picture import Picture
from meta_prefect.interfaces.engine import OperationResult
from meta_prefect.interfaces.events import Event, EventSink

Work: TypeAlias = Callable[[EventSink], OperationResult]
Clock: TypeAlias = Callable[[], float]

_TICK_SECONDS: Final = 0.1
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_STOPPING: Final = (
    "Stopping: waiting for what runs now. Ctrl-C again stops waiting.",
    "Stopping at once. What ran is recorded as far as it is known.",
)


class _Worker(threading.Thread):
    """Does the work; keeps its result or its error."""

    def __init__(self, work: Work, events: queue.SimpleQueue[Event | None]) -> None:
        super().__init__(name="operation", daemon=True)
        self._work = work
        self._events = events
        self.result: OperationResult | None = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self._work(self._events.put)
        except BaseException as error:  # noqa: BLE001 - handed to the main thread as it is
            self.error = error
        finally:
            self._events.put(None)


class _Interruptions:
    """
    Counts interruptions for as long as the block lasts.

    Raised as errors they would come anywhere, the handling of the one before included. What the
    process was told to ignore stays ignored.
    """

    def __init__(self) -> None:
        self.count = 0
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1


@dataclass(frozen=True, slots=True)
class Watcher:
    """
    Runs work under the eyes of a view.

    clock: seconds of a clock that never goes back.
    """

    view: View
    clock: Clock = time.monotonic

    def watch(self, work: Work, cancel: Callable[[], None], picture: Picture) -> OperationResult:
        """
        Run to the end, with all events in the picture and the view.

        Raises:
            Whatever the work raises; KeyboardInterrupt when a person had enough.
        """
        events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        worker = _Worker(work, events)
        self.view.begin(picture)
        try:
            with _Interruptions() as interruptions:
                worker.start()
                self._follow(events, interruptions, cancel, picture)
        finally:
            picture.close(self.clock())
            self.view.end()
        if worker.error is not None:
            raise worker.error
        assert worker.result is not None
        return worker.result

    def _follow(
        self,
        events: queue.SimpleQueue[Event | None],
        interruptions: _Interruptions,
        cancel: Callable[[], None],
        picture: Picture,
    ) -> None:
        heeded = 0
        while not self._take(events, picture):
            while heeded < interruptions.count:
                if heeded == len(_STOPPING):
                    raise KeyboardInterrupt
                self.view.say(_STOPPING[heeded])
                heeded += 1
                cancel()

    def _take(self, events: queue.SimpleQueue[Event | None], picture: Picture) -> bool:
        """Take the events that are there, then draw; says whether it was the last."""
        last = self._note(events, picture, _TICK_SECONDS)
        while last is None and not events.empty():
            last = self._note(events, picture, 0)
        self.view.tick(self.clock())
        return bool(last)

    def _note(
        self, events: queue.SimpleQueue[Event | None], picture: Picture, patience: float
    ) -> bool | None:
        """Note one event; True at the end, False when none came, None when there may be more."""
        try:
            event = events.get(timeout=patience) if patience else events.get_nowait()
        except queue.Empty:
            return False
        if event is None:
            return True
        self.view.update(event, picture.note(event, self.clock()))
        return None
