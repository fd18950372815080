"""Flows inside a Pulumi program of a team's own."""

import pulumi
import pytest
from prefect import flow

import meta_prefect
from meta_prefect.engine.embedded.engine import EmbeddedEngine
from meta_prefect.engine.state.backend import FileBackend
from meta_prefect.implementations.deployments import deployment
from meta_prefect.implementations.infra import process
from meta_prefect.interfaces.components import existing
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from meta_prefect.interfaces.engine import OperationKind, OperationRequest, Outcome
from meta_prefect.project.flow_objects import read_flow_object
from meta_prefect.provider import sdk
from meta_prefect.provider.provider import PrefectProvider
from tests.support.fake_prefect import FakePrefect

API_URL = "http://prefect.test/api"


@process(pool=existing("team"))
@flow
def report(x: int = 1) -> int:
    return x


@deployment("nightly")
@deployment("hourly")
@process(pool=existing("team"))
@flow
def often() -> None: ...


@pytest.fixture
def run(tmp_path):
    """Give a function that runs a program against a Prefect in memory."""
    prefect = FakePrefect()
    prefect._make_pool({"name": "team", "type": "process", "base_job_template": {}})

    async def connect(log):
        return PrefectProvider(log, environment={}, transport=prefect.transport)

    def do(program, kind=OperationKind.UP):
        backend = FileBackend(tmp_path.as_uri(), "team", lambda: "pass")
        request = OperationRequest(kind, "team", "dev", program)
        result = EmbeddedEngine(backend, {"prefect": connect}).run(request, lambda _: None)
        return result, prefect

    return do


def test_outputs_go_in_and_come_out(run):
    """A pool that the program makes is used by its output; id, page and pool come out."""

    def program():
        prefect = sdk.Provider("mine", api_url=API_URL)
        pool = sdk.WorkPool(
            "theirs",
            name="their-pool",
            type="process",
            opts=pulumi.ResourceOptions(provider=prefect),
        )
        deployed = meta_prefect.deploy(
            report,
            prefect=prefect,
            pools={"team": pool},
            parameters={"x": pool.default_queue_id.apply(len)},
            job_variables={"working_dir": pool.name},
        )
        pulumi.export("id", deployed.deployment_id)
        pulumi.export("name", deployed.full_name)
        pulumi.export("page", deployed.ui_url)
        pulumi.export("pool", deployed.pool_name)

    looked, _ = run(program, OperationKind.PREVIEW)
    result, prefect = run(program)

    assert looked.outcome is Outcome.SUCCEEDED, looked.diagnostics
    assert result.outcome is Outcome.SUCCEEDED, result.diagnostics
    (row,) = prefect.deployments.values()
    outputs = {name: output.value for name, output in result.outputs.items()}
    assert outputs["id"] == row["id"]
    assert (outputs["name"], outputs["pool"]) == ("report/dev", "their-pool")
    assert outputs["page"].endswith(row["id"])
    assert row["work_pool_name"] == "their-pool"
    assert row["parameters"] == {"x": 36}
    assert row["job_variables"] == {"working_dir": "their-pool"}


def test_flows_of_a_program_share_what_they_need(run):
    """Two flows read one pool; a flow's deployments are chosen by name."""
    made = {}

    def program():
        for item, names in ((report, []), (often, ["hourly"])):
            deployed = meta_prefect.deploy(item, prefect=API_URL, deployments=names)
            made.update(deployed.deployments)

    result, prefect = run(program)

    assert result.outcome is Outcome.SUCCEEDED, result.diagnostics
    assert set(made) == {"", "hourly"}
    assert {row["name"] for row in prefect.deployments.values()} == {"dev", "hourly-dev"}


def test_a_pool_may_be_known_by_name_only(run):
    """An output that holds a name is enough; nothing is looked up."""

    def program():
        name = pulumi.Output.from_input("te").apply(lambda text: f"{text}am")
        meta_prefect.deploy(report, prefect=API_URL, pools={"team": name})

    result, prefect = run(program)

    assert result.outcome is Outcome.SUCCEEDED, result.diagnostics
    assert [row["work_pool_name"] for row in prefect.deployments.values()] == ["team"]


def test_a_program_has_one_prefect(run):
    """A second one is refused, as pools and workers are shared."""

    def program():
        meta_prefect.deploy(report, prefect=API_URL)
        meta_prefect.deploy(often, prefect="http://other.test/api")

    result, _ = run(program, OperationKind.PREVIEW)

    assert result.outcome is Outcome.FAILED
    assert "MP2111" in str(result.diagnostics)


def test_a_flow_needs_a_name_for_its_worker():
    """A flow made inside a function cannot be found by a worker; one without builders is no use."""
    hidden = process()(flow)(lambda: None)

    with pytest.raises(MetaPrefectError, match="MP1111"):
        read_flow_object(hidden)
    assert read_flow_object(report).base.source.entrypoint.endswith("test_deploying.py:report")
    assert read_flow_object(hidden, must_be_found=False).name == "<lambda>"
