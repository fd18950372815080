"""
Narrowing: whether `--only`, `--except` and `--replace` name anything at all.

A mistyped name would narrow an operation down to nothing, or spare nothing, without a word.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from meta_prefect.cli.options import Operating
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError


def list_narrowing(flags: Operating, *, declares: bool) -> tuple[str, ...]:
    """
    Give the names that an operation on resources has to know.

    declares: a program says what there is; what is left out of it then may show nowhere.
    """
    return (*flags.only, *flags.replaced, *(() if declares else flags.excluded))


def check_narrowing(patterns: Sequence[str], names: Collection[str], look: str) -> None:
    """
    Make sure that each pattern means something.

    names: of all resources that there are. look: the command that shows them.

    Raises:
        MetaPrefectError: MP1318.
    """
    for pattern in patterns:
        if not any(_matches(name, pattern) for name in names):
            near = get_close_matches(pattern, names, n=2, cutoff=0.5)
            raise MetaPrefectError(
                "MP1318",
                f"there is no resource {pattern}",
                why=f"did you mean {' or '.join(near)}?" if near else "",
                fixes=(look,),
                exit_code=ExitCode.NOT_FOUND,
            )


def _matches(name: str, pattern: str) -> bool:
    """Say whether a pattern means a resource, or something that it is inside of."""
    return fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern}/*")
