"""
Flags as data: names, help and shape of every flag, in groups that commands pick from.

Light on purpose: completion reads it without typer, and `main` needs it to find the verb among
flags. Not to be confused with `options`, the records that a parsed command line becomes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Shape(Enum):
    """What a flag takes."""

    SWITCH = "switch"
    COUNT = "count"
    TEXT = "text"
    NUMBER = "number"
    MANY = "many"

    @property
    def takes_value(self) -> bool:
        """Whether the next word belongs to the flag."""
        return self not in (Shape.SWITCH, Shape.COUNT)


@dataclass(frozen=True, slots=True)
class Flag:
    """
    One flag.

    field: name of the field in the option record it fills.
    names: as typed, the long one first.
    metavar: what stands for the value in help; choices joined by `|` are checked by the parser.
    """

    field: str
    names: tuple[str, ...]
    help: str
    shape: Shape = Shape.SWITCH
    metavar: str = ""

    @property
    def choices(self) -> tuple[str, ...]:
        """The allowed values; empty when any will do."""
        return tuple(self.metavar.split("|")) if "|" in self.metavar else ()


@dataclass(frozen=True, slots=True)
class FlagGroup:
    """Flags under one title of a command's help."""

    title: str
    flags: tuple[Flag, ...]


_STACK: Final = Flag("stack", ("--stack", "-s"), "stack to work on [dev]", Shape.TEXT, "NAME")
_JSON: Final = Flag("json", ("--json",), "one JSON document on stdout, also on failure")
_FULL: Final = Flag("full", ("--full",), "whole values, nothing shortened")
_URNS: Final = Flag("urns", ("--urns",), "URNs in the place of names")

EVERYWHERE: Final = FlagGroup(
    "Everywhere",
    (
        _STACK,
        Flag("directory", ("--dir", "-C"), "work as if started there", Shape.TEXT, "DIR"),
        Flag(
            "program",
            ("--program",),
            "run the Pulumi program in this folder, in the place of flows",
            Shape.TEXT,
            "DIR",
        ),
        Flag("engine", ("--engine",), "engine to run [auto]", Shape.TEXT, "auto|pulumi|embedded"),
        Flag("profile", ("--profile",), "Prefect profile to use", Shape.TEXT, "NAME"),
        _JSON,
        Flag("stream", ("--stream",), "with --json: an event per line, the document last"),
        Flag("json_file", ("--json-file",), "text on screen, JSON in a file", Shape.TEXT, "PATH"),
        Flag(
            "summary_file",
            ("--summary-file",),
            "append a summary in Markdown to a file",
            Shape.TEXT,
            "PATH",
        ),
        Flag("color", ("--color",), "colours [auto]", Shape.TEXT, "auto|always|never"),
        Flag("plain", ("--plain",), "lines of text, even on a terminal"),
        Flag("quiet", ("--quiet", "-q"), "only results and errors"),
        Flag("verbose", ("--verbose", "-v"), "more messages; twice: all", Shape.COUNT),
        Flag("debug", ("--debug",), "tracebacks, and a log file"),
        Flag("no_input", ("--no-input",), "never ask; automatic where nobody can answer"),
    ),
)

_ALL: Final = Flag("everything", ("--all",), "the whole project")

SCOPE: Final = FlagGroup(
    "Scope",
    (
        _ALL,
        Flag("only", ("--only",), "only this resource, patterns allowed", Shape.MANY, "RESOURCE"),
        Flag("excluded", ("--except",), "leave out, with what needs it", Shape.MANY, "RESOURCE"),
        Flag("replaced", ("--replace",), "make anew", Shape.MANY, "RESOURCE"),
        Flag("refresh", ("--refresh",), "look at the world first"),
    ),
)

LOOK: Final = FlagGroup(
    "Look",
    (
        Flag("show_same", ("--show-same",), "also what does not change"),
        _FULL,
        _URNS,
    ),
)

