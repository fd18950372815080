import pytest

from meta_prefect.cli.options import Call, Operating
from meta_prefect.cli.prompts import ask_for_name, ask_to_apply
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from tests.support.fake_project import build_screen

CALL = Call("up", ("my_flow",))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False), ("", False), ("w\ny\n", True)],
)
def test_yes_and_no(typed, expected):
    """Only a yes applies; an empty line and the end of input are a no, other words ask again."""
    screen = build_screen(None, typed=typed)

    assert ask_to_apply(screen.context, CALL, "dev", lambda: None) is expected
    assert "Apply to dev?  y yes · d diff · n no  [n]" in screen.err
    assert screen.out == ""


def test_a_diff_on_request():
    """`d` shows the differences and asks again."""
    shown = []
    screen = build_screen(None, typed="d\ny\n")

    assert ask_to_apply(screen.context, CALL, "dev", lambda: shown.append(1))

    assert shown == [1]
    assert screen.err.count("Apply to dev?") == 2


@pytest.mark.parametrize(("typed", "expected"), [("my_flow\n", True), ("y\n", False), ("", False)])
def test_the_name_is_typed(typed, expected):
    """Destroying takes the name itself; a yes is not enough."""
    screen = build_screen(None, typed=typed)

    assert ask_for_name(screen.context, CALL, "my_flow", "dev", "flow") is expected
    assert "Type the flow name to destroy it on dev: my_flow" in screen.err


@pytest.mark.parametrize(
    ("call", "fixes"),
    [
        (CALL, ("meta-prefect up my_flow --yes", "meta-prefect preview my_flow")),
        (
            Call("up", operating=Operating(everything=True)),
            ("meta-prefect up --all --yes", "meta-prefect preview"),
        ),
    ],
)
def test_nobody_there(call, fixes):
    """Where nobody can answer, the error names the flag and the command that only looks."""
    screen = build_screen(None)

    with pytest.raises(MetaPrefectError, match="MP1302") as caught:
        ask_to_apply(screen.context, call, "dev", lambda: None)

    assert caught.value.diagnostic.fixes == fixes
    assert caught.value.exit_code is ExitCode.USAGE


def test_nobody_there_to_type_a_name():
    """A destroy refuses in the same way, and points to what shows the flow."""
    screen = build_screen(None)

    with pytest.raises(MetaPrefectError, match="MP1302") as caught:
        ask_for_name(screen.context, Call("destroy", ("my_flow",)), "my_flow", "dev", "flow")

    assert caught.value.diagnostic.fixes == (
        "meta-prefect destroy my_flow --yes",
        "meta-prefect show my_flow",
    )
