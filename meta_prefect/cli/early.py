"""
Answers that come before typer is loaded: versions, completion scripts, completion itself.

A shell waits for these at every key, so that nothing heavy may be imported here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Final, TextIO

from meta_prefect.cli.table import SHELLS

_PACKAGES: Final = ("meta-prefect", "prefect", "pulumi")
_COMPLETE: Final = "__complete"
_LABEL_WIDTH: Final = 16

_SCRIPTS: Final = {
    "bash": """\
_meta_prefect() {
    local IFS=$'\\n'
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
            from meta_prefect.cli.completions import list_completions

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
