"""Recorded operations: event lists as both engines give them, written down by hand."""

from dataclasses import dataclass, field, replace

from meta_prefect.interfaces.diagnostics import Diagnostic, Severity
from meta_prefect.interfaces.engine import Failure, OperationKind, OperationResult, Outcome
from meta_prefect.interfaces.events import (
    DiagnosticEvent,
    DiffKind,
    Op,
    Prelude,
    PropertyDiff,
    ResourceFailed,
    ResourceOutputs,
    ResourcePre,
    ResourceView,
    StepMetadata,
    Summary,
)

START = "urn:pulumi:dev::shop::"
STACK = f"{START}pulumi:pulumi:Stack::shop-dev"
CONNECTION = f"{START}pulumi:providers:prefect::provider/prefect::0"
FLOW = "meta-prefect:components:DeployedFlow"
POOL = "meta-prefect:components:WorkPool"
WORKER = "meta-prefect:components:Worker"


@dataclass(frozen=True)
class Thing:
    """A resource of the recordings: its type with its parents' types, its name and inputs."""

    types: str
    name: str
    parent: str = ""
    inputs: dict = field(default_factory=dict)
    outputs: dict = field(default_factory=dict)
    provider: str = CONNECTION

    @property
    def type(self):
        return self.types.rpartition("$")[2]

    @property
    def urn(self):
        return f"{START}{self.types}::{self.name}"

    def view(self, made=True):
        outputs = {**self.inputs, **self.outputs} if made else {}
        return ResourceView(f"id-of-{self.name}" if made else "", self.inputs, outputs)


def component(types, name):
    return Thing(types, name, STACK, provider="")


THE_STACK = Thing("pulumi:pulumi:Stack", "shop-dev", "", provider="")
SERVER = Thing("prefect:local:Server", "server/local", STACK, {"home": "/srv/prefect"})
PREFECT = Thing(
    "pulumi:providers:prefect",
    "provider/prefect",
    STACK,
    {"apiUrl": "[unknown]"},
    provider="",
)
POOL_PART = component(POOL, "work-pool/process")
POOL_ITSELF = Thing(
    f"{POOL}$prefect:index:WorkPool",
    "work-pool/process/pool",
    POOL_PART.urn,
    {"name": "shop-dev-process", "type": "process"},
)
WORKER_PART = component(WORKER, "worker/process")
WORKER_ITSELF = Thing(
    f"{WORKER}$prefect:local:ProcessWorker",
    "worker/process/process",
    WORKER_PART.urn,
    {"name": "shop-dev-process-here", "workPoolName": "shop-dev-process"},
)
FLOW_PART = component(FLOW, "my_flow")
FLOW_ITSELF = Thing(
    f"{FLOW}$prefect:index:Flow", "my_flow/flow", FLOW_PART.urn, {"name": "my-flow"}
)
DEPLOYMENT = Thing(
    f"{FLOW}$prefect:index:Deployment",
    "my_flow/deployment",
    FLOW_PART.urn,
    {
        "name": "dev",
        "flowId": "[unknown]",
        "entrypoint": "flows/my_flow.py:my_flow",
        "tags": ["my-tag"],
        "version": "1",
        "jobVariables": {"env": {"LOG_LEVEL": "INFO", "DB_PASSWORD": "[secret]"}},
    },
)
THINGS = (
    SERVER,
    PREFECT,
    POOL_PART,
    POOL_ITSELF,
    WORKER_PART,
    WORKER_ITSELF,
    FLOW_PART,
    FLOW_ITSELF,
    DEPLOYMENT,
)


@dataclass(frozen=True)
class Recording:
    """A preview and the operation after it, each with its events and its result."""

    kind: OperationKind
    preview: tuple
    apply: tuple = ()
    preview_result: OperationResult = field(
        default_factory=lambda: OperationResult(Outcome.SUCCEEDED)
    )
    result: OperationResult = field(default_factory=lambda: OperationResult(Outcome.SUCCEEDED))


def step(op, thing, old=None, new=None, **more):
    return StepMetadata(
        op, thing.urn, thing.type, old, new, parent=thing.parent, provider=thing.provider, **more
    )


def begin(op, thing, old=None, new=None, **more):
    return ResourcePre(step(op, thing, old, new, **more))


def end(op, thing, old=None, new=None, **more):
    return ResourceOutputs(step(op, thing, old, new, **more))


def create(thing):
    return [
        begin(Op.CREATE, thing, new=thing.view(made=False)),
        end(Op.CREATE, thing, new=thing.view()),
    ]


def same(thing):
    sides = {"old": thing.view(), "new": thing.view()}
    return [begin(Op.SAME, thing, **sides), end(Op.SAME, thing, **sides)]


