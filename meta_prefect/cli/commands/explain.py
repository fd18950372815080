"""`explain`: the long text of an error code, or the help of a builder."""

from __future__ import annotations

import re
from dataclasses import asdict
from difflib import get_close_matches
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

from meta_prefect.cli.context import Context
from meta_prefect.cli.explanations import EXPLANATIONS, Explanation
from meta_prefect.cli.options import Call
from meta_prefect.cli.views.documents import write_answer
from meta_prefect.cli.views.text import BLANK, Line, Span, line
from meta_prefect.cli.views.theme import Style
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

if TYPE_CHECKING:
    from meta_prefect.cli.builder_help import BuilderHelp

SCHEMA: Final = "meta-prefect.explanations.v1"
BUILDER_SCHEMA: Final = "meta-prefect.builder.v1"
_WIDEST: Final = 80
_CODE: Final = re.compile(r"(MP|mp)?\d+")


def run(call: Call, context: Context) -> ExitCode:
    """Explain a code or a builder, or list all codes."""
    if call.words and not _CODE.fullmatch(call.words[0]):
        return _explain_builder(call, context, call.words[0])
    found = [_find(call.words[0])] if call.words else list(EXPLANATIONS)
    document = {"schema": SCHEMA, "codes": [_build(code) for code in found]}
    width = min(context.terminal.width, _WIDEST)
    lines = _draw_one(found[0], width) if call.words else [_draw_short(code) for code in found]
    write_answer(call, context.terminal, document, lines)
    return ExitCode.OK


def _explain_builder(call: Call, context: Context, name: str) -> ExitCode:
    from meta_prefect.cli.builder_help import find_builder

    help_text = find_builder(name, call.everywhere.folder.resolve())
    if help_text is None:
        raise _unknown_builder(name)
    document = {"schema": BUILDER_SCHEMA, **asdict(help_text)}
    write_answer(call, context.terminal, document, _draw_builder(help_text))
    return ExitCode.OK


def _draw_builder(found: BuilderHelp) -> list[Line]:
    head = line("from ", found.module, " import ", Span(found.name, Style.BOLD))
    arguments = [line(f"    {argument}") for argument in found.arguments]
    opening = [line(f"{found.name}("), *arguments, line(")")] if arguments else []
    texts = [text for text in (found.text, found.details) if text]
    parts = [row for text in texts for row in (BLANK, *map(line, text.splitlines()))]
    return [head, BLANK, *opening, *parts]


def _unknown_builder(name: str) -> MetaPrefectError:
    from meta_prefect.cli.builder_help import list_builders

    known = list_builders()
    module, _, short = name.rpartition(".")
    near = get_close_matches(short, known, n=3, cutoff=0.5)
    if module:
        why = f"there is no module {module} here, or it has no {short}"
    else:
        all_of_them = f"builders: {', '.join(sorted(known))}"
        why = f"did you mean {', '.join(near)}?" if near else all_of_them
    return MetaPrefectError(
        "MP1315",
        f"there is no builder {name}, and no error code",
        why=why,
        fixes=(f"meta-prefect explain {(near or ['cron'])[0]}",),
        exit_code=ExitCode.USAGE,
    )


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
