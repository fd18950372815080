"""
Completions: what may stand where a person types, for a shell that waits at every key.

Answers from the table of commands and from file names; nothing heavy may be imported here, and no
file of a user is run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from meta_prefect.cli.flags import Flag
from meta_prefect.cli.table import COMMANDS, Command, find_command
from meta_prefect.interfaces.diagnostics import MetaPrefectError

if TYPE_CHECKING:
    from meta_prefect.project.settings import ProjectSettings


def list_completions(typed: Sequence[str]) -> list[str]:
    """
    Give the words that may stand in the place of the last typed one.

    typed: the words behind the program's name; the last may be empty.
    """
    *before, start = typed or [""]
    command = next((found for word in before if (found := find_command(word))), None)
    flag = _find_flag(command, before[-1]) if before else None
    if flag is not None and flag.shape.takes_value:
        candidates = flag.choices or _VALUES.get(flag.field, _no_values)()
    elif command is None:
        candidates = [command.name for command in COMMANDS]
    elif start.startswith("-"):
        candidates = [name for found in _list_flags(command) for name in found.names]
    else:
        candidates = _list_words(command, [word for word in before if not word.startswith("-")])
    return [word for word in candidates if word.startswith(start)]


def _list_flags(command: Command | None) -> list[Flag]:
    """Give a command's flags, or those of all when it is not known yet."""
    groups = [group for item in ([command] if command else COMMANDS) for group in item.all_groups]
    return [flag for group in groups for flag in group.flags]


def _find_flag(command: Command | None, name: str) -> Flag | None:
    return next((flag for flag in _list_flags(command) if name in flag.names), None)


def _list_words(command: Command, before: Sequence[str]) -> Iterable[str]:
    words = command.words
    if words is None:
        return ()
    if words.choices:
        return words.choices if before[-1] in (command.name, command.alias) else ()
    if command.name == "explain":
        return _list_explained()
    return _list_flows() if "FLOW" in words.metavar else ()


def _list_explained() -> Iterable[str]:
    from meta_prefect.cli.explanations import EXPLANATIONS

    return EXPLANATIONS


def _list_flows() -> Iterable[str]:
    from meta_prefect.project.discovery import discover_flows

    settings = _read_settings()
    if settings is None:
        return ()
    return [site.name for site in discover_flows(settings.root, settings.excludes).sites]


def _list_stacks() -> Iterable[str]:
    """Give the stacks of state that lies in a folder."""
    from meta_prefect.engine.state.location import find_root, list_stack_names

    settings = _read_settings()
    if settings is None or not settings.backend_url.startswith("file://"):
        return ()
    return list_stack_names(find_root(settings.backend_url), settings.project)


def _read_settings() -> ProjectSettings | None:
    from meta_prefect.project.settings import read_settings

    try:
        return read_settings(Path(), {}, os.environ)
    except MetaPrefectError:
        return None


def _no_values() -> Iterable[str]:
    return ()


_VALUES: Final[Mapping[str, Callable[[], Iterable[str]]]] = {"stack": _list_stacks}
