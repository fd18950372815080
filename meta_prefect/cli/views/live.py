"""
The view on a terminal: pages as they come, and a tree that is drawn again while work goes on.

Rich owns the redrawing and survives a change of the window's size; what is drawn comes from
`views.tree`. Rich is imported only when something is applied.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from meta_prefect.cli.terminal import Terminal
from meta_prefect.cli.views.base import Report
from meta_prefect.cli.views.pages import (
    draw_closing,
    draw_diagnostic,
    draw_facts,
    draw_heading,
    draw_message,
    draw_plan_page,
    draw_steps,
)
from meta_prefect.cli.views.picture import Picture, Row, State, find_name
from meta_prefect.cli.views.status import Status
from meta_prefect.cli.views.text import BLANK, Line, Span, line, paint
from meta_prefect.cli.views.theme import Style
from meta_prefect.cli.views.tree import draw_progress, list_visible
from meta_prefect.interfaces.events import Event

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

    from meta_prefect.cli.views.taste import Taste
    from meta_prefect.project.operations import Subject

_ROWS_ABOVE: Final = 2


class LiveView:
    """Draws on a terminal."""

    def __init__(
        self, terminal: Terminal, taste: Taste, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Draw on a terminal; `clock` is that of the pictures."""
        self._terminal = terminal
        self._taste = taste
        self._clock = clock
        self._picture: Picture | None = None
        self._note = ""
        self._drawing = ExitStack()
        self._live: Live | None = None

    def open(self, command: str, subject: Subject) -> None:
        """Draw the heading."""
        self._answer(draw_heading(command, subject, self._terminal.width))

    def begin(self, picture: Picture) -> None:
        """Show that it is being looked, or the tree that is being worked on."""
        self._picture = picture
        if picture.preview:
            glyphs = self._terminal.glyphs
            status = Status(self._terminal.stderr, "looking", self._terminal.width, glyphs.spinner)
            self._drawing.enter_context(status)
        else:
            self._start_drawing()

    def update(self, event: Event, row: Row | None) -> None:
        """Leave it to the next frame."""

    def tick(self, now: float) -> None:
        """Draw a frame; it looks at the clock itself, as rich draws the last one."""
        del now
        if self._live is not None:
            self._live.refresh()

    def say(self, text: str) -> None:
        """Show a note below the tree."""
        self._note = text

    def end(self) -> None:
        """Draw the last frame, and what was said meanwhile."""
        self._note = ""
        self._drawing.close()
        self._live = None
        if self._picture is not None:
            self._tell(self._picture)
        self._picture = None

    def show_plan(self, report: Report) -> None:
        """Draw the page of the preview; an answer ends with what to do next."""
        lines = draw_plan_page(report, self._taste.layout(self._terminal))
        self._answer(lines + (draw_steps(report.steps) if report.command == "preview" else []))

    def show_report(self, report: Report) -> None:
        """Draw the end: counts, facts, errors, what to do next."""
        lines: list[Line] = []
        if not report.picture.preview:
            lines += [BLANK, *draw_closing(report, self._taste.layout(self._terminal))]
        lines += draw_facts(report)
        if report.command != "preview":
            lines += draw_steps(report.steps)
        self._answer(lines)
        for item in report.diagnostics:
            self._terminal.talk(draw_diagnostic(item), self._taste.color)

    def _start_drawing(self) -> None:
        from rich.console import Console
        from rich.live import Live

        console = Console(
            file=self._terminal.stdout,
            no_color=not self._has_color(),
            force_terminal=True,
            highlight=False,
            width=self._terminal.columns or None,
        )
        # Frames are drawn by `tick`, in the thread that changes the picture.
        self._live = Live(
            console=console,
            get_renderable=lambda: self._draw_frame(console.width, console.height),
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._drawing.enter_context(self._live)

    def _draw_frame(self, width: int, height: int) -> RenderableType:
        from rich.text import Text

        assert self._picture is not None
        layout = self._taste.layout(self._terminal, width)
        lines = draw_progress(self._picture, layout, self._clock())
        if self._picture.ended is None:
            states = [branch.row.state for branch in list_visible(self._picture, layout)]
            lines = fit_height(lines, states, height - 2, layout.glyphs.ellipsis)
        if self._note:
            lines += [BLANK, line("  ", Span(self._note, Style.YELLOW))]
        color = self._has_color()
        return Text.from_ansi("\n".join(paint(item, color=color) for item in lines), no_wrap=True)

    def _tell(self, picture: Picture) -> None:
        told = [item for item in picture.messages if self._taste.wants(item.severity)]
        for item in told:
            where = find_name(item.urn) if item.urn else ""
            self._terminal.talk([BLANK, *draw_message(item, where)], self._taste.color)

    def _has_color(self) -> bool:
        return self._terminal.has_color(self._terminal.stdout, self._taste.color)

    def _answer(self, lines: Sequence[Line]) -> None:
        self._terminal.answer(lines, self._taste.color)


def fit_height(
    lines: list[Line], states: Sequence[State], height: int, ellipsis: str
) -> list[Line]:
    """Cut a tree that is higher than the window to the part where work goes on."""
    if len(lines) <= height or height <= 0:
        return lines
    active = next(
        (index for index, state in enumerate(states) if state is State.RUNNING), len(lines) - 1
    )
    start = max(0, min(active - _ROWS_ABOVE, len(lines) - height))
    shown = lines[start : start + height]
    hidden = Span(f"  {ellipsis} {len(lines) - height} more", Style.DIM)
    return [*shown[:-1], line(hidden)]
