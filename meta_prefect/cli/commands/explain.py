"""`explain`: the long text of an error code."""

from __future__ import annotations

from difflib import get_close_matches
from textwrap import wrap
from typing import Any, Final

from meta_prefect.cli.context import Context
from meta_prefect.cli.explanations import EXPLANATIONS, Explanation
from meta_prefect.cli.options import Call
from meta_prefect.cli.views.documents import write_answer
from meta_prefect.cli.views.text import BLANK, Line, Span, line
from meta_prefect.cli.views.theme import Style
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

SCHEMA: Final = "meta-prefect.explanations.v1"
_WIDEST: Final = 80


def run(call: Call, context: Context) -> ExitCode:
    """Explain a code, or list all."""
    found = [_find(call.words[0])] if call.words else list(EXPLANATIONS)
    document = {"schema": SCHEMA, "codes": [_build(code) for code in found]}
    width = min(context.terminal.width, _WIDEST)
    lines = _draw_one(found[0], width) if call.words else [_draw_short(code) for code in found]
    write_answer(call, context.terminal, document, lines)
    return ExitCode.OK


def _find(text: str) -> str:
    digits = text.upper().removeprefix("MP")
    code = f"MP{digits}"
    if code in EXPLANATIONS:
        return code
    near = get_close_matches(code, EXPLANATIONS, n=3, cutoff=0.6)
    raise MetaPrefectError(
        "MP1309",
        f"there is no error code {text}",
        why=f"did you mean {', '.join(near)}?" if near else "",
        fixes=("meta-prefect explain",),
        exit_code=ExitCode.USAGE,
    )


def _draw_one(code: str, width: int) -> list[Line]:
    text = EXPLANATIONS[code]
    lines = [line(Span(code, Style.BOLD), f"  {text.title}"), BLANK]
    lines += [line(f"  {row}") for row in wrap(text.text, width - 2)]
    if text.example:
        lines += [BLANK, line(Span("  Example", Style.DIM)), BLANK]
        lines += [line(f"    {row}") for row in text.example.splitlines()]
    return lines


def _draw_short(code: str) -> Line:
    return line(Span(code, Style.BOLD), f"  {EXPLANATIONS[code].title}")


def _build(code: str) -> dict[str, Any]:
    text: Explanation = EXPLANATIONS[code]
    return {"code": code, "title": text.title, "text": text.text, "example": text.example}