def delete(thing):
    return [begin(Op.DELETE, thing, old=thing.view()), end(Op.DELETE, thing, old=thing.view())]


def change(thing, diffs, op=Op.UPDATE, **inputs):
    sides = {
        "old": thing.view(),
        "new": replace(thing, inputs={**thing.inputs, **inputs}).view(),
        "keys": tuple(key for key, kind in diffs.items() if kind.replaces),
        "diffs": tuple(diffs),
        "detailed_diff": {key: PropertyDiff(kind) for key, kind in diffs.items()},
    }
    return [begin(op, thing, **sides), end(op, thing, **sides)]


def replacement(thing, key, **inputs):
    diffs = {key: DiffKind.UPDATE_REPLACE}
    return [
        *change(thing, diffs, Op.CREATE_REPLACEMENT, **inputs),
        *change(thing, diffs, Op.REPLACE, **inputs),
    ]


def delete_old(thing):
    return [
        begin(Op.DELETE_REPLACED, thing, old=thing.view(), logical=False),
        end(Op.DELETE_REPLACED, thing, old=thing.view(), logical=False),
    ]


def around(inner, preview, seconds=2.0, changes=None):
    """Put the events of the whole operation around those of its resources."""
    return (
        Prelude({}),
        begin(Op.SAME, THE_STACK),
        *inner,
        end(Op.SAME, THE_STACK),
        Summary(preview, seconds, changes or {}),
    )


def flat(groups):
    return [event for group in groups for event in group]


def record(kind, inner, changes=None):
    return Recording(kind, around(inner, True, 0.4, changes), around(inner, False, 31.0, changes))


def _tag_change():
    return change(DEPLOYMENT, {"tags[0]": DiffKind.UPDATE}, tags=["other-tag"])


FIRST_UP = record(OperationKind.UP, flat(map(create, THINGS)), {Op.CREATE: 9})
UNCHANGED = record(OperationKind.UP, flat(map(same, THINGS)), {Op.SAME: 9})
TAGS = record(OperationKind.UP, [*flat(map(same, THINGS[:-1])), *_tag_change()])
REPLACED = record(
    OperationKind.UP,
    [
        *flat(map(same, THINGS[:3])),
        *replacement(POOL_ITSELF, "type", type="docker"),
        *same(WORKER_PART),
        *change(WORKER_ITSELF, {"workPoolName": DiffKind.UPDATE}, workPoolName="shop-dev-docker"),
        *same(FLOW_PART),
        *same(FLOW_ITSELF),
        *change(
            DEPLOYMENT,
            {
                "tags": DiffKind.UPDATE,
                "jobVariables": DiffKind.UPDATE,
                "version": DiffKind.DELETE,
            },
            tags=["my-tag", "night"],
            version=None,
            jobVariables={"env": {"LOG_LEVEL": "DEBUG", "DB_PASSWORD": "[secret]", "NEW": "1"}},
        ),
        *delete_old(POOL_ITSELF),
    ],
)
DESTROYED = record(OperationKind.DESTROY, flat(map(delete, reversed(THINGS))))
NOTHING_UP = record(OperationKind.DESTROY, [])
DRIFTED = record(
    OperationKind.REFRESH,
    [
        *flat(
            [begin(Op.REFRESH, item, item.view(), item.view()), same(item)[1]]
            for item in THINGS[:-1]
        ),
        begin(Op.REFRESH, DEPLOYMENT, DEPLOYMENT.view(), DEPLOYMENT.view()),
        change(DEPLOYMENT, {"version": DiffKind.UPDATE}, version="2")[1],
    ],
)
_MISSING_PROGRAM = "the worker ended at once: prefect is not installed there"
FAILED = Recording(
    OperationKind.UP,
    FIRST_UP.preview,
    around(
        [
            *flat(map(create, THINGS[:4])),
            create(WORKER_PART)[0],
            begin(Op.CREATE, WORKER_ITSELF, new=WORKER_ITSELF.view(made=False)),
            DiagnosticEvent(Severity.WARNING, SERVER.urn, "port 4200 is taken, 4201 is used"),
            DiagnosticEvent(Severity.INFO, WORKER_ITSELF.urn, "waiting for the worker", True),
            DiagnosticEvent(Severity.ERROR, WORKER_ITSELF.urn, _MISSING_PROGRAM),
            ResourceFailed(step(Op.CREATE, WORKER_ITSELF, new=WORKER_ITSELF.view(made=False))),
        ],
        False,
        64.0,
    ),
    result=OperationResult(
        Outcome.FAILED,
        diagnostics=(
            Diagnostic(
                "MP3004",
                "the worker did not start",
                where=WORKER_ITSELF.urn,
                why=_MISSING_PROGRAM,
                fixes=("meta-prefect doctor",),
            ),
        ),
        failure=Failure.RESOURCE,
    ),
)