EXPECT: Final = Flag(
    "expect_no_changes", ("--expect-no-changes",), "exit 7 when there is something to change"
)
PARALLEL: Final = Flag("parallel", ("--parallel", "-p"), "steps at once", Shape.NUMBER, "N")
TIMEOUT: Final = Flag("timeout", ("--timeout",), "stop after 90, 90s, 10m or 1h", Shape.TEXT, "T")

DRIFT: Final = FlagGroup(
    "Compare", (Flag("drift", ("--drift",), "state with the world, in the place of the program"),)
)

PREVIEW: Final = FlagGroup("Operation", (EXPECT, PARALLEL, TIMEOUT))
SAVE: Final = FlagGroup(
    "Plan",
    (Flag("save_plan", ("--save-plan",), "keep it for `up --plan`", Shape.TEXT, "FILE"),),
)
PLAN: Final = FlagGroup(
    "Plan",
    (
        Flag(
            "plan",
            ("--plan",),
            "do what `preview --save-plan` saved, without asking, and nothing else",
            Shape.TEXT,
            "FILE",
        ),
    ),
)

APPLY: Final = FlagGroup(
    "Operation",
    (
        Flag("yes", ("--yes", "-y"), "do it without asking"),
        EXPECT,
        PARALLEL,
        Flag(
            "continue_on_error",
            ("--continue-on-error",),
            "go on with what does not depend on a failure",
        ),
        Flag("message", ("--message", "-m"), "note for the history", Shape.TEXT, "TEXT"),
        TIMEOUT,
    ),
)

_PARAMETERS: Final = Flag(
    "parameters", ("--param", "-p"), "parameter of the flow", Shape.MANY, "NAME=VALUE"
)

RUN: Final = FlagGroup(
    "Run",
    (
        _PARAMETERS,
        Flag("no_follow", ("--no-follow",), "start it and leave"),
    ),
)

DEV: Final = FlagGroup(
    "Run",
    (
        _PARAMETERS,
        Flag("no_run", ("--no-run",), "bring it up only, start no runs"),
    ),
)

GRAPH: Final = FlagGroup(
    "Look",
    (
        Flag("format", ("--format",), "how to draw it [text]", Shape.TEXT, "text|mermaid|dot"),
        Flag("of", ("--of",), "what this needs, and what needs it", Shape.TEXT, "RESOURCE"),
        Flag("depth", ("--depth",), "with --of: so many steps [all]", Shape.NUMBER, "N"),
    ),
)

LOGS: Final = FlagGroup(
    "Logs",
    (
        Flag("source", ("--of",), "whose [run]", Shape.TEXT, "run|worker|server"),
        Flag("lines", ("--lines", "-n"), "the last N lines [all of a run, 100]", Shape.NUMBER, "N"),
        Flag("since", ("--since",), "of a run, not older than 90s, 10m or 1h", Shape.TEXT, "T"),
        Flag("follow", ("--follow", "-f"), "go on with what comes, until Ctrl-C or the end"),
    ),
)

PAST: Final = FlagGroup("Look", (Flag("full", ("--full",), "all operations, not the last 20"),))

LEAVE: Final = FlagGroup(
    "Leave",
    (Flag("forget_stack", ("--forget-stack",), "the empty stack goes, too, with its history"),),
)

ANSWER: Final = FlagGroup("Operation", (Flag("yes", ("--yes", "-y"), "do it without asking"),))
EDIT: Final = FlagGroup(
    "State",
    (
        Flag("force", ("--force",), "also what is protected; import without a check"),
        Flag("with_dependents", ("--with-dependents",), "forget what depends on it as well"),
        Flag("file", ("--file",), "export into this file", Shape.TEXT, "PATH"),
        Flag("show_secrets", ("--show-secrets",), "export secrets in clear"),
        _URNS,
    ),
)

BEGIN: Final = FlagGroup(
    "Beginning",
    (
        Flag("yes", ("--yes", "-y"), "do it without asking"),
        Flag("origin", ("--from",), "write builders for this prefect.yaml", Shape.TEXT, "FILE"),
    ),
)

SHOW: Final = FlagGroup("Look", (_FULL, _URNS))
OFFLINE: Final = FlagGroup(
    "Checks", (Flag("offline", ("--offline",), "skip what leaves this machine"),)
)
