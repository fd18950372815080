"""`dev`, with commands and a project's files that only pretend."""

import pytest

from meta_prefect.cli.commands.dev import Rounds, run_command
from meta_prefect.cli.main import run
from meta_prefect.cli.parser import parse
from meta_prefect.interfaces.diagnostics import ExitCode
from tests.support.fake_project import FakeProject, build_screen


class Workshop:
    """Remembers commands; `codes` are theirs in turn, `changes` what each look finds."""

    def __init__(self, codes, changes=()):
        self.codes = list(codes)
        self.changes = list(changes)
        self.commands = []
        self.naps = 0

    def command(self, words):
        self.commands.append(words)
        return self.codes.pop(0)

    def find_changes(self):
        return self.changes.pop(0) if self.changes else ()

    def sleep(self, _seconds):
        self.naps += 1
        if not self.changes:
            raise KeyboardInterrupt

    def go(self, *words):
        screen = build_screen(FakeProject())
        rounds = Rounds(
            parse(["dev", *words]), screen.context, self.command, self.find_changes, self.sleep
        )
        return rounds.go(), screen.err


def test_a_change_begins_a_new_round():
    """Bring up, run, wait; files that change in one go make one round more."""
    shop = Workshop([0, 0, 0, 0], [(), ("a.py",), ("b.py",), ()])

    code, told = shop.go("my_flow", "-p", "x=1")

    assert code == ExitCode.OK
    up, run = ["up", "my_flow", "--yes"], ["run", "my_flow", "-p", "x=1"]
    assert shop.commands == [up, run, up, run]
    assert "changed  a.py, b.py" in told
    assert "meta-prefect destroy my_flow" in told


def test_what_fails_waits_for_the_next_change():
    """A flow that does not come up is not run, and mended it is."""
    shop = Workshop([ExitCode.USAGE, 0, 0], [("a.py",), ()])

    shop.go("my_flow")

    assert [words[0] for words in shop.commands] == ["up", "up", "run"]


def test_an_interruption_ends_it():
    """Ctrl-C in a command ends the command and the rounds, without another wait."""
    shop = Workshop([None])

    code, told = shop.go("my_flow")

    assert (code, shop.naps) == (ExitCode.OK, 0)
    assert "what is up stays" in told


def test_flags_reach_every_command():
    """Stack, engine and looks are those that were asked for; `--no-run` leaves runs out."""
    shop = Workshop([0])

    shop.go("my_flow", "--no-run", "-s", "test", "--engine", "embedded", "-vv", "--plain")

    (up,) = shop.commands
    assert up[3:] == [
        "--stack",
        "test",
        "--engine",
        "embedded",
        "--plain",
        "--verbose",
        "--verbose",
    ]


def test_a_command_is_one_of_ours():
    """It runs in a process of its own and gives its code."""
    assert run_command(["explain", "MP0"]) == ExitCode.USAGE
    assert run_command(["completion", "bash", "--quiet"]) == ExitCode.OK


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["dev"], "MP1308"),
        (["dev", "my_flow", "--json"], "MP1312"),
        (["dev", "my_flow", "-p", "x"], "MP1305"),
    ],
)
def test_what_dev_cannot_do(words, error):
    """Without a flow, as one document, with half a parameter: said before anything is done."""
    screen = build_screen(FakeProject())

    code = run(words, screen.context)

    assert code == ExitCode.USAGE
    assert error in screen.err
