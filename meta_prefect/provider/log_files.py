"""
Log files of background processes: where their output goes and how its end is read.

A file that has grown large is put aside when the next process starts; under a running one its end
is copied and the file emptied, as the process keeps it open. Not to be confused with the log of an
operation, which goes to the engine as events.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Final

_LIMIT_BYTES: Final = 20 * 2**20
_TAIL_BYTES: Final = 64 * 2**10
_PRIVATE: Final = 0o600


def open_log(path: Path) -> IO[bytes]:
    """Open a log to append to, readable for its owner only; folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _PRIVATE), "ab")


def rotate_log(path: Path, limit_bytes: int = _LIMIT_BYTES) -> None:
    """Put a large log aside as `NAME.1`; the one put aside before is dropped."""
    if measure_log(path) > limit_bytes:
        path.replace(path.with_name(f"{path.name}.1"))


def trim_log(path: Path, limit_bytes: int = _LIMIT_BYTES) -> None:
    """
    Empty a large log under a running process, and keep its end as `NAME.1`.

    What the process writes just then may be lost; it appends, so that what follows is whole.
    """
    size = measure_log(path)
    if size <= limit_bytes:
        return
    with path.open("rb") as log:
        log.seek(size - limit_bytes)
        end = log.read(limit_bytes)
    aside = path.with_name(f"{path.name}.1")
    aside.unlink(missing_ok=True)
    with open_log(aside) as kept:
        kept.write(end)
    os.truncate(path, 0)


def measure_log(path: Path) -> int:
    """Give the size in bytes; 0 when there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def read_tail(path: Path, from_byte: int = 0) -> list[str]:
    """Read the last lines written behind `from_byte`, without blank ones; 64 KiB at most."""
    try:
        with path.open("rb") as log:
            log.seek(max(from_byte, measure_log(path) - _TAIL_BYTES))
            text = log.read().decode(errors="replace")
    except FileNotFoundError:
        return []
    return [line.rstrip() for line in text.splitlines() if line.strip()]
