"""
The terminal: three streams, and what may be done with them.

Says whether there is somebody to ask, whether lines may be redrawn, and whether colours help. The
only module that writes to a stream; it decides nothing about content.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TextIO

from meta_prefect.cli.options import Everywhere
from meta_prefect.cli.views.text import Line, paint
from meta_prefect.cli.views.theme import ASCII, UNICODE, Glyphs

_DEFAULT_WIDTH: Final = 100
_PIPE_WIDTH: Final = 120


@dataclass(frozen=True, slots=True)
class Terminal:
    """
    Where a command reads and writes.

    columns: fixed width; 0 asks the terminal each time, as windows are resized.
    """

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    environment: Mapping[str, str]
    columns: int = 0

    @property
    def width(self) -> int:
        """Columns that a line may take."""
        if self.columns:
            return self.columns
        if not self.stdout.isatty():
            return _PIPE_WIDTH
        try:
            return os.get_terminal_size(self.stdout.fileno()).columns or _DEFAULT_WIDTH
        except (OSError, ValueError):
            return _DEFAULT_WIDTH

    @property
    def glyphs(self) -> Glyphs:
        """Symbols that stdout can show."""
        encoding = (self.stdout.encoding or "utf-8").lower()
        return UNICODE if encoding.startswith("utf") else ASCII

    def can_ask(self, flags: Everywhere) -> bool:
        """Say whether a question would meet somebody."""
        forbidden = flags.no_input or flags.json or self.environment.get("CI")
        return not forbidden and self.stdin.isatty() and self.stderr.isatty()

    def is_live(self, flags: Everywhere) -> bool:
        """Say whether lines on stdout may be drawn again."""
        dumb = self.environment.get("TERM") == "dumb" or self.environment.get("CI")
        return self.stdout.isatty() and not (dumb or flags.plain or flags.quiet or flags.json)

    def has_color(self, stream: TextIO, mode: str) -> bool:
        """Say whether to colour a stream; `mode` is that of the flag."""
        if mode != "auto":
            return mode == "always"
        if self.environment.get("NO_COLOR"):
            return False
        if self.environment.get("FORCE_COLOR"):
            return True
        return stream.isatty() and self.environment.get("TERM") != "dumb"

    def ask(self, question: str) -> str:
        """
        Put a question on stderr and give the line that was typed.

        Raises:
            EOFError: the input ended.
        """
        self.stderr.write(question)
        self.stderr.flush()
        answer = self.stdin.readline()
        if not answer:
            raise EOFError
        return answer.strip()

    def answer(self, lines: Iterable[Line], mode: str = "auto") -> None:
        """Write lines to stdout."""
        self._write(self.stdout, lines, mode)

    def talk(self, lines: Iterable[Line], mode: str = "auto") -> None:
        """Write lines to stderr."""
        self._write(self.stderr, lines, mode)

    def _write(self, stream: TextIO, lines: Iterable[Line], mode: str) -> None:
        color = self.has_color(stream, mode)
        stream.writelines(paint(line, color=color) + "\n" for line in lines)
        stream.flush()
