import pytest

from meta_prefect.cli.options import Call, Everywhere, Looking
from meta_prefect.cli.views.choose import choose_view
from meta_prefect.cli.views.lines import LinesView
from meta_prefect.cli.views.live import LiveView
from meta_prefect.cli.views.silent import SilentView
from meta_prefect.cli.views.taste import read_taste
from meta_prefect.interfaces.diagnostics import Severity
from tests.support.fake_project import build_screen


@pytest.mark.parametrize(
    ("terminal", "flags", "view"),
    [
        (True, Everywhere(), LiveView),
        (False, Everywhere(), LinesView),
        (True, Everywhere(plain=True), LinesView),
        (True, Everywhere(quiet=True), LinesView),
        (True, Everywhere(json=True), SilentView),
        (False, Everywhere(json=True), SilentView),
    ],
)
def test_the_view(terminal, flags, view):
    """JSON is silent, a terminal is drawn on, everything else gets lines."""
    screen = build_screen(None, terminal=terminal)

    assert isinstance(choose_view(Call("up", everywhere=flags), screen.context.terminal), view)


@pytest.mark.parametrize(
    ("flags", "wanted"),
    [
        (Everywhere(quiet=True), []),
        (Everywhere(), [Severity.WARNING]),
        (Everywhere(verbose=1), [Severity.WARNING, Severity.INFO]),
        (Everywhere(verbose=2), [Severity.WARNING, Severity.INFO, Severity.DEBUG]),
    ],
)
def test_how_much_is_said(flags, wanted):
    """Warnings are shown unless it shall be quiet, the rest on request; errors come at the end."""
    taste = read_taste(Call("up", everywhere=flags, looking=Looking()))

    assert [item for item in (*wanted, Severity.ERROR) if taste.wants(item)] == wanted
    assert sum(map(taste.wants, Severity)) == len(wanted)
