"""
Diagnostics: what goes wrong, as values.

A diagnostic has a code, one sentence in the user's nouns, a place, a reason and a cure. Rooms raise
`MetaPrefectError`; only `cli.main` turns one into text and an exit code. The long text of each code
is in `cli.explanations`, not here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class ExitCode(IntEnum):
    """What the process says when it ends: Pulumi's table, and two of ours (10, 11)."""

    OK = 0
    ERROR = 1
    USAGE = 2
    AUTHENTICATION = 3
    RESOURCE = 4
    POLICY = 5
    NOT_FOUND = 6
    CHANGES = 7
    CANCELLED = 8
    TIMEOUT = 9
    LOCKED = 10
    MOVED = 11
    BUG = 255


class Severity(StrEnum):
    """How much a diagnostic matters, in the words of Pulumi's events."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """
    One message for a person.

    code: `MP` and four digits: 1 settings and flow files, 2 requirements and naming, 3 resources,
        4 state and locks, 5 engine and binaries, 9 bugs.
    summary: one sentence, lower case, no full stop, no library name.
    where: flow/resource, then file and line; empty when there is no place.
    why: the deepest cause in our words, several lines allowed.
    fixes: commands or code to paste, two at most, best first.
    """

    code: str
    summary: str
    where: str = ""
    why: str = ""
    fixes: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR


class MetaPrefectError(Exception):
    """A failure with everything a user needs to know about it."""

    def __init__(
        self,
        code: str,
        summary: str,
        *,
        where: str = "",
        why: str = "",
        fixes: tuple[str, ...] = (),
        exit_code: ExitCode = ExitCode.ERROR,
        others: tuple[Diagnostic, ...] = (),
    ) -> None:
        """Build the diagnostic; `others` are failures found in the same look, shown after it."""
        super().__init__(f"{code} {summary}")
        self.diagnostic = Diagnostic(code, summary, where, why, fixes)
        self.exit_code = exit_code
        self.others = others

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All that there is to say, the main one first."""
        return (self.diagnostic, *self.others)
