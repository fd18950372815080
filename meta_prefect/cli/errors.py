"""
How errors look: the fixed form on stderr, the JSON envelope on stdout, a log file for bugs.

Works from the words as typed, since a command line that cannot be parsed fails here too.
"""

from __future__ import annotations

import os
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from meta_prefect.cli.terminal import Terminal
from meta_prefect.cli.views.documents import render_document, write_json_file
from meta_prefect.cli.views.json import build_failure
from meta_prefect.cli.views.pages import draw_diagnostic
from meta_prefect.cli.views.text import line
from meta_prefect.interfaces.diagnostics import Diagnostic, MetaPrefectError

_ISSUES: Final = "https://github.com/meta-prefect/meta-prefect/issues"


@dataclass(frozen=True, slots=True)
class ErrorStyle:
    """
    How a command line wants errors.

    command: the verb, as far as it is known.
    """

    command: str = ""
    json: bool = False
    json_file: str = ""
    debug: bool = False

    @classmethod
    def read(cls, words: Sequence[str]) -> ErrorStyle:
        """Look for the flags that matter; the verb stands first."""
        values = [word.partition("=")[2] for word in words if word.startswith("--json-file=")]
        if "--json-file" in words[:-1]:
            values.append(words[words.index("--json-file") + 1])
        verb = words[0] if words and not words[0].startswith("-") else ""
        return cls(verb, "--json" in words, values[-1] if values else "", "--debug" in words)


def show_error(terminal: Terminal, style: ErrorStyle, error: MetaPrefectError) -> None:
    """Show an error with everything a person needs to go on."""
    if style.debug:
        terminal.talk([line("".join(traceback.format_exception(error)).rstrip())])
    _show(terminal, style, error.diagnostics)


def show_bug(terminal: Terminal, style: ErrorStyle, error: Exception) -> None:
    """Show that this is our fault, and where the traceback is."""
    text = "".join(traceback.format_exception(error))
    if style.debug:
        terminal.talk([line(text.rstrip())])
    first = (str(error).splitlines() or [""])[0]
    _show(
        terminal,
        style,
        (
            Diagnostic(
                "MP9001",
                "meta-prefect has a bug",
                where=_write_log(text, terminal.environment.get("TMPDIR")),
                why=f"{type(error).__name__}: {first}".rstrip(": "),
                fixes=(f"please report it with that file: {_ISSUES}",),
            ),
        ),
    )


def _show(terminal: Terminal, style: ErrorStyle, diagnostics: Sequence[Diagnostic]) -> None:
    for item in diagnostics:
        terminal.talk(draw_diagnostic(item))
    document = build_failure(style.command, diagnostics)
    if style.json:
        terminal.answer([line(render_document(document))], "never")
    if style.json_file:
        _write_document(terminal, style.json_file, document)


def _write_document(terminal: Terminal, path: str, document: Mapping[str, Any]) -> None:
    """Write the document to its file; what hinders that may be the very error."""
    try:
        write_json_file(path, document)
    except MetaPrefectError as error:
        if error.diagnostic.summary not in {item["summary"] for item in document["diagnostics"]}:
            terminal.talk(draw_diagnostic(error.diagnostic))


def _write_log(text: str, folder: str | None) -> str:
    """Keep a traceback in a file of its own; gives its path."""
    descriptor, path = tempfile.mkstemp(".log", "meta-prefect-", folder)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path
