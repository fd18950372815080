"""The reference program with a team's own resources beside its flows."""

import shutil
import sys
from pathlib import Path

import pytest

from meta_prefect.engine.embedded.engine import EmbeddedEngine
from meta_prefect.engine.state.backend import FileBackend
from meta_prefect.interfaces.engine import ConfigValue, OperationKind, OperationRequest, Outcome
from meta_prefect.interfaces.events import ResourcePre
from meta_prefect.project.pulumi_folder import open_pulumi_folder
from meta_prefect.provider.provider import PrefectProvider
from tests.support.fake_prefect import FakePrefect

STACK = Path(__file__).parents[2] / "stacks" / "per_flow"
PROJECT = "reference-per-flow"


class Program:
    """The program in a folder of its own, in front of a Prefect in memory."""

    def __init__(self, folder):
        self.folder = shutil.copytree(STACK, folder / "per_flow")
        self.prefect = FakePrefect()
        self.backend = FileBackend((folder / "state").as_uri(), PROJECT, lambda: "pass")

    def up(self, **config):
        """Bring it up; gives op by name of what was not the same, and the outputs."""
        return self._run(OperationKind.UP, open_pulumi_folder(self.folder).build_program(), config)

    def destroy(self):
        """Take everything away."""
        return self._run(OperationKind.DESTROY, None, {})

    def _run(self, kind, program, config):
        values = {"apiUrl": "http://prefect.test/api", **config}
        request = OperationRequest(
            kind,
            PROJECT,
            "dev",
            program=program,
            config={f"{PROJECT}:{key}": ConfigValue(value) for key, value in values.items()},
            root=str(self.folder),
        )
        steps = {}

        def note(event):
            if isinstance(event, ResourcePre) and event.metadata.op != "same":
                steps[event.metadata.urn.rpartition("::")[2]] = event.metadata.op.value

        engine = EmbeddedEngine(self.backend, {"prefect": self._connect})
        result = engine.run(request, note)
        assert result.outcome is Outcome.SUCCEEDED, result.diagnostics
        return steps, {name: item.value for name, item in result.outputs.items()}

    async def _connect(self, log):
        return PrefectProvider(log, environment={}, transport=self.prefect.transport)


@pytest.fixture
def program(tmp_path, monkeypatch):
    """The program without a worker, which would be a process; nothing is up."""
    made = Program(tmp_path)
    flows = made.folder / "flows.py"
    flows.write_text(flows.read_text().replace("@worker()\n", ""))
    yield made
    sys.modules.pop("flows", None)


def test_flows_and_a_teams_own_resources_are_one_graph(program):
    """Outputs of the team's resources reach the flows, and those of the flows an automation."""
    steps, outputs = program.up(region="us")

    rows = {row["name"]: row for row in program.prefect.deployments.values()}
    (automation,) = program.prefect.automations.values()
    assert outputs == {
        "orders": "orders/nightly-dev",
        "invoices": "invoices/dev",
        "pool": "reference-per-flow-dev-team",
    }
    assert {"pool", "region", "orders/nightly", "invoices/deployment"} <= steps.keys()
    for row in rows.values():
        assert row["work_pool_name"] == "reference-per-flow-dev-team"
        assert row["parameters"] == {"region": "us"}
    assert automation["actions"][0]["deployment_id"] == rows["dev"]["id"]
    related = automation["trigger"]["match_related"]["prefect.resource.id"]
    assert related == f"prefect.deployment.{rows['nightly-dev']['id']}"


def test_the_readme_counts_what_is_made(program):
    """Beside what is made here, the program as it is has a server and a worker."""
    program.up()

    stored = program.backend.read_stack("dev").resources
    made = [item for item in stored if item.custom and not item.type.startswith("pulumi:")]
    assert f"| makes | {len(made) + 2} resources" in (STACK / "README.md").read_text("utf-8")


def test_a_change_of_the_teams_own_goes_through_to_the_flows(program):
    """Another value changes the variable and both deployments; the same one nothing."""
    program.up(region="us")

    same, _ = program.up(region="us")
    changed, _ = program.up(region="ap")
    gone, _ = program.destroy()

    assert same == {}
    assert changed == {
        "region": "update",
        "orders/nightly": "update",
        "invoices/deployment": "update",
    }
    assert {"pool", "orders", "invoices-after-orders"} <= gone.keys()
    assert (program.prefect.deployments, program.prefect.pools) == ({}, {})
