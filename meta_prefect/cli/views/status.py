"""
A passing line that says what is being done while nothing else can be shown.

On a terminal it turns and is wiped out at the end; it needs no rich, so that it is there before the
heavy imports are. Not to be confused with the live tree.
"""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Final, Self, TextIO

from meta_prefect.cli.views.text import cut

_FRAME_SECONDS: Final = 0.1
_WIPE: Final = "\r\x1b[2K"


class Status:
    """A turning line on a terminal, for as long as the block lasts."""

    def __init__(self, stream: TextIO, text: str, width: int, frames: str) -> None:
        """Prepare the line; it appears when the block begins."""
        self._stream = stream
        self._text = cut(text, width - 3, "")
        self._frames = frames
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._turn, daemon=True)

    def __enter__(self) -> Self:
        self._draw(0)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        self._stream.write(_WIPE)
        self._stream.flush()

    def _turn(self) -> None:
        number = 0
        while not self._over.wait(_FRAME_SECONDS):
            number += 1
            self._draw(number)

    def _draw(self, number: int) -> None:
        frame = self._frames[number % len(self._frames)]
        self._stream.write(f"{_WIPE}{frame} {self._text}")
        self._stream.flush()
