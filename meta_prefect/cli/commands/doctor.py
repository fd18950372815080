"""`doctor`: a line per check, each with a cure; read only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from meta_prefect.cli.context import Context
from meta_prefect.cli.options import Call
from meta_prefect.cli.views.documents import write_answer
from meta_prefect.cli.views.text import BLANK, Line, Span, count_noun, line, pad
from meta_prefect.cli.views.theme import Glyphs, Style
from meta_prefect.interfaces.diagnostics import ExitCode

if TYPE_CHECKING:
    from meta_prefect.project.checks import CheckResult

SCHEMA: Final = "meta-prefect.checks.v1"
_NAME_WIDTH: Final = 28
_SIGNS: Final = {"ok": ("ok", Style.GREEN), "warning": ("!", Style.YELLOW)}
_FAILED: Final = ("x", Style.RED)


def run(call: Call, context: Context) -> ExitCode:
    """Check the machine and the project; warnings are no failure."""
    project = context.open_project(call)
    live = not call.everywhere.json
    results = []
    for result in project.check(offline=call.looking.offline):
        results.append(result)
        if live:
            lines = draw_check(result, context.terminal.glyphs)
            context.terminal.answer(lines, call.everywhere.color)
    document = {"schema": SCHEMA, "checks": [_build_check(item) for item in results]}
    write_answer(call, context.terminal, document, [BLANK, _sum_up(results)])
    failed = any(item.status == "error" for item in results)
    return ExitCode.ERROR if failed else ExitCode.OK


def draw_check(result: CheckResult, glyphs: Glyphs) -> list[Line]:
    """Draw a check as it ends: sign, what, found, and the cure below."""
    sign, style = _SIGNS.get(result.status, _FAILED)
    head = line(Span(f"  {sign:<4}", style), pad(result.what, _NAME_WIDTH), result.found)
    # An advice about what is well would read like an order.
    if not result.fix or result.status == "ok":
        return [head]
    return [
        head,
        line(f"      {pad('', _NAME_WIDTH)}{glyphs.arrow} ", Span(result.fix, Style.BOLD)),
    ]


def _sum_up(results: list[CheckResult]) -> Line:
    counts = [
        count_noun(sum(item.status == status for item in results), noun)
        for status, noun in (("error", "error"), ("warning", "warning"))
        if any(item.status == status for item in results)
    ]
    return line(f"  {', '.join(counts)}" if counts else "  All is well.")


def _build_check(item: CheckResult) -> dict[str, Any]:
    return {"status": item.status, "what": item.what, "found": item.found, "fix": item.fix or None}
