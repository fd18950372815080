"""
The journal: an append-only file of JSON lines, each with a checksum, written in groups.

Many steps wait for one sync. Reading stops at the first line that is torn: such a line was never
acknowledged. Knows documents only; what they say is `scribe`'s business.
"""

from __future__ import annotations

import asyncio
import json
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from meta_prefect.engine.state.disk import Disk
from meta_prefect.engine.state.json_text import render, to_bytes
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

_CHECKSUM: Final = ',"crc":"'
_END: Final = '"}'


def render_line(document: dict[str, Any]) -> str:
    """Write a document, which must not be empty, as one line that checks itself."""
    text = render(document).removesuffix("}")
    return f"{text}{_CHECKSUM}{zlib.crc32(to_bytes(text)):08x}{_END}\n"


def read_lines(data: bytes) -> Iterator[dict[str, Any]]:
    """Read documents up to the first line that is torn or damaged."""
    *lines, _torn = data.split(b"\n")
    for line in lines:
        text, separator, checksum = line.rpartition(_CHECKSUM.encode())
        if not separator or checksum != f"{zlib.crc32(text):08x}{_END}".encode():
            return
        document: dict[str, Any] = json.loads(text + b"}")
        yield document


class JournalWriter:
    """Appends to a journal; a line is durable when `append` returns."""

    def __init__(self, path: Path, disk: Disk, open_journal: Callable[[], str]) -> None:
        """`open_journal` does what must precede the first line, and gives the header."""
        self._path = path
        self._disk = disk
        self._open_journal = open_journal
        self._is_open = False
        self._waiting: list[tuple[str, asyncio.Future[None]]] = []
        self._unwritten = ""
        self._size = 0
        self._hold: int | None = None
        self._writer: asyncio.Task[None] | None = None

    async def append(self, lines: Sequence[str]) -> None:
        """
        Add lines, in the order of the calls.

        Raises:
            MetaPrefectError: they could not be written; they are kept, and tried again with the
                next ones.
        """
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(("".join(lines), done))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_groups())
        # A step that is cancelled must not take the other steps' lines with it.
        await asyncio.shield(done)

    def flush(self) -> None:
        """Try once more to write what could not be written; nobody must be appending any more."""
        if self._unwritten:
            self._write()

    def close(self) -> None:
        """Give the file free for those who would finish the operation."""
        if self._hold is not None:
            os.close(self._hold)
            self._hold = None

    async def _write_groups(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                await self._write_group(group)
        finally:
            self._writer = None

    async def _write_group(self, group: list[tuple[str, asyncio.Future[None]]]) -> None:
        self._unwritten += "".join(text for text, _ in group)
        try:
            await asyncio.to_thread(self._write)
        except BaseException as error:  # noqa: BLE001 - it belongs to those who wait
            for _, done in group:
                done.set_exception(error)
        else:
            for _, done in group:
                done.set_result(None)

    def _write(self) -> None:
        if not self._is_open:
            self._unwritten = self._open_journal() + self._unwritten
            self._is_open = True
        if self._hold is None:
            self._hold = self._disk.hold(self._path)
        self._check_end()
        data = to_bytes(self._unwritten)
        self._disk.append(self._path, data)
        self._size += len(data)
        self._unwritten = ""

    def _check_end(self) -> None:
        """Cut off what is left of a failed append: behind it, lines would never be read."""
        size = self._disk.measure(self._path)
        if size < self._size:
            raise taken_away(self._path)
        if size > self._size:
            self._disk.cut(self._path, self._size)


def taken_away(journal: Path) -> MetaPrefectError:
    """Make the error of an operation that another one took for dead."""
    return MetaPrefectError(
        "MP4119",
        "another operation has taken this one for dead and finished it",
        why=f"its lock was taken away, and {journal.name} is not there any more",
        where=str(journal),
        exit_code=ExitCode.LOCKED,
    )
