"""
The view of `--json`: silent until the end, then one document; with `--stream` a line per event.

stdout holds nothing but JSON. Errors are told on stderr too, for whoever reads the log.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from meta_prefect.cli.terminal import Terminal
from meta_prefect.cli.views.base import Report
from meta_prefect.cli.views.documents import render_document
from meta_prefect.cli.views.json import build_event, build_operation, build_result_event
from meta_prefect.cli.views.pages import draw_diagnostic
from meta_prefect.cli.views.picture import Picture, Row
from meta_prefect.cli.views.text import line
from meta_prefect.interfaces.events import Event

if TYPE_CHECKING:
    from meta_prefect.cli.views.taste import Taste
    from meta_prefect.project.operations import Subject


class SilentView:
    """Writes the document, and events before it when they are wanted."""

    def __init__(self, terminal: Terminal, taste: Taste, *, stream: bool) -> None:
        """Write to a terminal's stdout; `stream` adds events, one per line."""
        self._terminal = terminal
        self._taste = taste
        self._stream = stream
        self._picture: Picture | None = None

    def open(self, command: str, subject: Subject) -> None:
        """Say nothing: the document names its subject."""

    def begin(self, picture: Picture) -> None:
        """Remember whether it is a preview."""
        self._picture = picture

    def update(self, event: Event, row: Row | None) -> None:
        """Write the event, when events are wanted."""
        if self._stream and self._picture is not None:
            document = build_event(event, row, preview=self._picture.preview)
            if document is not None:
                self._write(document)

    def tick(self, now: float) -> None:
        """Let time pass in silence."""

    def say(self, text: str) -> None:
        """Write to stderr."""
        self._terminal.talk([line(text)], self._taste.color)

    def end(self) -> None:
        """Forget the picture."""
        self._picture = None

    def show_plan(self, report: Report) -> None:
        """Wait for the report: there is one document."""

    def show_report(self, report: Report) -> None:
        """Write the document, and errors for people."""
        if self._stream:
            self._write(build_result_event(build_operation(report, self._taste.show_same)))
        else:
            document = build_operation(report, self._taste.show_same)
            self._terminal.answer([line(render_document(document))], "never")
        for item in report.diagnostics:
            self._terminal.talk(draw_diagnostic(item), self._taste.color)

    def _write(self, document: Mapping[str, Any]) -> None:
        self._terminal.answer([line(json.dumps(document, ensure_ascii=False))], "never")
