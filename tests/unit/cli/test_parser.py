import pytest

from meta_prefect.cli.parser import parse
from meta_prefect.cli.table import COMMANDS
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError


def test_a_whole_command_line():
    """Flags, repeated flags, counted flags and several flows are read."""
    call = parse(
        ["up", "a", "-s", "dev", "b", "--only", "x", "--only", "y", "-vv", "-p", "3", "-y"]
    )

    assert call.words == ("a", "b")
    assert call.everywhere.stack == "dev"
    assert call.everywhere.verbose == 2
    assert call.operating.only == ("x", "y")
    assert call.operating.parallel == 3
    assert call.operating.yes


def test_an_alias_is_its_command():
    """Whatever name was typed, the call carries the command's own."""
    assert parse(["deploy", "my_flow"]).verb == "up"


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        (["upp"], "MP1306", "did you mean up"),
        (["up", "--yess"], "MP1301", "--yes"),
        (["up", "--engine", "steam"], "MP1301", "auto, pulumi, embedded"),
        (["up", "--parallel", "many"], "MP1301", "--parallel"),
        (["up", "--parallel", "0"], "MP1301", "--parallel"),
        (["up", "--stack"], "MP1301", "--stack"),
        (["show", "a", "b"], "MP1301", "a, b"),
        (["completion"], "MP1301", "bash"),
        (["--json"], "MP1301", "without a command"),
        (["ls", "what"], "MP1301", "it takes none, given: what"),
        (["engine", "remove"], "MP1320", "known: install"),
        (["completion", "tcsh"], "MP1320", "bash, zsh, fish"),
        (["up", "--drift"], "MP1301", "up has no flag --drift"),
    ],
)
def test_mistakes(words, code, part):
    """A mistake names what was typed, exits 2, and says where help is."""
    with pytest.raises(MetaPrefectError, match=code) as caught:
        parse(words)

    diagnostic = caught.value.diagnostic
    assert part in f"{diagnostic.summary} {diagnostic.why}"
    assert "--help" in diagnostic.fixes[0]
    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_of_a_command_shows_all_its_flags(command, capsys):
    """Every flag of the table is in the help, under its group."""
    assert parse([command.name, "--help"]) is None

    shown = capsys.readouterr().out
    for group in command.all_groups:
        assert f"{group.title}:" in shown
        for flag in group.flags:
            assert flag.names[0] in shown


def test_help_lists_commands_by_panel(capsys):
    """The program's help names every command once, with its alias."""
    assert parse([]) is None

    shown = capsys.readouterr().out
    assert [shown.count(f"  {command.help}") for command in COMMANDS] == [1] * len(COMMANDS)
    assert shown.index("Change:") < shown.index("Look:") < shown.index("Set up:")
    assert "up, deploy" in shown
