"""The whole catalogue of builders, from a flow file to what is in Prefect."""

import textwrap

from meta_prefect.interfaces.components import (
    Bucket,
    DaskOperator,
    KubernetesWorker,
    Namespace,
    NodeGroup,
    ResultStorage,
    Worker,
    WorkerPool,
)
from meta_prefect.project.discovery import discover_flows
from meta_prefect.project.loading import FlowLoader
from tests.support.fake_world import World

LOCAL = '''
from prefect import flow

from meta_prefect.implementations.deployer import local_deployer

local_flow = local_deployer()(flow)

@local_flow
def my_flow(x: int, y: int) -> int:
    """Add two numbers x and y."""
    return x + y
'''
COMPLEX = '''
from prefect import flow

from meta_prefect.implementations.infra import eks as kubernetes
from meta_prefect.implementations.task_runner import dask_k8s as dask
from meta_prefect.implementations.metadata import versioneer, tags_resolver
from meta_prefect.implementations.filesystem import S3Filesystem

flow = versioneer()(tags_resolver())(flow)

@kubernetes(
    cpu=0.8,
    memory=1.5,
)
@dask(
    num_workers=5
)
@flow(
    result_storage=S3Filesystem(
        type="s3",
        bucket="my-bucket",
        path="my-path",
    )
)
def complex_eks_dask_flow(x: int, y: int) -> int:
    """Add two numbers x and y."""
'''
EVERYTHING = """
from prefect import flow

from meta_prefect.implementations.code import code_image, pull_steps
from meta_prefect.implementations.deployments import compose, deployment
from meta_prefect.implementations.environment import env, packages
from meta_prefect.implementations.filesystem import S3Filesystem
from meta_prefect.implementations.infra import docker, ecs, eks, job_variables
from meta_prefect.implementations.limits import limit, work_queue
from meta_prefect.implementations.metadata import describer, labels, namer, tags, versioneer
from meta_prefect.implementations.parameters import parameters
from meta_prefect.implementations.schedule import cron, interval, rrule
from meta_prefect.implementations.task_runner import dask_k8s, threads

team = compose(tags("team"), labels(team="data"), versioneer(version="1"), code_image("/opt"))

@deployment(
    "nightly",
    cron("0 2 * * *", active_in=("prod",), slug="night"),
    interval(3600, slug="hourly"),
    limit(2, on_collision="cancel_new", grace_period_seconds=90),
    work_queue("slow", priority=2),
    eks(cpu=1, memory=2, gpu=1),
    dask_k8s(5),
    packages("s3fs"),
    namer("{name}-of-{flow}-{stack}"),
)
@deployment("small", docker(image="i"), threads(2), parameters(x=5, stacks={"prod": {"x": 9}}))
@deployment("task", ecs(cpu=1, memory=2), describer("A task."), rrule("FREQ=DAILY"))
@S3Filesystem(bucket="results")
@job_variables(stream_output=False)
@pull_steps({"a.b": {}})
@env(A="1")
@parameters(x=1)
@team
@flow
def report(x: int): ...
"""
OWN = """
from dataclasses import dataclass

from prefect import flow

from meta_prefect.implementations.code import code_image
from meta_prefect.implementations.infra import docker
from meta_prefect.interfaces.catalogue import Entry, register
from meta_prefect.interfaces.components import WorkerPool
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface


@dataclass(frozen=True, slots=True)
class Lane:
    name: str
    pool: WorkerPool


def declare_lane(record, shared):
    import pulumi

    from meta_prefect.provider import sdk

    pool = shared.find(record.pool)
    return sdk.WorkQueue(
        f"lane/{record.name}",
        name=record.name,
        work_pool_name=pool.pool_name,
        work_pool_id=pool.pool_id,
        opts=pulumi.ResourceOptions(provider=shared.surroundings.prefect),
    )


register(
    Lane,
    Entry(lambda lane: f"lane/{lane.name}", declare_lane, lambda lane: [lane.pool]),
)


class in_lane(FlowBuilderInterface):
    def __init__(self, name):
        self.lane = Lane(name, WorkerPool(type="docker"))

    @property
    def requires(self):
        return {self.lane}

    def declare(self, declaring):
        from meta_prefect.provider import sdk

        sdk.WorkQueue(
            declaring.name("extra"),
            name=f"extra-{declaring.flow}",
            work_pool_name=declaring.resources[self.lane].work_pool_name,
            opts=declaring.options(),
        )


@in_lane("slow")
@code_image()
@docker()
@flow
def one(): ...


@in_lane("slow")
@code_image()
@docker()
@flow
def two(): ...
"""


def load(folder, file, text):
    (folder / file).write_text(textwrap.dedent(text), "utf-8")
    (site,) = discover_flows(folder).sites
    return FlowLoader(folder).load(site)


