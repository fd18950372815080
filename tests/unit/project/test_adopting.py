"""Programs that take over what exists."""

from types import SimpleNamespace

import pytest

from meta_prefect.interfaces.engine import Outcome
from meta_prefect.interfaces.events import Op
from meta_prefect.project.adopting import add_flows, adopt
from tests.support.embedded import EmbeddedBench, Group, Thing


def planned(name, *deployments):
    """Make a flow with deployments of these names."""
    spec = SimpleNamespace(flow_name=name.replace("_", "-"))
    items = tuple(SimpleNamespace(name=item, spec=spec) for item in deployments)
    return SimpleNamespace(name=name, deployments=items)


def test_an_object_is_taken_over_and_changed_in_one_go(tmp_path):
    """Of two resources of one name the custom one is imported, and brought to its inputs."""
    bench = EmbeddedBench(tmp_path)
    bench.cloud.objects["x-1"] = {"y": 3}

    def program():
        Group("a")
        Thing("a", y=4)
        Thing("b", y=1)

    result = bench.up(adopt(program, {"a": "x-1"}))

    assert result.outcome is Outcome.SUCCEEDED
    assert result.changes[Op.IMPORT] == 1
    assert bench.cloud.objects["x-1"]["y"] == 4
    assert len(bench.cloud.objects) == 2


@pytest.mark.parametrize(
    ("ids", "managed", "expected"),
    [
        ({"etl/deployment": "1"}, (), {"etl/flow": "etl", "etl/deployment": "1"}),
        ({"etl/nightly": "1"}, (), {"etl/flow": "etl", "etl/nightly": "1"}),
        ({"etl/nightly": "1", "etl/flow": "f"}, (), {"etl/flow": "f", "etl/nightly": "1"}),
        ({"etl/deployment": "1"}, ("etl",), {"etl/deployment": "1"}),
        ({"work-pool/process/pool": "p"}, (), {"work-pool/process/pool": "p"}),
    ],
)
def test_a_deployment_brings_its_flow(ids, managed, expected):
    """Its flow comes along by name, unless it is in the stack or named by hand."""
    flows = [planned("etl", "", "nightly"), planned("other", "")]

    assert add_flows(ids, flows, managed) == expected
