"""What the components declare, seen by a monitor that makes nothing."""

import asyncio
from dataclasses import replace

import pulumi
import pytest

from meta_prefect.components.base import Surroundings
from meta_prefect.components.catalogue import Shared, list_names
from meta_prefect.components.deployed_flow import DeployedFlow
from meta_prefect.components.naming import build_deployment_name
from meta_prefect.components.planned_deployment import plan_deployment
from meta_prefect.components.server import declare_local_prefect
from meta_prefect.implementations.deployer import local_deployer
from meta_prefect.implementations.deployments import compose, deployment
from meta_prefect.implementations.limits import limit, work_queue
from meta_prefect.interfaces.blueprint import AppliedBuilder, Blueprint
from meta_prefect.interfaces.catalogue import Entry, register
from meta_prefect.interfaces.components import Worker, WorkerPool, existing
from meta_prefect.interfaces.deployment import DeploymentSpec, FlowSource
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface

SPEC = DeploymentSpec("my-flow", "dev", FlowSource("/project", "flows/f.py", "my_flow"))


class Recorder(pulumi.runtime.Mocks):
    """Keeps what is registered: type, inputs and import id by logical name."""

    def __init__(self):
        self.made = {}

    def new_resource(self, args):
        self.made[args.name] = (args.typ, args.inputs, args.resource_id)
        return args.resource_id or f"id-of-{args.name}", {**args.inputs, "workPoolId": "pool-id"}

    def call(self, args):
        return {}


@pytest.fixture
def loop():
    """A loop for Pulumi's own test decorator, which takes the thread's."""
    made = asyncio.new_event_loop()
    asyncio.set_event_loop(made)
    yield made
    asyncio.set_event_loop(None)
    made.close()


@pytest.fixture
def declare(tmp_path, loop):
    """Give a function that declares flows with their builders, and gives what was registered."""

    def run(*flows):
        recorder = Recorder()
        pulumi.runtime.set_mocks(recorder, project="shop", stack="dev")

        @pulumi.runtime.test
        def program():
            prefect = declare_local_prefect(tmp_path)
            shared = Shared(Surroundings("shop", "dev", "/project", prefect))
            for name, builder in flows:
                blueprint = Blueprint((AppliedBuilder(builder),))
                planned = [
                    plan_deployment(
                        replace(
                            SPEC,
                            deployment=deployment,
                            name=build_deployment_name("dev", deployment),
                        ),
                        blueprint,
                    )
                    for deployment in blueprint.deployments
                ]
                DeployedFlow(name, planned, shared)

        program()
        return recorder.made

    return run


def test_a_local_flow_brings_its_whole_graph(declare):
    """Server, connection, pool, worker, flow and deployment come with one deployer."""
    made = declare(("my_flow", local_deployer()))

    assert set(made) == {
        "server/local",
        "provider/prefect",
        "work-pool/process",
        "work-pool/process/pool",
        "worker/process",
        "worker/process/process",
        "my_flow",
        "my_flow/flow",
        "my_flow/deployment",
    }


def test_a_deployment_is_what_prefect_deploy_would_make(declare):
    """Entrypoint, pull step, pool and flow are filled in."""
    _, inputs, _ = declare(("my_flow", local_deployer()))["my_flow/deployment"]

    assert inputs["name"] == "dev"
    assert inputs["flowId"] == "id-of-my_flow/flow"
    assert inputs["entrypoint"] == "flows/f.py:my_flow"
    assert inputs["workPoolName"] == "shop-dev-process"
    assert inputs["workPoolId"] == "pool-id"
    assert inputs["pullSteps"] == [
        {"prefect.deployments.steps.set_working_directory": {"directory": "/project"}}
    ]
    assert inputs["enforceParameterSchema"] is True
    assert "path" not in inputs
    assert "schedules" not in inputs


def test_equal_needs_are_declared_once(declare):
    """Two flows with equal deployers share pool and worker; a third has its own."""
    made = declare(
        ("a", local_deployer()), ("b", local_deployer()), ("c", local_deployer(pool="heavy"))
    )

    assert sorted(name for name in made if name.endswith("/pool")) == [
        "work-pool/heavy/pool",
        "work-pool/process/pool",
    ]
    assert {"a/deployment", "b/deployment", "c/deployment"} <= made.keys()


def test_an_existing_pool_is_read_not_made(declare):
    """`existing` looks the pool up by its name and starts no worker."""
    made = declare(("my_flow", local_deployer(pool=existing("theirs"))))

    assert made["work-pool/theirs/pool"][2] == "theirs"
    assert not [name for name in made if name.startswith("worker/")]


