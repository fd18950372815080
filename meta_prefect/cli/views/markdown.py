"""
A summary in Markdown, for the page of a continuous integration run or a pull request.

Drawn from the same report as every other format. It begins with a hidden marker for each flow and
stack, by which a comment can be found again and replaced.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from meta_prefect.cli.views.base import Report, Result
from meta_prefect.cli.views.diff import DiffStyle, draw_diff
from meta_prefect.cli.views.picture import Row, State
from meta_prefect.cli.views.text import plain, say_seconds
from meta_prefect.cli.views.theme import UNICODE
from meta_prefect.cli.views.words import say_type

_MOST: Final = 60_000  # characters; a comment on GitHub takes 65,536
_FRAME: Final = 300  # of them, for what stands around the differences
_ROWS: Final = 200
_WIDTH: Final = 100
_WORDS: Final = {
    Result.SUCCEEDED: "succeeded",
    Result.FAILED: "failed",
    Result.NO_CHANGES: "nothing to change",
    Result.CANCELLED: "cancelled",
}


def render_summary(report: Report) -> str:
    """Write heading, counts, a table of what changes and the folded differences."""
    head = "\n".join(_draw_head(report))
    fold = "\n".join(_draw_differences(report, _MOST - len(head)))
    return f"{head}\n{fold}\n" if fold else f"{head}\n"


def _draw_head(report: Report) -> Iterator[str]:
    subject = report.subject
    about = ", ".join(subject.flows) or subject.project
    yield f"<!-- meta-prefect: {about} on {subject.stack} -->"
    yield f"### {report.command} {about} on {subject.stack}: {_WORDS[report.result]}"
    yield ""
    counts = report.picture.count(done_only=not report.picture.preview)
    said = [f"{UNICODE.signs[sign]} {number} {sign.word}" for sign, number in counts.items()]
    failed = sum(row.state is State.FAILED for row in report.picture.rows)
    said += [f"{UNICODE.failed} {failed} failed"] if failed else []
    yield " · ".join([*said, say_seconds(report.seconds)])
    for item in report.diagnostics:
        yield f"\n**{item.severity} {item.code}** {item.where} {item.summary}\n"
        yield from (f"> {text}" for text in item.why.splitlines())
    yield from _draw_table(report.picture.work)


def _draw_table(rows: tuple[Row, ...]) -> Iterator[str]:
    if not rows:
        return
    yield "\n| | resource | type |\n| --- | --- | --- |"
    for row in rows[:_ROWS]:
        yield f"| {UNICODE.signs[row.sign]} | {_escape(row.name)} | {say_type(row.step.type)} |"
    if len(rows) > _ROWS:
        yield f"\nand {len(rows) - _ROWS:,} more"


def _draw_differences(report: Report, room: int) -> Iterator[str]:
    if not report.picture.work:
        return
    text = "\n".join(
        plain(row).rstrip() for row in draw_diff(report.picture, DiffStyle(_WIDTH, UNICODE))
    )
    kept = text[: max(0, room - _FRAME)]
    yield "\n<details><summary>Differences</summary>\n\n```text"
    yield kept
    yield "```"
    if missing := len(text) - len(kept):
        yield f"\n{missing:,} characters are left out here; `--json-file` has everything."
    yield "\n</details>"


def _escape(text: str) -> str:
    return text.replace("|", "\\|")
