"""
The entry point: reads the command line, runs one command, turns whatever comes of it into a number.

The only place that turns errors into exit codes. Version and completion are answered before typer
is loaded; commands are imported when they are used.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

from meta_prefect.cli.early import answer_early
from meta_prefect.cli.table import find_command, list_value_flags
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

if TYPE_CHECKING:
    from meta_prefect.cli.context import Context
    from meta_prefect.cli.options import Call
    from meta_prefect.project.project import Project
    from meta_prefect.project.settings import ProjectSettings


def main() -> NoReturn:
    """Run the command line of this process."""
    try:
        if answer_early(sys.argv[1:], sys.stdout):
            sys.exit(ExitCode.OK)
        code = run(sys.argv[1:], build_context(os.environ))
    except KeyboardInterrupt:  # while an interruption was being told, or nothing had begun
        code = int(ExitCode.CANCELLED)
    leave(code)


def run(arguments: Sequence[str], context: Context) -> int:
    """Run a command line; gives the exit code and raises nothing."""
    words = put_verb_first(arguments)
    try:
        return int(_run(words, context))
    except KeyboardInterrupt:
        context.terminal.stderr.write("\nInterrupted.\n")
        return int(ExitCode.CANCELLED)
    except BrokenPipeError:
        _close_stdout()
        return int(ExitCode.OK)
    except Exception as error:  # noqa: BLE001 - the last place where a bug can be told as one
        return int(_complain(words, context, error))


def put_verb_first(arguments: Sequence[str]) -> list[str]:
    """Move flags that stand before the verb behind it, so that they may stand anywhere."""
    values = list_value_flags()
    index = 0
    while index < len(arguments) and arguments[index].startswith("-"):
        index += 2 if arguments[index] in values else 1
    if index >= len(arguments):
        return list(arguments)
    return [arguments[index], *arguments[:index], *arguments[index + 1 :]]


def build_context(environment: Mapping[str, str]) -> Context:
    """Make the context of this process: its own streams, the real project."""
    from meta_prefect.cli.context import Context
    from meta_prefect.cli.terminal import Terminal

    terminal = Terminal(sys.stdin, sys.stdout, sys.stderr, environment)
    return Context(terminal, environment, _build_project)


def _run(words: Sequence[str], context: Context) -> ExitCode:
    from meta_prefect.cli.parser import parse

    call = parse(words)
    if call is None:
        return ExitCode.OK
    command = find_command(call.verb)
    assert command is not None
    _check_files(call)
    module = import_module(f"meta_prefect.cli.commands.{command.module}")
    code: ExitCode = module.run(call, context)
    return code


def _check_files(call: Call) -> None:
    """Make sure that what is to be told can be written, before there is something to tell."""
    from meta_prefect.cli.views.documents import check_file

    flags = call.everywhere
    for path in (flags.json_file, flags.summary_file, call.operating.save_plan):
        check_file(path)


def _complain(words: Sequence[str], context: Context, error: Exception) -> ExitCode:
    """Show an error, the user's or ours, and give its code."""
    from meta_prefect.cli.errors import ErrorStyle, show_bug, show_error

    style = ErrorStyle.read(words)
    if isinstance(error, MetaPrefectError):
        show_error(context.terminal, style, error)
        return error.exit_code
    show_bug(context.terminal, style, error)
    return ExitCode.BUG


def _build_project(settings: ProjectSettings, environment: Mapping[str, str]) -> Project:
    from meta_prefect.project.wiring import build_project

    return build_project(settings, environment)


def leave(code: int) -> NoReturn:
    """End with a code; an interruption on the way out does not change it."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(code))
    sys.exit(code)


def _close_stdout() -> None:
    """Send what is left to nowhere: whoever read it has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
