"""How somebody likes what is shown: colours, loudness, detail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from meta_prefect.cli.options import Call
from meta_prefect.cli.terminal import Terminal
from meta_prefect.cli.views.tree import Layout
from meta_prefect.interfaces.diagnostics import Severity

_LOUDNESS: Final = {Severity.WARNING: 0, Severity.INFO: 1, Severity.DEBUG: 2}


@dataclass(frozen=True, slots=True)
class Taste:
    """
    How somebody likes it.

    color: `auto`, `always` or `never`.
    """

    color: str = "auto"
    quiet: bool = False
    verbose: int = 0
    show_same: bool = False
    urns: bool = False
    full: bool = False

    def layout(self, terminal: Terminal, width: int = 0) -> Layout:
        """Give the measures of a tree; `width` where it is not the terminal's."""
        return Layout(width or terminal.width, terminal.glyphs, self.show_same, self.urns)

    def wants(self, severity: Severity) -> bool:
        """Say whether a message is shown in passing; errors come with the report."""
        return not self.quiet and _LOUDNESS.get(severity, 9) <= self.verbose


def read_taste(call: Call) -> Taste:
    """Take what a command line says about looks."""
    flags, looking = call.everywhere, call.looking
    return Taste(
        flags.color, flags.quiet, flags.verbose, looking.show_same, looking.urns, looking.full
    )
