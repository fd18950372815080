"""Plays recordings into views without threads, under a clock that a test owns."""

from types import SimpleNamespace

from meta_prefect.cli.views.base import NextStep, Report, Result
from meta_prefect.cli.views.picture import Picture, find_name
from meta_prefect.cli.views.taste import Taste
from meta_prefect.interfaces.diagnostics import Diagnostic
from meta_prefect.interfaces.engine import OperationKind, Outcome
from meta_prefect.project.operations import Subject

SUBJECT = Subject(
    ("my_flow",), "shop", "dev", "embedded engine", "file:///srv/shop/.meta_prefect/state"
)
FACTS = (
    SimpleNamespace(label="deployment", text="my_flow/dev"),
    SimpleNamespace(label="pool", text="shop-dev-process"),
)
PLAIN = Taste(color="never")
SECONDS_PER_EVENT = 0.5


def play(events, picture, view=None, stop_after=None):
    """Feed events to a picture, half a second apart; `stop_after` leaves the rest out."""
    now = picture.began
    if view is not None:
        view.begin(picture)
    for event in events[:stop_after]:
        now += SECONDS_PER_EVENT
        row = picture.note(event, now)
        if view is not None:
            view.update(event, row)
            view.tick(now)
    if view is not None:
        view.end()
    return picture


def preview(recording, view=None):
    """Give the picture of a recording's preview."""
    drift = recording.kind is OperationKind.REFRESH
    return play(recording.preview, Picture(preview=True, began=100.0, drift=drift), view)


def apply(recording, view=None, stop_after=None):
    """Give the picture of a recording's operation, after its preview."""
    expected = Picture.expecting(preview(recording), 100.0)
    return play(recording.apply, expected, view, stop_after)


def report(recording, picture, command, **more):
    """Make the report of a picture."""
    result = recording.preview_result if picture.preview else recording.result
    outcome = {Outcome.SUCCEEDED: Result.SUCCEEDED, Outcome.FAILED: Result.FAILED}[result.outcome]
    if outcome is Result.SUCCEEDED and not picture.changes:
        outcome = Result.NO_CHANGES
    values = {
        "command": command,
        "kind": recording.kind,
        "subject": SUBJECT,
        "picture": picture,
        "result": outcome,
        "seconds": picture.seconds(picture.ended),
        "diagnostics": tuple(
            Diagnostic(item.code, item.summary, find_name(item.where), item.why, item.fixes)
            for item in result.diagnostics
        ),
        **more,
    }
    return Report(**values)


def show(view, recording, command, *, applied=True, kept=()):
    """Show a whole command: heading, preview, operation, end."""
    view.open(command, SUBJECT)
    looked = preview(recording, view)
    steps = (NextStep("Do it", "meta-prefect up my_flow"),) if command == "preview" else ()
    plan = report(recording, looked, command, steps=steps, kept=kept)
    view.show_plan(plan)
    if not applied:
        view.show_report(plan)
        return
    done = apply(recording, view)
    steps = (NextStep("Try it", "meta-prefect run my_flow"),) if command == "up" else ()
    facts = FACTS if recording.result.outcome is Outcome.SUCCEEDED and command == "up" else ()
    view.show_report(report(recording, done, command, facts=facts, steps=steps, kept=kept))
