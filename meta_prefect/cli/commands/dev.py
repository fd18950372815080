"""`dev`: bring a flow up, run it, and do so again whenever a file of the project changes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from meta_prefect.cli.commands.operation import build_flow_question
from meta_prefect.cli.context import Context
from meta_prefect.cli.options import Call, parse_parameters
from meta_prefect.cli.views.text import BLANK, Span, line
from meta_prefect.cli.views.theme import Style
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

# In a process of its own: a module that changed is imported once only.
_START: Final = (sys.executable, "-c", "from meta_prefect.cli.main import main; main()")
_POLL_SECONDS: Final = 0.5


def run(call: Call, context: Context) -> ExitCode:
    """
    Go round until somebody interrupts.

    Raises:
        MetaPrefectError: no flow is named, or `--json` is given: there is no end to write it at.
    """
    from meta_prefect.project.watching import SourceWatch

    parse_parameters(call.running.parameters)
    if not call.words:
        raise build_flow_question(call, context.open_project(call))
    if call.everywhere.json:
        raise MetaPrefectError(
            "MP1312",
            "dev and --json at once",
            why="one document cannot be written before the end",
            fixes=(call.suggest("up", *call.words, "--json"),),
            exit_code=ExitCode.USAGE,
        )
    settings = context.read_settings(call)
    watch = SourceWatch(settings.root, settings.excludes)
    rounds = Rounds(call, context, run_command, watch.find_changes, time.sleep)
    return rounds.go()


@dataclass(frozen=True, slots=True)
class Rounds:
    """
    Rounds of `up` and `run`, with a wait between them.

    command: runs a command line of ours to its end; gives its code, None when it was interrupted.
    find_changes: names files that changed since the last call. sleep: waits for some seconds.
    """

    call: Call
    context: Context
    command: Callable[[Sequence[str]], int | None]
    find_changes: Callable[[], Sequence[str]]
    sleep: Callable[[float], None]

    def go(self) -> ExitCode:
        """Go round; ends well with an interruption."""
        try:
            while self._do_round():
                self._say(", ".join(self._wait()), "changed")
        except KeyboardInterrupt:
            pass
        down = self.call.suggest("destroy", *self.call.words)
        self._say(f"what is up stays; to take it away: {down}", "\nended")
        return ExitCode.OK

    def _do_round(self) -> bool:
        """Bring up and run; says whether nobody interrupted."""
        code = self.command(self._build_up())
        if code == ExitCode.OK and not self.call.running.no_run:
            code = self.command(self._build_run())
        if code is not None:
            self.context.terminal.talk([BLANK], self.call.everywhere.color)
            self._say("for a change in the project, Ctrl-C ends", "waiting")
        return code is not None

    def _wait(self) -> Sequence[str]:
        """Wait for changes, and until no more come: editors write in several steps."""
        changed: Sequence[str] = ()
        while not changed:
            self.sleep(_POLL_SECONDS)
            changed = self.find_changes()
        while more := self.find_changes():
            changed = sorted({*changed, *more})
            self.sleep(_POLL_SECONDS)
        return changed

    def _build_up(self) -> list[str]:
        return ["up", *self.call.words, "--yes", *_pass_on(self.call)]

    def _build_run(self) -> list[str]:
        parameters = [part for text in self.call.running.parameters for part in ("-p", text)]
        return ["run", *self.call.words, *parameters, *_pass_on(self.call)]

    def _say(self, text: str, head: str) -> None:
        said = line(Span(head, Style.CYAN), f"  {text}")
        self.context.terminal.talk([said], self.call.everywhere.color)


def run_command(words: Sequence[str]) -> int | None:
    """
    Run a command line of ours; gives its code, None when it was interrupted.

    Ctrl-C reaches it, too, and it ends in its own way: nothing is taken from under it.
    """
    interrupted = False
    process = subprocess.Popen([*_START, *words])  # noqa: S603 - our own command line
    while True:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            interrupted = True
        else:
            return None if interrupted or code == ExitCode.CANCELLED else code


def _pass_on(call: Call) -> list[str]:
    """Give the flags that mean the same to each command of a round."""
    flags = call.everywhere
    named = {
        "--stack": flags.stack,
        "--dir": flags.directory,
        "--engine": flags.engine,
        "--profile": flags.profile,
        "--color": "" if flags.color == "auto" else flags.color,
    }
    switches = {"--plain": flags.plain, "--quiet": flags.quiet, "--debug": flags.debug}
    return [
        *(part for name, value in named.items() if value for part in (name, value)),
        *(name for name, given in switches.items() if given),
        *(["--verbose"] * flags.verbose),
    ]
