"""
Pages: the parts of the text output that stand still, from heading to last line.

Pure: from reports to lines. Used by the live view and, where there is nobody to watch, by the plain
one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from meta_prefect.cli.table import PROGRAM
from meta_prefect.cli.views.base import NextStep, Report, Result
from meta_prefect.cli.views.picture import Picture, State
from meta_prefect.cli.views.text import BLANK, Line, Span, line, measure, pad, plain, say_seconds
from meta_prefect.cli.views.theme import Glyphs, Style
from meta_prefect.cli.views.tree import Layout, count_signs, draw_plan
from meta_prefect.interfaces.diagnostics import Diagnostic, Severity
from meta_prefect.interfaces.events import DiagnosticEvent

if TYPE_CHECKING:
    from meta_prefect.project.operations import Subject

_HEADING_WIDTH: Final = 50
_SUMMARY_WIDTH: Final = 73
_LABEL_WIDTH: Final = 13
_HINT_WIDTH: Final = 9


def name_subject(subject: Subject) -> str:
    """Say what an operation is about: `my_flow on dev`."""
    return f"{', '.join(subject.flows) or subject.project} on {subject.stack}"


def draw_heading(command: str, subject: Subject, width: int) -> list[Line]:
    """Draw the heading; what stands on the right goes below when there is no room."""
    left, right = name_subject(subject), _describe(command, subject)
    if max(measure(left) + 2, _HEADING_WIDTH) + measure(right) > width:
        return [line(Span(left, Style.BOLD)), line(Span(right, Style.DIM)), BLANK]
    start = pad(left, _HEADING_WIDTH - 2) + "  "
    return [line(Span(start, Style.BOLD), Span(right, Style.DIM)), BLANK]


def _describe(command: str, subject: Subject) -> str:
    """Say what a command works with."""
    match command:
        case "diff":
            return "program against state"
        case "drift":
            return "state against world"
        case "preview":
            return _describe_engine(subject)
    return subject.engine


def _describe_engine(subject: Subject) -> str:
    scheme = subject.backend.partition("://")[0]
    state = "file backend" if scheme == "file" else subject.backend
    return f"{subject.engine}, state: {state}"


def draw_plan_page(report: Report, layout: Layout) -> list[Line]:
    """Draw what would happen: tree, counts, what stays."""
    picture = report.picture
    lines = draw_plan(picture, layout)
    lines += [BLANK] if lines else []
    if picture.changes:
        took = f"looked in {say_seconds(report.seconds)}"
        counts = line("  ", *count_signs(picture, layout.glyphs, words=True))
        lines.append(_spread(counts, took, layout.width))
    else:
        lines.append(line(f"  {say_nothing(report)}"))
    lines += [line(f"  {text}") for text in report.kept]
    return [*lines, BLANK]


def say_nothing(report: Report) -> str:
    """Say that there is nothing to do, and how much was looked at."""
    same = report.picture.count().total()
    match report.command:
        case "destroy":
            return "nothing is up here, nothing to destroy"
        case "refresh":
            return f"nothing moved, {same} as recorded"
    return f"nothing to change, {same} as they should be" if same else "nothing to change"


def draw_closing(report: Report, layout: Layout) -> list[Line]:
    """Draw the last lines of an operation that was applied: how it ended, and what is left."""
    took = say_seconds(report.seconds)
    counts = count_signs(report.picture, layout.glyphs, words=False)
    match report.result:
        case Result.SUCCEEDED:
            return [line(f"  Done in {took}   ", *counts), BLANK]
        case Result.CANCELLED:
            verb = "Interrupted"
        case _:
            verb = "Stopped"
    left = _count_unfinished(report.picture, layout.glyphs)
    done = line("   ", *counts, " done") if plain(counts) else ()
    return [
        line(f"  {verb} after {took}", *done, *left),
        line("  State is saved; the same command goes on from here."),
        BLANK,
    ]


def _count_unfinished(picture: Picture, glyphs: Glyphs) -> Line:
    states = [row.state for row in picture.work]
    kinds = (
        (State.FAILED, f"{glyphs.failed} {{}} failed", Style.RED),
        (State.RUNNING, f"{glyphs.failed} {{}} interrupted", Style.YELLOW),
        (State.WAITING, f"{glyphs.waiting} {{}} not started", Style.DIM),
    )
    return tuple(
        Span(f"   {text.format(states.count(state))}", style)
        for state, text, style in kinds
        if state in states
    )


def draw_facts(report: Report) -> list[Line]:
    """Draw what is there now."""
    lines = [line(f"  {pad(fact.label, _LABEL_WIDTH)}", fact.text) for fact in report.facts]
    return [*lines, BLANK] if lines else []


def draw_steps(steps: Sequence[NextStep]) -> list[Line]:
    """Draw the commands to type next."""
    return [
        line(f"  {pad(f'{step.label}:', _HINT_WIDTH)}", Span(step.command, Style.BOLD))
        for step in steps
    ]


def draw_diagnostic(item: Diagnostic) -> list[Line]:
    """Draw a message in its fixed form: what, where, why, how to go on."""
    style = Style.RED if item.severity is Severity.ERROR else Style.YELLOW
    head = line(Span(f"{item.severity.value} {item.code}".rstrip(), style), f"  {item.summary}")
    lines = [head]
    for label, text in (("where", item.where), ("why", item.why)):
        lines += _draw_part(label, text)
    for index, fix in enumerate(item.fixes):
        lines += _draw_part("fix" if index == 0 else "", fix if index == 0 else f"or:  {fix}")
    if item.code and not item.fixes:
        lines += _draw_part("more", f"{PROGRAM} explain {item.code}")
    return lines


def _draw_part(label: str, text: str) -> list[Line]:
    rows = text.splitlines()
    return [
        line(Span(f"  {label if index == 0 else '':<5}  ", Style.DIM), row)
        for index, row in enumerate(rows)
    ]


def draw_message(event: DiagnosticEvent, where: str) -> list[Line]:
    """Draw what a program or a provider said."""
    return draw_diagnostic(
        Diagnostic("", event.message.strip(), where=where, severity=event.severity)
    )


def _spread(left: Line, right: str, width: int) -> Line:
    """Put a text to the right end of a line, at most behind where the columns of the tree end."""
    gap = min(width - measure(right), _SUMMARY_WIDTH) - measure(plain(left))
    return (*left, Span(" " * max(3, gap)), Span(right, Style.DIM))
