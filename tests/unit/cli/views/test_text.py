import pytest
from hypothesis import given
from hypothesis import strategies as st

from meta_prefect.cli.views.text import (
    Span,
    count_noun,
    cut,
    line,
    measure,
    pad,
    paint,
    plain,
    say_age,
    say_seconds,
)
from meta_prefect.cli.views.theme import Style


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (9.96, "10.0 s"), (14.2, "14 s"), (90, "90 s"), (600, "10 min")],
)
def test_seconds(seconds, text):
    """Short times have a decimal, long ones are minutes."""
    assert say_seconds(seconds) == text


def test_seconds_in_lines():
    """In plain lines there is no blank before the unit."""
    assert (say_seconds(2.1, "s"), say_seconds(900, "s")) == ("2.1s", "15min")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0 s ago"),
        (5, "5 s ago"),
        (120, "2 min ago"),
        (7200, "2 h ago"),
        (86400, "1 day ago"),
        (400000, "5 days ago"),
    ],
)
def test_ages(seconds, text):
    """An age is said in its largest unit; a clock that is behind gives none below zero."""
    assert say_age(seconds) == text


def test_counts():
    """One is singular, all else plural."""
    assert [count_noun(n, "resource") for n in (0, 1, 1200)] == [
        "0 resources",
        "1 resource",
        "1,200 resources",
    ]


@given(st.text(), st.integers(0, 40))
def test_a_cut_text_fits(text, width):
    """A cut text is never wider than asked, and is the text itself when that fits."""
    shown = cut(text, width, "…")

    assert measure(shown) <= width
    assert shown == text or measure(text) > width


def test_padding_counts_columns():
    """Wide characters take two columns, combining ones none."""
    assert measure("東e\u0301") == 3
    assert pad("東", 4) == "東  "


def test_painting():
    """Without colours only the text is left, without blanks at the end."""
    parts = line("a ", Span("b", Style.BOLD), "  ")

    assert plain(parts) == "a b  "
    assert paint(parts, color=False) == "a b"
    assert paint(parts, color=True) == "a \x1b[1mb\x1b[0m  "
