"""An operation is previewed, then applied as it was shown."""

from meta_prefect.interfaces.engine import (
    OperationKind,
    OperationRequest,
    OperationResult,
    Outcome,
)
from meta_prefect.interfaces.events import Op, ResourcePre, StepMetadata
from meta_prefect.project.operations import Operation, Subject

URN = "urn:pulumi:dev::p::t:i:T::a"
SUBJECT = Subject((), "p", "dev", "an engine", "file:///state")


class FakeEngine:
    """Shows one step in every operation and keeps the requests."""

    description = "an engine"

    def __init__(self, outcome=Outcome.SUCCEEDED):
        self.outcome = outcome
        self.requests = []

    def run(self, request, on_event):
        self.requests.append(request)
        on_event(ResourcePre(StepMetadata(Op.CREATE, URN, "t:i:T", None, None)))
        return OperationResult(self.outcome)

    def cancel(self):
        self.requests.append("cancel")


def build(engine, done):
    request = OperationRequest(OperationKind.UP, "p", "dev")
    return Operation(engine, request, SUBJECT, before_apply=lambda: done.append("prepared"))


def test_apply_does_what_the_preview_showed():
    """The steps of the preview are the plan; the folder is made ready only then."""
    engine, done, events = FakeEngine(), [], []
    operation = build(engine, done)

    operation.preview(events.append)
    before = list(done)
    operation.apply(events.append)

    preview, applied = engine.requests
    assert (preview.kind, preview.preview_of) == (OperationKind.PREVIEW, OperationKind.UP)
    assert (applied.kind, applied.planned) == (OperationKind.UP, frozenset({(URN, Op.CREATE)}))
    assert (before, done) == ([], ["prepared"])
    assert len(events) == 2


def test_without_a_preview_there_is_no_plan():
    """An operation may be applied directly."""
    engine = FakeEngine()
    build(engine, []).apply(lambda _: None)

    assert engine.requests[0].planned is None


def test_a_failed_preview_gives_no_plan():
    """What a broken preview showed is not taken for everything."""
    engine = FakeEngine(Outcome.FAILED)
    operation = build(engine, [])
    operation.preview(lambda _: None)
    operation.apply(lambda _: None)

    assert engine.requests[1].planned is None
