import pytest

from meta_prefect.cli.options import Everywhere
from meta_prefect.cli.terminal import Terminal
from meta_prefect.cli.views.text import Span, line
from meta_prefect.cli.views.theme import ASCII, UNICODE, Style
from tests.support.fake_project import Stream


def build(stdin=True, stdout=True, **environment):
    streams = Stream("yes\n", stdin), Stream(terminal=stdout), Stream(terminal=True)
    return Terminal(*streams, environment, 80)


@pytest.mark.parametrize(
    ("terminal", "flags", "expected"),
    [
        (build(), Everywhere(), True),
        (build(stdin=False), Everywhere(), False),
        (build(CI="true"), Everywhere(), False),
        (build(), Everywhere(no_input=True), False),
        (build(), Everywhere(json=True), False),
    ],
)
def test_who_can_be_asked(terminal, flags, expected):
    """Somebody is there when input is a terminal and nothing forbids questions."""
    assert terminal.can_ask(flags) is expected


@pytest.mark.parametrize(
    ("terminal", "flags", "expected"),
    [
        (build(), Everywhere(), True),
        (build(stdout=False), Everywhere(), False),
        (build(TERM="dumb"), Everywhere(), False),
        (build(CI="1"), Everywhere(), False),
        (build(), Everywhere(plain=True), False),
        (build(), Everywhere(quiet=True), False),
        (build(), Everywhere(json=True), False),
    ],
)
def test_where_lines_may_be_redrawn(terminal, flags, expected):
    """A terminal that can redraw is used, unless lines are wanted."""
    assert terminal.is_live(flags) is expected


@pytest.mark.parametrize(
    ("terminal", "mode", "expected"),
    [
        (build(), "auto", True),
        (build(stdout=False), "auto", False),
        (build(NO_COLOR="1"), "auto", False),
        (build(stdout=False, FORCE_COLOR="1"), "auto", True),
        (build(TERM="dumb"), "auto", False),
        (build(NO_COLOR="1"), "always", True),
        (build(), "never", False),
    ],
)
def test_colours(terminal, mode, expected):
    """The flag decides, then the environment, then the stream."""
    assert terminal.has_color(terminal.stdout, mode) is expected


def test_lines_are_painted():
    """Styles become codes where colours are wanted, and nothing where they are not."""
    terminal = build()

    terminal.answer([line(Span("hot", Style.RED), " x")], "always")
    terminal.answer([line(Span("hot", Style.RED), "  ")], "never")

    assert terminal.stdout.getvalue() == "\x1b[31mhot\x1b[0m x\nhot\n"


def test_the_end_of_input_is_no_answer():
    """A question to an input that ended raises, so that it is taken for a no."""
    terminal = build()

    assert terminal.ask("? ") == "yes"
    with pytest.raises(EOFError):
        terminal.ask("? ")


def test_glyphs_follow_the_encoding():
    """An output that knows no Unicode gets plain characters."""

    class Old(Stream):
        encoding = "ascii"

    assert build().glyphs is UNICODE
    assert Terminal(Stream(), Old(), Stream(), {}).glyphs is ASCII
