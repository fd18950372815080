"""The reference program for a cluster that is there, on a real API server."""

from pathlib import Path

import pytest

from meta_prefect.interfaces.engine import Outcome
from tests.support.healthy import build_healthy_image
from tests.support.prefect_server import find_free_port
from tests.support.stack_world import API_URL, StackWorld

pytest_plugins = ["tests.support.kubernetes.world"]

pytestmark = pytest.mark.e2e

PROGRAM = Path(__file__).parents[2] / "stacks" / "existing_cluster"
NAMESPACE = "/api/v1/namespaces/reference-existing-dev-flows"
DEPLOYMENTS = "/apis/apps/v1/namespaces/reference-existing-dev-flows/deployments"
DASK = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/daskclusters.kubernetes.dask.org"


@pytest.fixture
def world(kubernetes, start_node, tmp_path, monkeypatch):
    """The program with a cluster that has a node on which its images say that they are well."""
    monkeypatch.setenv("PREFECT_API_URL", API_URL)
    monkeypatch.setenv("META_PREFECT_ENGINE", "embedded")
    monkeypatch.setenv("KUBECONFIG", kubernetes.environment["KUBECONFIG"])
    start_node(
        {
            "prefecthq/prefect:*": build_healthy_image(8080, find_free_port()),
            "ghcr.io/dask/*": build_healthy_image(8080, find_free_port()),
        }
    )
    return StackWorld(PROGRAM, tmp_path, kubernetes.environment)


def test_a_cluster_gets_what_a_flow_needs_and_loses_it_again(world, kubernetes):
    """Up, nothing to do, a replica too many mended, and down but for Dask's kinds of objects."""
    made = world.up()
    size = world.size
    again = world.up()
    steps_again = world.steps

    kubernetes.patch(f"{DEPLOYMENTS}/kubernetes-worker", {"spec": {"replicas": 3}})
    world.refresh()
    seen = world.stored["worker/kubernetes/deployment"].outputs["spec"]["replicas"]
    world.up()
    mended = kubernetes.get(f"{DEPLOYMENTS}/kubernetes-worker")["spec"]["replicas"]

    gone = world.destroy()

    assert [run.outcome for run in (made, again, gone)] == [Outcome.SUCCEEDED] * 3
    assert size == world.promised_size
    assert steps_again == {}
    assert (seen, mended) == (3, 1)
    assert [line for line in world.kept if "crd-daskcluster" in line]
    assert kubernetes.get(NAMESPACE) is None
    assert kubernetes.get(DASK) is not None
