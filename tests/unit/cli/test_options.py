import pytest

from meta_prefect.cli.options import Call, Everywhere, build_call, parse_duration, parse_parameters
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError


@pytest.mark.parametrize(
    ("text", "seconds"), [("", 0), ("90", 90), ("90s", 90), ("1.5m", 90), ("2 h", 7200)]
)
def test_durations(text, seconds):
    """A duration is a number of seconds, or one with a unit."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["soon", "10 d", "-1", "m"])
def test_no_durations(text):
    """Anything else is a mistake in usage that names the text."""
    with pytest.raises(MetaPrefectError, match="MP1304") as caught:
        parse_duration(text)

    assert text in caught.value.diagnostic.summary
    assert caught.value.exit_code is ExitCode.USAGE


def test_parameters_keep_what_follows_the_first_sign():
    """Only the first `=` divides; the last value of a name counts."""
    assert parse_parameters(("x=1", "q=a=b", "x=", "x=2")) == {"x": "2", "q": "a=b"}


@pytest.mark.parametrize("text", ["x", "=1", ""])
def test_no_parameters(text):
    """A parameter without name or sign is refused."""
    with pytest.raises(MetaPrefectError, match="MP1305"):
        parse_parameters((text,))


def test_values_are_sorted_into_records():
    """What was not given keeps its default; lists become tuples."""
    values = {"words": ["a", "b"], "stack": "dev", "only": ["x"], "parallel": None, "full": True}

    call = build_call("up", values)

    assert (call.verb, call.words) == ("up", ("a", "b"))
    assert call.everywhere == Everywhere(stack="dev")
    assert (call.operating.only, call.operating.parallel) == (("x",), 0)
    assert call.looking.full


@pytest.mark.parametrize(
    ("verb", "values", "command"),
    [
        ("up", {"words": ["f"], "only": ["f/*"], "refresh": True}, "up f --only 'f/*' --refresh"),
        ("up", {"excluded": ["a"], "replaced": ["b"]}, "up --all --except a --replace b"),
        ("diff", {"only": ["a"]}, "diff --only a"),
        ("up", {"program": "stacks/x"}, "up --program stacks/x"),
    ],
)
def test_suggested_commands_are_about_the_same_resources(verb, values, command):
    """What narrows an operation narrows the next one; a whole project is said where it must be."""
    assert build_call("preview", values).suggest_same(verb) == f"meta-prefect {command}"


def test_suggested_commands_stay_where_the_user_is():
    """A command to paste is about the same stack and folder."""
    call = Call("up", everywhere=Everywhere(stack="prod", directory="flows"))

    assert call.suggest("run", "my_flow") == "meta-prefect run my_flow -s prod -C flows"
    assert Call("up").suggest("ls") == "meta-prefect ls"
