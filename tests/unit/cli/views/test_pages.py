"""Parts of pages that depend on the window, or on what a message lacks."""

from dataclasses import replace

import pytest

from meta_prefect.cli.views.base import Result
from meta_prefect.cli.views.pages import (
    draw_closing,
    draw_diagnostic,
    draw_heading,
    draw_plan_page,
)
from meta_prefect.cli.views.text import measure, plain
from meta_prefect.cli.views.theme import UNICODE
from meta_prefect.cli.views.tree import Layout
from meta_prefect.interfaces.diagnostics import Diagnostic
from tests.views import recordings, stage


def texts(lines):
    return [plain(item) for item in lines]


def test_the_engine_is_named_in_a_narrow_window_too():
    """What works stands on the right, and below where there is no room."""
    wide = texts(draw_heading("preview", stage.SUBJECT, 120))
    narrow = texts(draw_heading("preview", stage.SUBJECT, 60))

    assert len(wide) == 2
    assert "embedded engine" in wide[0]
    assert narrow == ["my_flow on dev", "embedded engine, state: file backend", ""]


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_counts_and_time_fit_the_window(width):
    """No line of a plan is broken by the terminal."""
    report = stage.report(recordings.REPLACED, stage.preview(recordings.REPLACED), "preview")

    lines = draw_plan_page(report, Layout(width, UNICODE))

    assert max(measure(text) for text in texts(lines)) <= width
    assert any("looked in" in text for text in texts(lines))


def test_what_has_no_cure_says_where_there_is_more():
    """Every error ends with something to type; what a program said has no code to explain."""
    cured = texts(draw_diagnostic(Diagnostic("MP1001", "no", fixes=("mkdir x",))))
    bare = texts(draw_diagnostic(Diagnostic("MP1001", "no")))
    said = texts(draw_diagnostic(Diagnostic("", "no")))

    assert cured[-1] == "  fix    mkdir x"
    assert bare[-1] == "  more   meta-prefect explain MP1001"
    assert len(said) == 1


def test_an_interruption_before_anything_was_done():
    """Only what there is to count is counted."""
    picture = stage.apply(recordings.FIRST_UP, stop_after=0)
    picture.close(105.6)
    report = stage.report(recordings.FIRST_UP, picture, "up")

    lines = draw_closing(replace(report, result=Result.CANCELLED), Layout(100, UNICODE))

    assert plain(lines[0]) == "  Interrupted after 5.6 s   · 6 not started"
