"""
Answers of commands that only look: text on the screen, or their document.

Not to be confused with the views of operations, which follow something that takes time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from meta_prefect.cli.options import Call
from meta_prefect.cli.terminal import Terminal
from meta_prefect.cli.views.text import Line, line
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError


def write_answer(
    call: Call, terminal: Terminal, document: Mapping[str, Any], lines: Sequence[Line]
) -> None:
    """Write the document with `--json`, else the lines; `--json-file` gets the document too."""
    if call.everywhere.json:
        terminal.answer([line(render_document(document))], "never")
    else:
        terminal.answer(lines, call.everywhere.color)
    if path := call.everywhere.json_file:
        write_json_file(path, document)


def render_document(document: Mapping[str, Any]) -> str:
    """Write a document for people and programs: indented, letters as they are."""
    return json.dumps(document, indent=2, ensure_ascii=False, default=str)


def write_json_file(path: str, document: Mapping[str, Any]) -> None:
    """
    Write a document to a file of the user's choice; a pipe's name is fine too.

    Raises:
        MetaPrefectError: MP1317.
    """
    _write(path, "w", render_document(document) + "\n")


def append_file(path: str, text: str) -> None:
    """
    Add a text to the end of a file of the user's choice.

    Raises:
        MetaPrefectError: MP1317.
    """
    _write(path, "a", text)


def check_file(path: str) -> None:
    """
    Make sure that a file could be written, before anything is done that it is to tell of.

    Raises:
        MetaPrefectError: MP1317.
    """
    if path and not Path(path).parent.is_dir():
        raise _unwritable(path, "its folder is not there")


def _write(path: str, mode: str, text: str) -> None:
    try:
        with open(path, mode, encoding="utf-8") as file:  # noqa: PTH123 - may be /dev/fd/3
            file.write(text)
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from error


def _unwritable(path: str, why: str) -> MetaPrefectError:
    return MetaPrefectError(
        "MP1317",
        f"the file {path} cannot be written",
        why=why,
        fixes=(f"mkdir -p {Path(path).parent}",),
        exit_code=ExitCode.USAGE,
    )
