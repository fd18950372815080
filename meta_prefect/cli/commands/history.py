"""`history`: past operations on the stack, the newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from meta_prefect.cli.context import Context
from meta_prefect.cli.options import Call
from meta_prefect.cli.views.documents import write_answer
from meta_prefect.cli.views.table import draw_table
from meta_prefect.cli.views.text import BLANK, Line, count_noun, line, say_age, say_seconds
from meta_prefect.interfaces.diagnostics import ExitCode
from meta_prefect.interfaces.engine import HistoryRecord

SCHEMA: Final = "meta-prefect.history.v1"
_SHOWN: Final = 20
_TITLES: Final = ("when", "operation", "result", "took", "changes", "message")


def run(call: Call, context: Context) -> ExitCode:
    """Show what was done to the stack."""
    project = context.open_project(call)
    records = project.read_history()
    document = {
        "schema": SCHEMA,
        "project": project.settings.project,
        "stack": project.settings.stack,
        "operations": [_build_record(item) for item in records],
    }
    shown = records if call.looking.full else records[:_SHOWN]
    lines = draw_history(shown, len(records), datetime.now(UTC))
    write_answer(call, context.terminal, document, lines)
    return ExitCode.OK


def draw_history(records: Sequence[HistoryRecord], total: int, now: datetime) -> list[Line]:
    """
    Draw a line for each operation.

    total: how many there are; those that are not among the records are only counted.
    """
    if not records:
        return [line("nothing was done yet")]
    rows = [
        (
            say_age(now.timestamp() - item.start_time),
            item.kind,
            item.result,
            say_seconds(item.end_time - item.start_time),
            say_counts(item.changes),
            item.message,
        )
        for item in records
    ]
    lines = draw_table(_TITLES, rows)
    if hidden := total - len(records):
        lines += [BLANK, line(f"and {count_noun(hidden, 'operation')} before that: --full")]
    return lines


def say_counts(changes: Mapping[str, int]) -> str:
    """Say what an operation changed; what stayed the same is no news."""
    counts = [f"{number} {op}" for op, number in changes.items() if op != "same" and number]
    return ", ".join(counts) or "none"


def _build_record(item: HistoryRecord) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "result": item.result,
        "message": item.message,
        "start_time": item.start_time,
        "end_time": item.end_time,
        "changes": dict(item.changes),
    }
