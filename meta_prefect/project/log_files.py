"""
Log files of the processes that a stack keeps running on this machine: found, read, followed.

Not to be confused with `runs`, which asks Prefect for what a flow run logged.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from meta_prefect.interfaces.engine import ResourceRecord

_TYPES: Final = {"worker": "prefect:local:ProcessWorker", "server": "prefect:local:Server"}


def find_log_files(resources: Sequence[ResourceRecord], of: str) -> tuple[Path, ...]:
    """Find the files that the workers or the servers (`worker`, `server`) of a stack write."""
    files = (item.outputs.get("logFile") for item in resources if item.type == _TYPES[of])
    return tuple(Path(file) for file in files if isinstance(file, str))


def read_tail(path: Path, lines: int) -> list[str]:
    """Give the last lines of a file; none when it is not there."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return [text.rstrip("\n") for text in deque(file, maxlen=lines)]
    except FileNotFoundError:
        return []


def follow_file(path: Path, poll_seconds: float = 0.5) -> Iterator[str]:
    """Give each line that is added to a file from now on; ends never by itself."""
    with path.open(encoding="utf-8", errors="replace") as file:
        file.seek(0, 2)
        started = ""
        while True:
            started += file.readline()
            if started.endswith("\n"):
                yield started.rstrip("\n")
                started = ""
            else:
                time.sleep(poll_seconds)