def test_the_first_snippet_of_the_readme_works_as_written(tmp_path):
    """The local deployer's flow is found, loaded and complete."""
    planned = load(tmp_path, "readme_local.py", LOCAL).plan("dev")

    assert planned.needs == {WorkerPool(), Worker()}
    assert planned.spec.description == "Add two numbers x and y."


def test_the_second_snippet_of_the_readme_works_as_written(tmp_path, monkeypatch):
    """Size, runner, storage, tags and version of the flow on Kubernetes are there."""
    monkeypatch.setenv("META_PREFECT__TAGS", "a")
    monkeypatch.setenv("META_PREFECT__VERSION", "1")

    loaded = load(tmp_path, "readme_complex.py", COMPLEX)

    names = [item.name for item in loaded.blueprint.builders]
    assert names == ["S3Filesystem", "Composed", "dask_k8s", "eks"]
    place = Namespace(nodes=NodeGroup())
    pool = WorkerPool(type="kubernetes", place=place)
    bucket = Bucket("my-bucket")
    assert loaded.blueprint.requires == {
        pool,
        KubernetesWorker(pool),
        bucket,
        ResultStorage("my-bucket-my-path", bucket, "my-path"),
    }
    spec = loaded.blueprint.build_deployment(loaded.base)
    assert spec.dask_operator == DaskOperator(place)
    assert (spec.tags, spec.version) == (("a",), "1")
    assert spec.job_variables["cpu_request"] == "800m"
    planned = loaded.plan("dev").spec
    assert planned.code.folder.startswith("complex_eks_dask_flow/")
    assert planned.needs >= {planned.code.bucket}
    own, storage = planned.packages
    assert own.startswith("meta-prefect[dask]==")
    assert storage == "prefect-aws"


def test_everything_that_can_be_said_reaches_prefect(tmp_path):
    """One flow with the whole catalogue: each deployment has its own part and the common one."""
    world = World(tmp_path)
    world.write(EVERYTHING)

    world.up("report", stack="prod")

    rows = world.deployments
    assert set(rows) == {
        "report/nightly-of-report-prod",
        "report/small-prod",
        "report/task-prod",
    }
    for row in rows.values():
        assert (row["version"], row["tags"]) == ("1", ["team"])
        assert row["labels"]["team"] == "data"
        assert row["job_variables"]["env"]["A"] == "1"
        assert row["job_variables"]["stream_output"] is False
        assert [next(iter(step)) for step in row["pull_steps"]] == [
            "prefect.deployments.steps.set_working_directory",
            "a.b",
        ]
    assert_nightly(rows["report/nightly-of-report-prod"])
    assert rows["report/small-prod"]["parameters"] == {"x": 9}
    assert rows["report/small-prod"]["work_pool_name"] == "shop-prod-docker"
    assert rows["report/task-prod"]["description"] == "A task."
    assert len(rows["report/task-prod"]["schedules"]) == 1
    assert world.preview("report", stack="prod") == {}


def assert_nightly(row):
    assert row["work_pool_name"] == "shop-prod-kubernetes"
    assert row["work_queue_name"] == "slow"
    assert row["parameters"] == {"x": 1}
    assert row["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    assert {item["slug"]: item["active"] for item in row["schedules"]} == {
        "night": True,
        "hourly": True,
    }
    variables = row["job_variables"]
    assert (variables["gpu"], variables["memory_request"]) == (1, "2048Mi")
    assert variables["env"] == {
        "A": "1",
        "EXTRA_PIP_PACKAGES": "s3fs",
        "META_PREFECT_DASK_ENV": "A",
        "META_PREFECT_DEPLOYMENT": "nightly",
        "META_PREFECT_RESULT_BLOCK": "s3-bucket/results-prod",
    }


def test_records_and_resources_of_ones_own_live_like_ours(tmp_path):
    """A registered record is shared by flows and goes with the last; raw resources go with one."""
    world = World(tmp_path)
    world.write(OWN)

    first = world.up("one")
    second = world.up("two")
    gone = world.destroy("one")

    assert {"lane/slow", "one/deployment/extra"} <= first.keys()
    assert set(second) == {"two", "two/flow", "two/deployment", "two/deployment/extra"}
    assert set(gone) == {"one", "one/flow", "one/deployment", "one/deployment/extra"}
    assert "lane/slow" in world.destroy("two")


def test_a_builders_name_is_not_the_flows(tmp_path):
    """A builder with a `name` of its own does not name the flow when files are read."""
    text = """
    from prefect import flow
    from meta_prefect.implementations.limits import work_queue

    @work_queue(name="urgent")
    @flow(name="Report")
    def report(): ...

    @work_queue(name="slow")
    @flow
    def other(): ...

    preset = work_queue(name="fast")(flow(name="Preset")(lambda: None))
    """
    (tmp_path / "named.py").write_text(textwrap.dedent(text))

    assert [site.flow_name for site in discover_flows(tmp_path).sites] == [
        "Report",
        "other",
        "Preset",
    ]
