"""
The view where nobody watches: a line for each finished resource, and a table of them at the end.

Answers go to stdout. A resource that takes long gives a sign of life once a minute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from meta_prefect.cli.terminal import Terminal
from meta_prefect.cli.views.base import Report, Result
from meta_prefect.cli.views.pages import (
    draw_diagnostic,
    draw_heading,
    draw_message,
    draw_plan_page,
    draw_steps,
    name_subject,
    say_nothing,
)
from meta_prefect.cli.views.picture import Picture, Row, State, find_name
from meta_prefect.cli.views.text import BLANK, line, say_seconds
from meta_prefect.cli.views.tree import draw_progress
from meta_prefect.cli.views.words import say_type
from meta_prefect.interfaces.events import DiagnosticEvent, Event

if TYPE_CHECKING:
    from meta_prefect.cli.views.taste import Taste
    from meta_prefect.project.operations import Subject

_HEARTBEAT_SECONDS: Final = 60.0
_PAGES: Final = ("preview", "diff", "drift")


class LinesView:
    """Writes one line at a time."""

    def __init__(self, terminal: Terminal, taste: Taste) -> None:
        """Write to a terminal's streams, whatever they are."""
        self._terminal = terminal
        self._taste = taste
        self._command = ""
        self._picture: Picture | None = None
        self._shown: set[str] = set()
        self._heartbeats: dict[str, float] = {}

    def open(self, command: str, subject: Subject) -> None:
        """Say what it is about; a preview is a page of its own."""
        self._command = command
        if self._taste.quiet:
            return
        if command in _PAGES:
            heading = draw_heading(command, subject, self._terminal.width)
            self._terminal.answer(heading, self._taste.color)
        else:
            self._answer(f"{name_subject(subject)}: {command} with {subject.engine}")

    def begin(self, picture: Picture) -> None:
        """Start over with a picture."""
        self._picture = picture
        self._shown = set()

    def update(self, event: Event, row: Row | None) -> None:
        """Write a line when a resource is done or failed, and whatever was said."""
        if isinstance(event, DiagnosticEvent):
            self._pass_on(event)
        elif row is not None and self._is_news(row):
            self._shown.add(row.urn)
            self._answer(_finished(row))

    def tick(self, now: float) -> None:
        """Say once a minute what is being waited for."""
        if self._picture is None or self._picture.preview or self._taste.quiet:
            return
        for row in self._picture.changes:
            if row.state is State.RUNNING and not row.is_component and row.began is not None:
                last = self._heartbeats.get(row.urn, row.began)
                if now - last >= _HEARTBEAT_SECONDS:
                    self._heartbeats[row.urn] = now
                    self._answer(_working(row, now))

    def say(self, text: str) -> None:
        """Write to stderr."""
        self._terminal.talk([line(text)], self._taste.color)

    def end(self) -> None:
        """Forget the picture."""
        self._picture = None

    def show_plan(self, report: Report) -> None:
        """Write the counts, or the whole page when it is the answer."""
        if self._command == "preview":
            self._show_page(report)
            return
        if self._taste.quiet:
            return
        counts = _count(report)
        self._answer(f"preview: {counts}" if report.picture.changes else say_nothing(report))
        for text in report.kept:
            self._answer(f"stays: {text}")

    def show_report(self, report: Report) -> None:
        """Write the table of what was done, the result, what is there now, and what went wrong."""
        if not report.picture.preview:
            self._show_table(report.picture)
            took = say_seconds(report.seconds, "s")
            counts = ", ".join(filter(None, (_count(report), _count_unfinished(report))))
            ended = f"result: {report.result.value} {'in' if _is_done(report) else 'after'} {took}"
            self._answer(f"{ended}, {counts}" if counts else ended)
        for fact in report.facts:
            self._answer(f"{fact.label}: {fact.text}")
        for item in report.diagnostics:
            self._terminal.talk(draw_diagnostic(item), self._taste.color)

    def _show_page(self, report: Report) -> None:
        layout = self._taste.layout(self._terminal)
        lines = draw_plan_page(report, layout)
        if not self._taste.quiet:
            lines += draw_steps(report.steps)
        self._terminal.answer(lines, self._taste.color)

    def _show_table(self, picture: Picture) -> None:
        layout = self._taste.layout(self._terminal)
        lines = draw_progress(picture, layout, picture.ended or picture.began)
        if lines and not self._taste.quiet:
            self._terminal.answer([BLANK, *lines, BLANK], self._taste.color)

    def _is_news(self, row: Row) -> bool:
        assert self._picture is not None
        over = row.state in (State.DONE, State.FAILED)
        news = over and row.sign.is_change and not row.is_component and row.urn not in self._shown
        return news and not self._picture.preview and not self._taste.quiet

    def _pass_on(self, event: DiagnosticEvent) -> None:
        """Pass on what the end does not repeat: errors come with the report."""
        if not event.ephemeral and self._taste.wants(event.severity):
            where = find_name(event.urn) if event.urn else ""
            self._terminal.talk(draw_message(event, where), self._taste.color)

    def _answer(self, text: str) -> None:
        self._terminal.answer([line(text)], self._taste.color)


def _name(row: Row) -> str:
    return f"{row.sign.word} {row.name} ({say_type(row.step.type)})"


def _finished(row: Row) -> str:
    took = say_seconds(row.seconds(row.ended or 0.0) or 0.0, "s")
    if row.state is State.FAILED:
        reason = row.problem.partition("\n")[0]
        return f"{_name(row)}: failed {took}" + (f", {reason}" if reason else "")
    return f"{_name(row)}: done {took}"


def _working(row: Row, now: float) -> str:
    took = say_seconds(row.seconds(now) or 0.0, "s")
    return f"{_name(row)}: working {took}" + (f", {row.status}" if row.status else "")


def _count(report: Report) -> str:
    counted = report.picture.count(done_only=not report.picture.preview)
    return ", ".join(f"{sign.word} {number}" for sign, number in counted.items())


def _count_unfinished(report: Report) -> str:
    states = [row.state for row in report.picture.work]
    kinds = (
        (State.FAILED, "failed"),
        (State.RUNNING, "interrupted"),
        (State.WAITING, "not started"),
    )
    return ", ".join(f"{word} {states.count(state)}" for state, word in kinds if state in states)


def _is_done(report: Report) -> bool:
    return report.result in (Result.SUCCEEDED, Result.NO_CHANGES)
