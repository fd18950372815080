"""
Wrong use: a command line that cannot be read, as errors with what was meant.

Pure. Knows the table of commands and typer's exceptions. Not to be confused with `errors`, which
shows whatever error there is.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from meta_prefect.cli.options import Call
from meta_prefect.cli.table import PROGRAM, Command, Words, find_command, suggest_commands
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

if TYPE_CHECKING:
    import typer


_NONE: Final = Words("none", most=0)


def build_misuse(
    summary: str, why: str = "", path: str = PROGRAM, code: str = "MP1301"
) -> MetaPrefectError:
    """Say that a command line is wrong; `path` is the command whose help tells more."""
    fixes = (f"{path} --help",)
    return MetaPrefectError(code, summary, why=why, fixes=fixes, exit_code=ExitCode.USAGE)


def explain_refusal(error: typer.TyperException, verb: str) -> MetaPrefectError:
    """Say in our words why typer refuses a command line of a verb."""
    command = find_command(verb)
    path = f"{PROGRAM} {verb}" if command is not None else PROGRAM
    option = getattr(error, "option_name", "")
    if command is not None and option and "possibilities" in vars(error):
        return build_misuse(f"{verb} has no flag {option}", _guess_flag(command, option), path)
    message = error.format_message().rstrip(".")
    return build_misuse(message[:1].lower() + message[1:], path=path)


def build_unknown_command(name: str) -> MetaPrefectError:
    """Say that there is no such verb."""
    return build_misuse(
        f"there is no command {name}", _say_near(suggest_commands(name)), code="MP1306"
    )


def check_words(call: Call) -> None:
    """
    Make sure that a command got words that it takes, and as many.

    Raises:
        MetaPrefectError: MP1301 or MP1320.
    """
    command = find_command(call.verb)
    words = (command.words if command is not None else None) or _NONE
    path = f"{PROGRAM} {call.verb}"
    if words.required and not call.words:
        raise build_misuse(f"{call.verb} needs {words.metavar}", path=path)
    if words.choices and call.words[0] not in words.choices:
        raise _unknown_choice(call, words)
    if words.most is not None and len(call.words) > words.most:
        why = f"it takes {words.metavar}, given: {', '.join(call.words)}"
        raise build_misuse(f"too many words for {call.verb}", why, path)


def _unknown_choice(call: Call, words: Words) -> MetaPrefectError:
    return build_misuse(
        f"there is no `{call.verb} {call.words[0]}`",
        f"known: {', '.join(words.choices)}",
        f"{PROGRAM} {call.verb}",
        "MP1320",
    )


def _guess_flag(command: Command, option: str) -> str:
    names = [name for group in command.all_groups for flag in group.flags for name in flag.names]
    return _say_near(get_close_matches(option, names, n=2, cutoff=0.7))


def _say_near(names: list[str]) -> str:
    return f"did you mean {' or '.join(names)}?" if names else ""
