"""
The table of commands: names, panels, help texts and flags.

Help and completion are made from it alone, so they import no command. A command's module is
`meta_prefect.cli.commands.MODULE` with one function `run(call, context)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from meta_prefect.cli.flags import (
    ANSWER,
    APPLY,
    BEGIN,
    DEV,
    DRIFT,
    EDIT,
    EVERYWHERE,
    GRAPH,
    LEAVE,
    LOGS,
    LOOK,
    OFFLINE,
    PAST,
    PLAN,
    PREVIEW,
    RUN,
    SAVE,
    SCOPE,
    SHOW,
    FlagGroup,
)

PROGRAM: Final = "meta-prefect"
SHELLS: Final = ("bash", "zsh", "fish")


@dataclass(frozen=True, slots=True)
class Words:
    """
    What a command takes besides flags.

    most: how many words at most; None is any number.
    choices: what the first may be; empty when anything will do.
    """

    metavar: str
    most: int | None = None
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """
    One verb.

    panel: heading in the list of commands.
    help: one line, for the list; details: a second paragraph for the command's own help.
    module: its file in `commands`.
    """

    name: str
    panel: str
    help: str
    module: str
    words: Words | None = None
    groups: tuple[FlagGroup, ...] = ()
    alias: str = ""
    details: str = ""

    @property
    def all_groups(self) -> tuple[FlagGroup, ...]:
        """The command's own flags, then those of all commands."""
        return (*self.groups, EVERYWHERE)


_FLOWS: Final = Words("[FLOW]...")
_INSTALL: Final = Words("install", most=1, required=True, choices=("install",))
_FLOW_HELP: Final = (
    "FLOW is a flow's name (my_flow), one of its deployments (my_flow/nightly) or"
    " file.py:my_flow; several may be given."
)

COMMANDS: Final = (
    Command(
        "up",
        "Change",
        "preview, ask, create or change everything the flow needs",
        "up",
        _FLOWS,
        (SCOPE, PLAN, APPLY, LOOK),
        "deploy",
        _FLOW_HELP,
    ),
    Command(
        "destroy",
        "Change",
        "preview, ask for the name, delete what the flow owns",
        "destroy",
        _FLOWS,
        (SCOPE, LEAVE, APPLY, LOOK),
        details=_FLOW_HELP,
    ),
    Command(
        "import",
        "Change",
        "bring a flow up, taking over an object that exists",
        "import_",
        Words("FLOW RESOURCE ID", most=3, required=True),
        (APPLY, LOOK),
        details="RESOURCE as `preview` prints it; ID or name as Prefect knows the object.",
    ),
    Command(
        "refresh",
        "Change",
        "write the world's truth into state",
        "refresh",
        _FLOWS,
        (SCOPE, APPLY, LOOK),
        details=_FLOW_HELP,
    ),
    Command(
        "preview",
        "Look",
        "what `up` would do; changes nothing",
        "preview",
        _FLOWS,
        (SCOPE, SAVE, PREVIEW, LOOK),
        "pre",
        f"{_FLOW_HELP} Without one, the whole project.",
    ),
    Command(
        "diff",
        "Look",
        "differences of program and state, or of state and world",
        "diff",
        _FLOWS,
        (SCOPE, DRIFT, PREVIEW, LOOK),
        details=f"{_FLOW_HELP} Without one, the whole project.",
    ),
    Command("ls", "Look", "flows found, and which are up", "ls"),
    Command(
        "show",
        "Look",
        "resources of the stack or of one flow",
        "show",
        Words("[FLOW]", most=1),
        (SHOW,),
    ),
    Command(
        "graph",
        "Look",
        "what needs what, of the stack or of one flow",
        "graph",
        Words("[FLOW]", most=1),
        (GRAPH,),
    ),
    Command("history", "Look", "past operations on the stack", "history", None, (PAST,)),
    Command(
        "run",
        "Work",
        "start a run of the deployment, follow it, print its result",
        "run",
        Words("[FLOW]", most=1),
        (RUN,),
    ),
    Command(
        "dev",
        "Work",
        "bring a flow up and run it, again at every change of a file",
        "dev",
        Words("[FLOW]", most=1),
        (DEV,),
    ),
    Command(
        "logs",
        "Work",
        "what the last run logged, or the worker, or the server",
        "logs",
        Words("[FLOW]", most=1),
        (LOGS,),
    ),
    Command(
        "open", "Work", "the deployment's page in the Prefect UI", "open", Words("[FLOW]", most=1)
    ),
    Command(
        "state",
        "Set up",
        "look at stored state, edit it by hand",
        "state",
        Words(
            "export|import FILE|ls|forget RESOURCE|repair",
            most=2,
            required=True,
            choices=("export", "import", "ls", "forget", "repair"),
        ),
        (EDIT,),
        details="RESOURCE: as `show` prints it, or a URN. Nothing in the world is touched.",
    ),
    Command(
        "unlock",
        "Set up",
        "show who holds the stack's lock, ask, take it away",
        "unlock",
        None,
        (ANSWER,),
    ),
    Command(
        "init",
        "Set up",
        "smallest project, or builders in place of a prefect.yaml",
        "init",
        Words("[FLOW]", most=1),
        (BEGIN,),
        details="With FLOW, a deployer is put above it. With --from FILE, each of its deployments"
        " becomes builders above its flow, and what is deployed already is taken over.",
    ),
    Command("doctor", "Set up", "checks, each with a cure; read only", "doctor", None, (OFFLINE,)),
    Command(
        "explain",
        "Set up",
        "the long text of an error code, or the help of a builder",
        "explain",
        Words("[CODE or BUILDER]", most=1),
        details="BUILDER as in a flow file (cron), or one of your own (my_package.deployers.team)."
        " Without one, all codes with a line each.",
    ),
    Command(
        "engine",
        "Set up",
        "install Pulumi's own engine, after asking",
        "engine",
        _INSTALL,
        (ANSWER,),
        details="State in a folder needs none: without it, the embedded engine does the same.",
    ),
    Command(
        "plugin",
        "Set up",
        "put the Prefect provider where plain `pulumi` finds it",
        "plugin",
        _INSTALL,
        details="Needed only where the environment's `bin` is not on PATH when `pulumi` runs.",
    ),
    Command(
        "completion",
        "Set up",
        "print the completion script of a shell",
        "completion",
        Words("bash|zsh|fish", most=1, required=True, choices=SHELLS),
        details='To use it: eval "$(meta-prefect completion bash)"',
    ),
    Command("version", "Set up", "versions of meta-prefect and what it works with", "version"),
)

_BY_NAME: Final = {name: item for item in COMMANDS for name in (item.name, item.alias) if name}


def find_command(name: str) -> Command | None:
    """Find a command by its name or alias."""
    return _BY_NAME.get(name)


def suggest_commands(name: str) -> list[str]:
    """Give names that a mistyped one may mean, the nearest first."""
    return get_close_matches(name, _BY_NAME, n=2, cutoff=0.5)


def list_value_flags() -> frozenset[str]:
    """Give the names of all flags that take the next word."""
    return frozenset(
        name
        for command in COMMANDS
        for group in command.all_groups
        for flag in group.flags
        if flag.shape.takes_value
        for name in flag.names
    )
