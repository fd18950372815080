"""The choice of a view: who is there, and what they asked for."""

from __future__ import annotations

from meta_prefect.cli.options import Call
from meta_prefect.cli.terminal import Terminal
from meta_prefect.cli.views.base import View
from meta_prefect.cli.views.lines import LinesView
from meta_prefect.cli.views.live import LiveView
from meta_prefect.cli.views.silent import SilentView
from meta_prefect.cli.views.taste import read_taste


def choose_view(call: Call, terminal: Terminal) -> View:
    """Choose the view for a command line on a terminal."""
    taste = read_taste(call)
    if call.everywhere.json:
        return SilentView(terminal, taste, stream=call.everywhere.stream)
    if terminal.is_live(call.everywhere):
        return LiveView(terminal, taste)
    return LinesView(terminal, taste)
