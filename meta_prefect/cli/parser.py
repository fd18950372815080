"""
The parser: from the table of commands to a typer application that gives a `Call`.

Typer only reads the command line and writes help; commands run after it, in `main`, so that errors
and interruptions never pass through it. A command's parser is built when it is asked for.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from meta_prefect.cli.flags import Flag, Shape
from meta_prefect.cli.misuse import (
    build_misuse,
    build_unknown_command,
    check_words,
    explain_refusal,
)
from meta_prefect.cli.options import Call, build_call
from meta_prefect.cli.table import COMMANDS, PROGRAM, Command, find_command

_ABOUT: Final = (
    "Experts write Prefect deployers once; everyone else types `meta-prefect up my_flow`."
)
_HELP_FLAGS: Final = ("-h", "--help")
_HELP_NAMES: Final = {"help_option_names": list(_HELP_FLAGS)}
_TYPES: Final[Mapping[Shape, Any]] = {
    Shape.SWITCH: bool,
    Shape.COUNT: int,
    Shape.TEXT: str | None,
    Shape.NUMBER: int | None,
    Shape.MANY: list[str] | None,
}
_DEFAULTS: Final[Mapping[Shape, Any]] = {Shape.SWITCH: False, Shape.COUNT: 0}


def parse(arguments: Sequence[str]) -> Call | None:
    """
    Read a command line; None when it asked for help, which is printed.

    Raises:
        MetaPrefectError: there is no such command or flag, or a value is wrong.
    """
    if arguments and arguments[0].startswith("-") and arguments[0] not in _HELP_FLAGS:
        raise build_misuse("flags without a command")
    group = _Group(
        name=PROGRAM,
        help=_ABOUT,
        no_args_is_help=False,
        rich_markup_mode=None,
        context_settings=_HELP_NAMES,
    )
    try:
        call = group.main(list(arguments) or ["--help"], PROGRAM, standalone_mode=False)
    except typer.TyperException as error:
        raise explain_refusal(error, arguments[0]) from error
    if not isinstance(call, Call):
        return None
    check_words(call)
    return call


class _Group(TyperGroup):
    """The program itself: commands come from the table, one at a time."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        del ctx
        return ["COMMAND", "[FLAGS]", "[FLOW]..."]

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        del ctx
        return [command.name for command in COMMANDS]

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]
        del ctx
        command = find_command(cmd_name)
        if command is None:
            raise build_unknown_command(cmd_name)
        return build_parser(command)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the commands by panel; flags are in each command's own help."""
        del ctx
        for panel in dict.fromkeys(command.panel for command in COMMANDS):
            rows = [
                (_title(command), command.help) for command in COMMANDS if command.panel == panel
            ]
            with formatter.section(panel):
                formatter.write_dl([(name.ljust(_WIDEST), text) for name, text in rows])
        formatter.write_paragraph()
        formatter.write_text(f"Flags of a command: {PROGRAM} COMMAND --help")


class _Parser(TyperCommand):
    """One command's parser; help shows its flags under the titles of the table."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        del ctx
        command = find_command(str(self.name))
        return ["[FLAGS]", *([command.words.metavar] if command and command.words else [])]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the flags, group by group."""
        records = {item.name: item.get_help_record(ctx) for item in self.get_params(ctx)}
        command = find_command(str(self.name))
        for group in command.all_groups if command else ():
            rows = [records[flag.field] for flag in group.flags]
            with formatter.section(group.title):
                formatter.write_dl([row for row in rows if row])


def build_parser(command: Command) -> Any:
    """Make the parser of one command."""

    def collect(**values: Any) -> Call:
        return build_call(command.name, values)

    flags = [flag for group in command.all_groups for flag in group.flags]
    parameters = [_word_parameter(), *map(_flag_parameter, flags)]
    collect.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    app = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings=_HELP_NAMES)
    help_text = "\n\n".join(part for part in (_sentence(command.help), command.details) if part)
    app.command(command.name, cls=_Parser, help=help_text)(collect)
    return typer.main.get_command(app)


def _word_parameter() -> inspect.Parameter:
    """Take any words: which are right says `check_words`."""
    argument = typer.Argument(show_default=False)
    return _parameter("words", Annotated[list[str] | None, argument], None)


def _flag_parameter(flag: Flag) -> inspect.Parameter:
    option = typer.Option(
        *flag.names,
        help=flag.help,
        metavar=flag.metavar or None,
        show_default=False,
        count=flag.shape is Shape.COUNT,
        min=1 if flag.shape is Shape.NUMBER else None,
        callback=_choice_check(flag) if flag.choices else None,
    )
    kind = _TYPES[flag.shape]
    return _parameter(flag.field, Annotated[kind, option], _DEFAULTS.get(flag.shape))


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


def _choice_check(flag: Flag) -> Any:
    def check(value: str | None) -> str | None:
        if value is not None and value not in flag.choices:
            allowed = ", ".join(flag.choices)
            raise typer.BadParameter(f"{value!r} is not one of {allowed}")
        return value

    return check


def _title(command: Command) -> str:
    return f"{command.name}, {command.alias}" if command.alias else command.name


_WIDEST: Final = max(len(_title(command)) for command in COMMANDS)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
