"""Several deployments from one flow: what `up`, `destroy`, `ls` and `run` make of them."""

import pytest

from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.interfaces.engine import OperationKind
from meta_prefect.project.operations import OperationOptions, Selection
from tests.support.fake_world import World

FLOW = """
from dataclasses import replace

from prefect import flow

from meta_prefect.implementations.deployments import deployment
from meta_prefect.implementations.metadata import tags_resolver
from meta_prefect.interfaces.components import WorkerPool
from meta_prefect.interfaces.deployment import LocalCode
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface

class on_pool(FlowBuilderInterface):
    def __init__(self, name):
        self.pool = WorkerPool(name)

    @property
    def requires(self):
        return {self.pool}

    def update_deployment(self, deployment):
        return replace(deployment, work_pool=self.pool, code=LocalCode())

"""
TWO = (
    FLOW
    + """
@deployment("nightly", on_pool("heavy"))
@deployment("hourly", on_pool("light"))
@flow(version="1")
def report(): ...
"""
)


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    made.write(TWO)
    return made


def test_each_deployment_is_declared_under_its_name(world):
    """`up` of a flow makes all of them, each with its own pool, named `NAME-STACK`."""
    steps = world.up("report")

    assert {"report/nightly", "report/hourly", "report/flow"} <= steps.keys()
    assert {name: row["work_pool_name"] for name, row in world.deployments.items()} == {
        "report/nightly-dev": "shop-dev-heavy",
        "report/hourly-dev": "shop-dev-light",
    }
    assert world.preview("report") == {}


def test_a_named_one_comes_up_alone(world):
    """`up FLOW/NAME` makes that deployment and what it needs, and leaves the others as they are."""
    first = world.up("report/nightly")
    second = world.up("report/hourly-dev")

    assert "report/hourly" not in first
    assert "work-pool/light/pool" not in first
    assert set(second) == {"report/hourly", "work-pool/light", "work-pool/light/pool"}
    assert world.preview() == {}


def test_another_one_is_not_touched_by_a_scoped_up(world):
    """A change of both shows in one alone, and a pool that the other needs stays."""
    world.up("report")
    world.write(TWO.replace("heavy", "huge").replace("light", "dim"))

    steps = world.up("report/nightly")

    assert steps == {
        "work-pool/huge": "create",
        "work-pool/huge/pool": "create",
        "report/nightly": "update",
        "work-pool/heavy": "delete",
        "work-pool/heavy/pool": "delete",
    }


def test_a_renamed_one_is_created_and_deleted(world):
    """Another name is another deployment; the old one is a leftover of its flow."""
    world.up("report")
    world.write(TWO.replace('"hourly"', '"often"'))

    assert world.preview("report") == {"report/often": "create", "report/hourly": "delete"}


def test_one_of_two_is_destroyed_with_what_only_it_needs(world):
    """The flow stays as long as it has a deployment, and goes with the last one."""
    world.up("report")

    first = world.destroy("report/nightly")
    second = world.preview("report/hourly", kind=OperationKind.DESTROY)

    assert set(first) == {"report/nightly", "work-pool/heavy", "work-pool/heavy/pool"}
    assert {"report", "report/flow", "report/hourly", "work-pool/light/pool"} <= second.keys()


def test_the_default_one_exists_beside_others_when_it_is_asked_for(world):
    """`deployment("")` asks for the one that is named after the stack."""
    world.write(
        FLOW + '@deployment("nightly")\n@deployment("")\n@on_pool("p")\n@flow\ndef f(): ...'
    )

    world.up("f")

    assert set(world.deployments) == {"f/dev", "f/nightly-dev"}


def test_two_stacks_in_one_workspace_do_not_meet(world):
    """Names carry the stack: the second `up` makes its own things, and takes none over."""
    world.up("report")
    world.up("report", stack="prod")

    assert set(world.deployments) == {
        "report/nightly-dev",
        "report/hourly-dev",
        "report/nightly-prod",
        "report/hourly-prod",
    }
    world.destroy("report", stack="prod")
    assert set(world.deployments) == {"report/nightly-dev", "report/hourly-dev"}


def test_ls_and_show_know_each_of_them(world):
    """The listing has both names in Prefect; facts and resources are those of the one asked for."""
    world.up("report")
    project = world.project()

    (listing,) = project.list_flows()

    assert sorted(listing.deployments) == ["report/hourly-dev", "report/nightly-dev"]
    facts = [fact.text for fact in project.facts(["report/nightly"])]
    assert "report/nightly-dev" in facts
    assert "report/hourly-dev" not in facts
    names = {item.urn.rpartition("::")[2] for item in project.resources("report/nightly")}
    assert "report/nightly" in names
    assert "report/hourly" not in names


def test_what_is_not_up_has_no_facts(world):
    """Facts about a deployment that a failed operation did not make are none, not an error."""
    world.up("report/nightly")
    project = world.project()

    assert project.facts(["report/hourly"]) == ()
    assert project.facts(["report/nightly"]) != ()


def test_the_heading_names_each_deployment(world):
    """Two deployments of one flow are two subjects of the operation."""
    selection = Selection(("report/nightly", "report/hourly-dev"))

    operation = world.project().prepare(OperationKind.UP, selection, OperationOptions())

    assert operation.subject.flows == ("report/nightly", "report/hourly")


def test_a_run_of_several_needs_a_name(world):
    """Without a default one, `run FLOW` names the choices and starts nothing."""
    world.up("report")

    with pytest.raises(MetaPrefectError, match="MP3405") as caught:
        world.project().start_run("report", {})

    assert caught.value.diagnostic.fixes == (
        "meta-prefect run report/hourly",
        "meta-prefect run report/nightly",
    )


def test_an_unknown_one_is_said_with_the_known(world):
    """The error for a wrong name lists the right ones."""
    with pytest.raises(MetaPrefectError, match="MP1110") as caught:
        world.preview("report/weekly")

    assert caught.value.exit_code is ExitCode.NOT_FOUND
    assert "report/nightly" in caught.value.diagnostic.why


def test_two_with_one_name_in_prefect_are_refused(world):
    """A builder that gives both deployments one name is an error before anything runs."""
    world.write(
        TWO.replace("@flow(", "@named()\n@flow(").replace(
            "class on_pool",
            "class named(FlowBuilderInterface):\n"
            "    def update_deployment(self, deployment):\n"
            "        return replace(deployment, name='same')\n\n"
            "class on_pool",
        )
    )

    with pytest.raises(MetaPrefectError, match="MP2107"):
        world.preview("report")
