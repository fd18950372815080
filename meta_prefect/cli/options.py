"""
Option records: what a parsed command line becomes, in records that commands share.

Pure. The fields are those of `flags`; the parser fills them. Not to be confused with
`project.operations.OperationOptions`, what is handed to the project.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from shlex import quote
from typing import Any, Final, TypeVar

from meta_prefect.cli.table import PROGRAM
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h)?")
_WHOLE: Final = ("preview", "diff")  # without a flow these are about the whole project
_SECONDS: Final = {None: 1, "s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True, slots=True)
class Everywhere:
    """Flags of all commands; empty texts are flags that were not given."""

    stack: str = ""
    directory: str = ""
    program: str = ""
    engine: str = ""
    profile: str = ""
    json: bool = False
    stream: bool = False
    json_file: str = ""
    summary_file: str = ""
    color: str = "auto"
    plain: bool = False
    quiet: bool = False
    verbose: int = 0
    debug: bool = False
    no_input: bool = False

    @property
    def folder(self) -> Path:
        """Where to look for the project."""
        return Path(self.directory or ".")

    @property
    def setting_flags(self) -> dict[str, str | None]:
        """The flags that are settings too, as `read_settings` takes them."""
        return {"stack": self.stack, "engine": self.engine, "profile": self.profile}


@dataclass(frozen=True, slots=True)
class Operating:
    """Flags of operations; see `flags` for each."""

    yes: bool = False
    everything: bool = False
    only: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    refresh: bool = False
    parallel: int = 0
    expect_no_changes: bool = False
    continue_on_error: bool = False
    message: str = ""
    timeout: str = ""
    save_plan: str = ""
    plan: str = ""
    forget_stack: bool = False

    @property
    def scope(self) -> tuple[str, ...]:
        """The flags that say which resources it is about, and what they are held against."""
        named = (("--only", self.only), ("--except", self.excluded), ("--replace", self.replaced))
        flags = tuple(part for name, values in named for value in values for part in (name, value))
        return (*flags, "--refresh") if self.refresh else flags

    @property
    def timeout_seconds(self) -> float:
        """
        The whole operation may take this long; 0 is for ever.

        Raises:
            MetaPrefectError: the text is no duration.
        """
        return parse_duration(self.timeout)


@dataclass(frozen=True, slots=True)
class Looking:
    """
    How much is shown.

    of: a resource, as the tree prints it; depth: steps away from it, 0: all.
    """

    show_same: bool = False
    full: bool = False
    urns: bool = False
    offline: bool = False
    format: str = "text"
    of: str = ""
    depth: int = 0
    drift: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """
    Flags of `run` and `dev`.

    parameters: as typed, `NAME=VALUE`.
    """

    parameters: tuple[str, ...] = ()
    no_follow: bool = False
    no_run: bool = False


@dataclass(frozen=True, slots=True)
class Logging:
    """
    Flags of `logs`.

    source: whose lines: `run`, `worker` or `server`.
    lines: how many of the last; 0: the usual number.
    since: a duration; empty: from the beginning.
    """

    source: str = "run"
    lines: int = 0
    since: str = ""
    follow: bool = False


@dataclass(frozen=True, slots=True)
class Editing:
    """Flags of `state`."""

    force: bool = False
    with_dependents: bool = False
    file: str = ""
    show_secrets: bool = False


@dataclass(frozen=True, slots=True)
class Beginning:
    """
    Flags of `init`.

    origin: a prefect.yaml to begin from.
    """

    origin: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """
    A parsed command line.

    verb: the command's own name, whatever alias was typed.
    words: what stands besides flags: flows, a code, a shell.
    """

    verb: str
    words: tuple[str, ...] = ()
    everywhere: Everywhere = field(default_factory=Everywhere)
    operating: Operating = field(default_factory=Operating)
    looking: Looking = field(default_factory=Looking)
    running: Running = field(default_factory=Running)
    editing: Editing = field(default_factory=Editing)
    logging: Logging = field(default_factory=Logging)
    beginning: Beginning = field(default_factory=Beginning)

    def suggest_same(self, verb: str, *flags: str) -> str:
        """Give a command to paste that is about the same resources, too."""
        whole = () if verb in _WHOLE or self.everywhere.program else ("--all",)
        words = self.words or whole
        return self.suggest(verb, *words, *self.operating.scope, *flags)

    def suggest(self, verb: str, *words: str) -> str:
        """Give a command to paste that is about the same project and stack."""
        parts = [PROGRAM, verb, *map(quote, words)]
        if self.everywhere.stack:
            parts += ["-s", self.everywhere.stack]
        if self.everywhere.directory:
            parts += ["-C", self.everywhere.directory]
        if self.everywhere.program:
            parts += ["--program", self.everywhere.program]
        return " ".join(parts)


def build_call(verb: str, values: Mapping[str, Any]) -> Call:
    """
    Sort what the parser found into records.

    values: by field; None or an empty list is a flag that was not given.
    """
    given = {key: _freeze(value) for key, value in values.items() if value not in (None, [])}
    return Call(
        verb,
        given.get("words", ()),
        _pick(Everywhere, given),
        _pick(Operating, given),
        _pick(Looking, given),
        _pick(Running, given),
        _pick(Editing, given),
        _pick(Logging, given),
        _pick(Beginning, given),
    )


def parse_duration(text: str) -> float:
    """
    Read `90`, `90s`, `10m` or `1h` as seconds; empty is 0.

    Raises:
        MetaPrefectError: it is none of these.
    """
    if not text:
        return 0.0
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise MetaPrefectError(
            "MP1304",
            f"{text!r} is no duration",
            why="a number of seconds, or a number with s, m or h",
            fixes=("10m",),
            exit_code=ExitCode.USAGE,
        )
    return float(match[1]) * _SECONDS[match[2]]


def parse_parameters(texts: tuple[str, ...]) -> dict[str, str]:
    """
    Read `NAME=VALUE` texts; the last of a name counts.

    Raises:
        MetaPrefectError: one has no `=`, or no name.
    """
    pairs = [text.partition("=") for text in texts]
    for name, sign, _ in pairs:
        if not (name and sign):
            raise MetaPrefectError(
                "MP1305",
                f"{name + sign!r} is no parameter",
                why="a parameter is given as NAME=VALUE",
                fixes=(f"-p {name or 'x'}=1",),
                exit_code=ExitCode.USAGE,
            )
    return {name: value for name, _, value in pairs}


_Record = TypeVar("_Record", Everywhere, Operating, Looking, Running, Editing, Logging, Beginning)


def _pick(record: type[_Record], given: Mapping[str, Any]) -> _Record:
    return record(**{item.name: given[item.name] for item in fields(record) if item.name in given})


def _freeze(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
