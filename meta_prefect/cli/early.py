"""
Answers that come before typer is loaded: versions, completion scripts, completion itself.

A shell waits for these at every key, so that nothing heavy may be imported here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TextIO

from meta_prefect.cli.table import COMMANDS, SHELLS, Command, find_command

_PACKAGES: Final = ("meta-prefect", "prefect", "pulumi")
_COMPLETE: Final = "__complete"
_LABEL_WIDTH: Final = 16

_SCRIPTS: Final = {
    "bash": """\
_meta_prefect() {
    local IFS=$'\n'
    COMPREPLY=($(meta-prefect __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _meta_prefect meta-prefect
""",
    "zsh": """\
#compdef meta-prefect
_meta_prefect() {
    local -a found
    found=("${(@f)$(meta-prefect __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    compadd -a found
}
compdef _meta_prefect meta-prefect
""",
    "fish": """\
function __meta_prefect
    set -l typed (commandline -opc) (commandline -ct)
    meta-prefect __complete $typed[2..] 2>/dev/null
end
complete -c meta-prefect -f -a '(__meta_prefect)'
""",
}


def answer_early(words: Sequence[str], stdout: TextIO) -> bool:
    """Answer what needs no parser; says whether it did."""
    match words:
        case ["version"] | ["--version"] | ["-V"]:
            write_versions(stdout)
        case ["completion", shell] if shell in SHELLS:
            stdout.write(_SCRIPTS[shell])
        case [first, *typed] if first == _COMPLETE:
            stdout.writelines(f"{word}\n" for word in list_completions(typed))
        case _:
            return False
    return True


def write_versions(stdout: TextIO, *, as_json: bool = False) -> None:
    """Write the versions of everything that takes part."""
    versions = _find_versions()
    if as_json:
        json.dump({"schema": "meta-prefect.versions.v1", "versions": versions}, stdout, indent=2)
        stdout.write("\n")
        return
    stdout.writelines(
        f"{name.ljust(_LABEL_WIDTH)}{version}\n" for name, version in versions.items()
    )


def list_completions(typed: Sequence[str]) -> list[str]:
    """
    Give the words that may stand in the place of the last typed one.

    typed: the words behind the program's name; the last may be empty.
    """
    *before, start = typed or [""]
    command = next((found for word in before if (found := find_command(word))), None)
    if command is None:
        candidates = [command.name for command in COMMANDS]
    elif start.startswith("-"):
        candidates = [name for group in command.all_groups for f in group.flags for name in f.names]
    else:
        candidates = _list_words(command)
    return [word for word in candidates if word.startswith(start)]


def _list_words(command: Command) -> list[str]:
    if command.name == "completion":
        return list(SHELLS)
    if command.words is None or "FLOW" not in command.words.metavar:
        return []
    from meta_prefect.interfaces.diagnostics import MetaPrefectError
    from meta_prefect.project.discovery import discover_flows
    from meta_prefect.project.settings import read_settings

    try:
        settings = read_settings(Path(), {}, {})
    except MetaPrefectError:
        return []
    return [site.name for site in discover_flows(settings.root, settings.excludes).sites]


def _find_versions() -> dict[str, str]:
    import shutil
    from importlib.metadata import PackageNotFoundError, version

    versions = {}
    for name in _PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    versions["pulumi engine"] = shutil.which("pulumi") or "not on PATH, the embedded one is used"
    versions["python"] = ".".join(map(str, sys.version_info[:3]))
    return versions
