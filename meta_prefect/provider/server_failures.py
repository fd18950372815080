"""
Why a local server or worker ended: known causes, found in the last lines of its log.

Pure. A cause that is not known is given as the log's last lines. Not to be confused with `answers`,
which reads what a running server says.

Source of the texts: Prefect 3.8.8 with uvicorn, SQLAlchemy, Alembic and aiosqlite, as seen in logs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.provider.compatibility import FASTAPI, SQLALCHEMY

_SHOWN_LINES: Final = 8


@dataclass(frozen=True, slots=True)
class Cause:
    """
    One known cause.

    pattern: in one line of the log. reason: what it means. cure: what to do about it.
    """

    pattern: re.Pattern[str]
    reason: str
    cure: str


PORT_TAKEN: Final = Cause(
    re.compile(r"Port \d+ is already in use|address already in use|server process is already run"),
    "its port was taken by another process meanwhile",
    "run `up` again, or declare another port",
)
_CAUSES: Final = (
    PORT_TAKEN,
    Cause(
        re.compile(r"Body\(\) got an unexpected keyword argument"),
        "the installed fastapi is too new for Prefect's server",
        f"pip install '{FASTAPI.pin}'",
    ),
    Cause(
        re.compile(r"Can't evaluate bulk DML statement"),
        "the installed sqlalchemy is too new for Prefect's server",
        f"pip install '{SQLALCHEMY.pin}'",
    ),
    Cause(
        re.compile(r"Can't locate revision identified by"),
        "its database was written by a newer Prefect",
        "install that Prefect again, or choose another home",
    ),
    Cause(
        re.compile(r"database is locked"),
        "its database is locked by another process",
        "stop what uses the database, then run `up` again",
    ),
    Cause(
        re.compile(r"unable to open database file|readonly database|Read-only file system"),
        "its database cannot be written",
        "make the home folder writable, or choose another home",
    ),
    Cause(
        re.compile(r"file is not a database|database disk image is malformed"),
        "its database is damaged",
        "restore the file from a copy, or choose another home",
    ),
    Cause(
        re.compile(r"No module named '?prefect'?$"),
        "the interpreter has no Prefect",
        "pip install prefect",
    ),
    Cause(
        re.compile(r"^(ImportError|ModuleNotFoundError): "),
        "a library of Prefect's is missing or does not fit",
        "pip install --upgrade --force-reinstall prefect",
    ),
    Cause(
        re.compile(r"No space left on device"),
        "the disk is full",
        "make room, then run `up` again",
    ),
    Cause(
        re.compile(r"401 Unauthorized|Invalid authentication credentials"),
        "the server does not accept its login",
        "check authString or apiKey of the provider",
    ),
)


class EndedEarly(ProviderError):
    """A process ended or hung before it was ready; `cause` is None when nobody knows why."""

    def __init__(self, text: str, cause: Cause | None) -> None:
        self.cause = cause
        super().__init__(text)


def find_cause(lines: Sequence[str]) -> Cause | None:
    """Find the known cause that was said last."""
    for line in reversed(lines):
        for cause in _CAUSES:
            if cause.pattern.search(line):
                return cause
    return None


def explain_end(what: str, lines: Sequence[str], log_file: Path) -> EndedEarly:
    """Make the error; `what` begins the sentence: "the Prefect server ended at its start"."""
    cause = find_cause(lines)
    if cause is not None:
        return EndedEarly(f"{what}: {cause.reason}; {cause.cure} (log: {log_file})", cause)
    shown = "\n".join(f"  {line}" for line in lines[-_SHOWN_LINES:])
    return EndedEarly(f"{what}; its log, {log_file}, ends with\n{shown or '  nothing'}", None)
