"""A project for the command line: plays recordings, remembers what it was asked."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

from meta_prefect.cli.context import Context
from meta_prefect.cli.terminal import Terminal
from meta_prefect.interfaces.engine import OperationKind
from meta_prefect.project.operations import Subject
from meta_prefect.project.settings import read_settings


class Stream(io.StringIO):
    """A text stream that may say it is a terminal."""

    def __init__(self, text="", terminal=False):
        super().__init__(text)
        self._terminal = terminal

    def isatty(self):
        return self._terminal

    @property
    def encoding(self):
        return "utf-8"


@dataclass
class FakeOperation:
    """Plays a recording; `interrupted` counts cancellations."""

    recording: object
    subject: Subject
    kept: Sequence[str] = ()
    interrupted: int = 0
    applied: bool = False

    @property
    def kind(self):
        return self.recording.kind

    def preview(self, on_event):
        for event in self.recording.preview:
            on_event(event)
        return self.recording.preview_result

    def apply(self, on_event):
        self.applied = True
        for event in self.recording.apply:
            on_event(event)
        return self.recording.result

    def cancel(self):
        self.interrupted += 1


@dataclass
class FakeProject:
    """Answers with what it was given; `asked` holds the calls."""

    settings: object = None
    recording: object = None
    kept: Sequence[str] = ()
    flows: Sequence[object] = ()
    listings: Sequence[object] = ()
    stored: Sequence[object] = ()
    known_facts: Sequence[object] = ()
    checks: Sequence[object] = ()
    started: object = None
    history: Sequence[object] = ()
    pages: Sequence[str] = ()
    log_files: Sequence[Path] = ()
    state: object = None
    error: Exception | None = None
    asked: list = field(default_factory=list)
    operation: FakeOperation | None = None

    def prepare(self, kind, selection, options):
        self.asked.append((kind, selection, options))
        self._raise()
        subject = Subject(
            tuple(flow.partition("/")[0] for flow in selection.flows),
            "shop",
            self.settings.stack,
            "embedded engine",
            "file:///srv/shop/.meta_prefect/state",
        )
        self.operation = FakeOperation(self.recording, subject, self.kept)
        return self.operation

    def find_flows(self):
        return tuple(self.flows)

    def list_flows(self):
        return tuple(self.listings)

    def resources(self, flow=None):
        self.asked.append(flow)
        self._raise()
        return tuple(self.stored)

    def facts(self, flows=()):
        self.asked.append(flows)
        return tuple(self.known_facts)

    def start_run(self, flow, parameters):
        self.asked.append((flow, parameters))
        self._raise()
        return self.started

    def find_last_run(self, flow):
        self.asked.append(flow)
        self._raise()
        return self.started

    def list_pages(self, flow):
        self.asked.append(flow)
        return tuple(self.pages)

    def list_log_files(self, flow, of):
        self.asked.append((flow, of))
        return tuple(self.log_files)

    def read_history(self):
        return tuple(self.history)

    def check(self, *, offline=False):
        self.asked.append(offline)
        return iter(self.checks)

    def _raise(self):
        if self.error is not None:
            raise self.error


@dataclass
class Screen:
    """A terminal with what was written to it, and the context that writes."""

    context: Context
    stdout: Stream
    stderr: Stream

    @property
    def out(self):
        return self.stdout.getvalue()

    @property
    def err(self):
        return self.stderr.getvalue()


def build_screen(project, *, typed=None, terminal=False, columns=100, environment=None):
    """
    Make a screen in front of a fake project.

    typed: what a person at the keyboard types; None: nobody is there.
    """
    stdin = Stream(typed or "", typed is not None)
    stdout, stderr = Stream(terminal=terminal), Stream(terminal=terminal or typed is not None)
    environment = environment or {}

    def build_project(settings, _):
        project.settings = settings
        return project

    screen_terminal = Terminal(stdin, stdout, stderr, environment, columns)
    return Screen(Context(screen_terminal, environment, build_project), stdout, stderr)


def fake_settings(folder: Path, stack="dev"):
    """Real settings of a folder that holds nothing."""
    return read_settings(folder, {"stack": stack}, {})


UP, DESTROY, REFRESH = OperationKind.UP, OperationKind.DESTROY, OperationKind.REFRESH
fact = SimpleNamespace
