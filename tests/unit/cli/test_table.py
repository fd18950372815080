from dataclasses import fields

from meta_prefect.cli.options import (
    Beginning,
    Editing,
    Everywhere,
    Logging,
    Looking,
    Operating,
    Running,
)
from meta_prefect.cli.table import COMMANDS, find_command, list_value_flags, suggest_commands


def test_every_flag_fills_a_field():
    """No flag is parsed and then forgotten."""
    known = {
        item.name
        for record in (Everywhere, Operating, Looking, Running, Editing, Logging, Beginning)
        for item in fields(record)
    }
    named = {
        flag.field for command in COMMANDS for group in command.all_groups for flag in group.flags
    }

    assert named == known


def test_no_command_has_a_flag_twice():
    """Within a command every spelling means one flag."""
    for command in COMMANDS:
        names = [name for group in command.all_groups for f in group.flags for name in f.names]

        assert len(names) == len(set(names)), command.name


def test_aliases():
    """`deploy` is `up` and `pre` is `preview`, as promised."""
    assert find_command("deploy") is find_command("up")
    assert find_command("pre") is find_command("preview")


def test_a_flag_means_a_value_everywhere_or_nowhere():
    """The verb can be found among flags, since no spelling takes a value in one command only."""
    switches = {
        name
        for command in COMMANDS
        for group in command.all_groups
        for flag in group.flags
        if not flag.shape.takes_value
        for name in flag.names
    }

    assert switches & list_value_flags() == set()


def test_suggestions():
    """A mistyped verb brings the nearest ones first, another word none."""
    assert suggest_commands("destory")[0] == "destroy"
    assert suggest_commands("xyzzy") == []