def test_declare_adds_resources_below_the_flow(declare):
    """The escape hatch gets the flow's names, parent and components."""
    seen = {}

    class extra(FlowBuilderInterface):  # noqa: N801 - used as a decorator
        @property
        def requires(self):
            return {WorkerPool()}

        def declare(self, declaring):
            seen["pool"] = declaring.resources[WorkerPool()]
            pulumi.CustomResource(
                "test:index:Thing",
                declaring.name("thing"),
                {"stack": declaring.stack},
                opts=declaring.options(protect=True),
            )

    made = declare(("my_flow", extra()))

    assert made["my_flow/deployment/thing"][1] == {"stack": "dev"}
    assert type(seen["pool"]).__name__ == "WorkPool"


def test_deployments_have_their_own_needs_and_names(declare):
    """A scoped builder's resources carry the deployment's name; each waits for its own pool."""

    class extra(FlowBuilderInterface):  # noqa: N801 - used as a decorator
        def declare(self, declaring):
            name = declaring.name("thing")
            pulumi.CustomResource("test:index:Thing", name, {}, opts=declaring.options())

    made = declare(
        (
            "my_flow",
            compose(
                deployment("day", local_deployer(pool="light")),
                deployment("night", local_deployer(pool="heavy")),
                extra(),
            ),
        )
    )

    assert {"my_flow/day/thing", "my_flow/night/thing"} <= made.keys()
    assert made["my_flow/day"][1]["workPoolName"] == "shop-dev-light"
    assert made["my_flow/night"][1]["workPoolName"] == "shop-dev-heavy"


def test_a_queue_is_made_in_the_deployments_pool(declare):
    """The queue has the name that it was given, and the deployment uses it."""
    made = declare(("my_flow", compose(local_deployer(), work_queue("fast", priority=1))))

    queue = made["work-queue/process/fast/queue"][1]
    assert (queue["name"], queue["workPoolName"], queue["priority"]) == (
        "fast",
        "shop-dev-process",
        1,
    )
    assert made["my_flow/deployment"][1]["workQueueName"] == "fast"


def test_a_queue_in_a_shared_pool_carries_the_stack(declare):
    """In a pool of somebody else two stacks have a queue each."""
    builder = compose(local_deployer(pool=existing("theirs")), work_queue("fast"))

    made = declare(("my_flow", builder))

    assert made["work-queue/theirs/fast/queue"][1]["name"] == "shop-dev-fast"


def test_a_shared_limit_is_made_once(declare):
    """Two flows take the id of one limit, whose name carries the stack."""
    builder = compose(local_deployer(), limit(5, shared="database"))

    made = declare(("a", builder), ("b", builder))

    assert made["limit/database/limit"][1] == {"name": "shop-dev-database", "limit": 5}
    for name in ("a/deployment", "b/deployment"):
        assert made[name][1]["globalConcurrencyLimitId"] == "id-of-limit/database/limit"


def test_a_limit_of_somebody_else_is_read_not_made(declare):
    """`existing` looks the limit up by its name."""
    made = declare(("a", compose(local_deployer(), limit(shared=existing("theirs")))))

    assert made["limit/theirs/limit"][2] == "theirs"


def test_two_records_of_one_name_contradict_each_other():
    """The same pool with different limits is an error that shows both."""
    first, second = WorkerPool("heavy"), WorkerPool("heavy", concurrency_limit=2)

    with pytest.raises(MetaPrefectError, match="MP2110") as caught:
        list(list_names([first, second]))

    assert repr(first) in caught.value.diagnostic.why
    assert repr(second) in caught.value.diagnostic.why


def test_names_of_needs_include_what_they_need():
    """A worker's pool is a need of its own, named once."""
    worker = Worker(pool=WorkerPool(name="heavy"))

    assert sorted(list_names([worker, worker.pool])) == ["work-pool/heavy", "worker/heavy"]


def test_a_record_of_ones_own_needs_a_component():
    """An unknown record is refused with the line that registers it; registered, it is found."""

    class Queue(str):
        __slots__ = ()

    with pytest.raises(MetaPrefectError, match="MP2102"):
        list(list_names([Queue("q")]))
    register(Queue, Entry(lambda record: f"queue/{record}", lambda _record, _shared: None))

    assert list(list_names([Queue("q")])) == ["queue/q"]
