"""An operation is previewed, then applied as it was shown."""

from meta_prefect.interfaces.engine import (
    Failure,
    OperationKind,
    OperationRequest,
    OperationResult,
    Outcome,
    Scope,
)
from meta_prefect.interfaces.events import (
    DiffKind,
    Op,
    PropertyDiff,
    ResourcePre,
    ResourceView,
    StepMetadata,
)
from meta_prefect.project.operations import Operation, Subject

URN = "urn:pulumi:dev::p::t:i:T::a"
CLUSTER = "urn:pulumi:dev::p::aws:eks/cluster:Cluster::cluster/main/cluster"
VPC = "urn:pulumi:dev::p::aws:ec2/vpc:Vpc::network/main/vpc"
BUCKET = "urn:pulumi:dev::p::aws:s3/bucket:Bucket::bucket/results/bucket"
SUBJECT = Subject((), "p", "dev", "an engine", "file:///state")


class FakeEngine:
    """Shows some steps in every operation and keeps the requests."""

    description = "an engine"

    def __init__(self, outcome=Outcome.SUCCEEDED, steps=()):
        self.outcome = outcome
        self.steps = steps or (StepMetadata(Op.CREATE, URN, "t:i:T", None, None),)
        self.requests = []

    def run(self, request, on_event):
        self.requests.append(request)
        for step in self.steps:
            on_event(ResourcePre(step))
        return OperationResult(self.outcome)

    def cancel(self):
        self.requests.append("cancel")


def build(engine, done=None, *, replaced=(), **more):
    done = [] if done is None else done
    request = OperationRequest(OperationKind.UP, "p", "dev", scope=Scope(replace=replaced))
    return Operation(engine, request, SUBJECT, before_apply=lambda: done.append("prepared"), **more)


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


def replacing(urn, **inputs):
    """Give the three steps of a replacement; `inputs` are old and new values by property."""
    old, new = (
        ResourceView("id", {key: pair[side] for key, pair in inputs.items()}, {}) for side in (0, 1)
    )
    differs = {key: PropertyDiff(DiffKind.UPDATE_REPLACE) for key in inputs}
    type_ = urn.split("::")[2]
    return [
        StepMetadata(op, urn, type_, old, new, detailed_diff=differs)
        for op in (Op.CREATE_REPLACEMENT, Op.REPLACE, Op.DELETE_REPLACED)
    ]


def test_a_cluster_is_not_made_anew_in_passing():
    """Preview and `up` fail with the one reason, its cause and its cures; nothing is done."""
    engine, done = FakeEngine(steps=replacing(CLUSTER, name=("old", "new"))), []
    operation = build(engine, done)

    looked = operation.preview(lambda _: None)
    applied = operation.apply(lambda _: None)

    assert looked == applied
    assert (looked.outcome, looked.failure) == (Outcome.FAILED, Failure.REFUSED)
    (said,) = looked.diagnostics
    assert (said.code, said.where) == ("MP3009", CLUSTER)
    assert said.summary == "cluster/main/cluster would be replaced, with all that is in it"
    assert said.why == (
        "cluster/main/cluster: name changes from old to new; "
        "lost with it: everything that runs in the cluster"
    )
    assert said.fixes[1] == "meta-prefect up --all --replace cluster/main/cluster"
    assert [request.kind for request in engine.requests] == [OperationKind.PREVIEW]
    assert done == []


def test_the_cure_is_what_was_typed():
    """The command to mean it is about the same flows or program."""
    operation = build(FakeEngine(steps=replacing(CLUSTER)), words=("--program", "stacks/eks"))

    (said,) = operation.preview(lambda _: None).diagnostics

    assert said.fixes[1] == ("meta-prefect up --program stacks/eks --replace cluster/main/cluster")


def test_all_that_would_go_is_said_at_once():
    """Several such things are one diagnostic, and what is not known yet is not made up."""
    steps = replacing(VPC, cidrBlock=("10.0.0.0/16", "[unknown]")) + replacing(CLUSTER)

    (said,) = build(FakeEngine(steps=steps)).preview(lambda _: None).diagnostics

    assert said.summary == "network/main/vpc and 1 more would be replaced, with all that is in it"
    assert said.why.splitlines() == [
        "network/main/vpc: cidrBlock changes; lost with it: everything in the network",
        (
            "cluster/main/cluster: something that it depends on is replaced; "
            "lost with it: everything that runs in the cluster"
        ),
    ]
    assert said.fixes[1].endswith("--replace network/main/vpc --replace cluster/main/cluster")


def test_what_is_meant_is_done():
    """A replacement that `--replace` names goes on, and one of a thing that holds nothing, too."""
    steps = replacing(CLUSTER, name=("old", "new")) + replacing(BUCKET, bucket=("old", "new"))
    engine = FakeEngine(steps=steps)
    operation = build(engine, replaced=("urn:pulumi:dev::p::**::cluster/main/cluster",))

    looked = operation.preview(lambda _: None)
    operation.apply(lambda _: None)

    assert looked.outcome is Outcome.SUCCEEDED
    assert (CLUSTER, Op.REPLACE) in engine.requests[1].planned


def test_another_failure_is_not_hidden():
    """A preview that failed anyway says its own reason."""
    engine = FakeEngine(Outcome.FAILED, steps=replacing(CLUSTER))

    result = build(engine).preview(lambda _: None)

    assert (result.failure, result.diagnostics) == (Failure.NONE, ())
