"""Lines about flow runs: states and logs. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from meta_prefect.cli.views.text import Line, Span, line
from meta_prefect.cli.views.theme import Style

if TYPE_CHECKING:
    from meta_prefect.project.runs import RunLog, RunState

_STATE_STYLES: Final = {
    "COMPLETED": Style.GREEN,
    "FAILED": Style.RED,
    "CRASHED": Style.RED,
    "CANCELLED": Style.YELLOW,
}
_LOG_STYLES: Final = {
    "DEBUG": Style.DIM,
    "WARNING": Style.YELLOW,
    "ERROR": Style.RED,
    "CRITICAL": Style.RED,
}


def draw_state(state: RunState, when: str = "") -> Line:
    """Draw a state that a run came into, and when."""
    name = Span(state.name.lower(), _STATE_STYLES.get(state.type, Style.CYAN))
    return line(name, when, f"  {state.message}" if state.message else "")


def draw_log(log: RunLog) -> Line:
    """Draw a line that a run logged, with the time of this machine's zone."""
    time = log.timestamp.astimezone().strftime("%H:%M:%S")
    style = _LOG_STYLES.get(log.level, Style.PLAIN)
    return line(Span(f"{time}  ", Style.DIM), Span(f"{log.level:<8}", style), f" {log.message}")
