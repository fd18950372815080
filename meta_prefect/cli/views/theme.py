"""
The theme: signs of changes with their words, colours, and the glyphs of the two character sets.

Colour is never the only sign: each change has a symbol, and a word in plain lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Style(Enum):
    """How a piece of text looks; the value is the terminal's code (SGR)."""

    PLAIN = ""
    BOLD = "1"
    DIM = "2"
    RED = "31"
    GREEN = "32"
    YELLOW = "33"
    BLUE = "34"
    MAGENTA = "35"
    CYAN = "36"


class Sign(Enum):
    """
    What happens to a resource, as people see it: the word and what it became.

    The two halves of a replacement are one sign.
    """

    CREATE = ("create", "created", "creating", Style.GREEN)
    CHANGE = ("change", "changed", "changing", Style.YELLOW)
    REPLACE = ("replace", "replaced", "replacing", Style.MAGENTA)
    DELETE = ("delete", "deleted", "deleting", Style.RED)
    IMPORT = ("import", "imported", "importing", Style.GREEN)
    FORGET = ("forget", "forgotten", "forgetting", Style.RED)
    DRIFT = ("drift", "state updated", "reading", Style.CYAN)
    READ = ("read", "read", "reading", Style.BLUE)
    SAME = ("same", "same", "checking", Style.DIM)

    @property
    def word(self) -> str:
        """What is to be done."""
        return self.value[0]

    @property
    def done(self) -> str:
        """What was done."""
        return self.value[1]

    @property
    def doing(self) -> str:
        """What is being done."""
        return self.value[2]

    @property
    def style(self) -> Style:
        """Its colour."""
        return self.value[3]

    @property
    def is_change(self) -> bool:
        """Whether it is work; reading and leaving alone is none."""
        return self not in (Sign.READ, Sign.SAME)


@dataclass(frozen=True, slots=True)
class Glyphs:
    """
    Symbols of one character set.

    spinner: frames of a turning sign.
    """

    signs: dict[Sign, str]
    failed: str
    waiting: str
    branch: str
    last: str
    trunk: str
    arrow: str
    dot: str
    ellipsis: str
    spinner: str


_COMMON_SIGNS: Final = {
    Sign.CREATE: "+",
    Sign.CHANGE: "~",
    Sign.DELETE: "-",
    Sign.IMPORT: "+",
    Sign.FORGET: "-",
    Sign.DRIFT: "!",
    Sign.SAME: "=",
}

UNICODE: Final = Glyphs(
    signs={**_COMMON_SIGNS, Sign.REPLACE: "±", Sign.READ: "←"},
    failed="x",
    waiting="·",
    branch="├─ ",
    last="└─ ",
    trunk="│  ",
    arrow="→",
    dot="·",
    ellipsis="…",
    spinner="⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏",
)
ASCII: Final = Glyphs(
    signs={**_COMMON_SIGNS, Sign.REPLACE: "+-", Sign.READ: "<"},
    failed="x",
    waiting=".",
    branch="|- ",
    last="`- ",
    trunk="|  ",
    arrow="->",
    dot="-",
    ellipsis="...",
    spinner="|/-\\",
)
