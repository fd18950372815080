"""The reference program of a Prefect server, on a real API server."""

from pathlib import Path

import pytest

from meta_prefect.interfaces.engine import ConfigValue, Outcome
from tests.support.healthy import build_healthy_image
from tests.support.prefect_server import find_free_port
from tests.support.stack_world import StackWorld

pytest_plugins = ["tests.support.kubernetes.world"]
pytestmark = pytest.mark.e2e

PROGRAM = Path(__file__).parents[2] / "stacks" / "prefect_server"
NAMESPACE = "/api/v1/namespaces/reference-server-dev-prefect"


@pytest.fixture
def world(kubernetes, start_node, tmp_path, monkeypatch):
    """The program with a cluster that has a node on which its images say that they are well."""
    monkeypatch.setenv("META_PREFECT_ENGINE", "embedded")
    monkeypatch.setenv("KUBECONFIG", kubernetes.environment["KUBECONFIG"])
    make_disk(kubernetes)
    start_node(
        {
            "prefecthq/prefect:*": build_healthy_image(4200, find_free_port()),
            "postgres:*": build_healthy_image(5432, find_free_port(), write_pg_isready(tmp_path)),
        }
    )
    return StackWorld(PROGRAM, tmp_path, kubernetes.environment)


def make_disk(kubernetes):
    """Give the cluster the disk that the database asks for."""
    body = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": kubernetes.namespace},
        "spec": {
            "capacity": {"storage": "10Gi"},
            "accessModes": ["ReadWriteOnce"],
            "hostPath": {"path": "/nowhere"},
        },
    }
    with kubernetes.plane.client() as client:
        client.post("/api/v1/persistentvolumes", json=body).raise_for_status()


def write_pg_isready(folder):
    """Stand in for the command that says whether PostgreSQL is ready."""
    command = folder / "bin" / "pg_isready"
    command.parent.mkdir()
    command.write_text("#!/bin/sh\nexit 0\n")
    command.chmod(0o755)
    return command.parent


def test_a_server_comes_with_its_database_and_its_secrets_stay_closed(world, kubernetes):
    """Up, nothing to do, down; no password stands in a pod."""
    config = {
        "reference-server:version": ConfigValue("3.8.8"),
        "reference-server:databasePassword": ConfigValue("pa55word", secret=True),
        "reference-server:authString": ConfigValue("user:word", secret=True),
        "reference-server:host": ConfigValue("prefect.example.com"),
    }

    made = world.up(config)
    size = world.size
    pods = str(kubernetes.get(f"{NAMESPACE}/pods"))
    again = world.up(config)
    steps_again = world.steps
    gone = world.destroy(config)

    assert [run.outcome for run in (made, again, gone)] == [Outcome.SUCCEEDED] * 3, world.messages
    assert size == world.promised_size
    assert steps_again == {}
    assert "pa55word" not in pods
    assert made.outputs["api"].value == "http://prefect.example.com/api"
    assert kubernetes.get(NAMESPACE) is None
