"""Our Kubernetes pool and worker take a run from Prefect to a finished Job on a real API server."""

import os
import time

import pulumi
import pytest

from meta_prefect.components.platform.existing_cluster import ExistingCluster
from meta_prefect.components.platform.kubernetes_pool import KubernetesWorkPool
from meta_prefect.components.platform.kubernetes_worker import KubernetesWorker, WorkerPods
from meta_prefect.components.platform.namespace import ExistingNamespace
from meta_prefect.engine.embedded.engine import EmbeddedEngine
from meta_prefect.engine.embedded.plugin_finder import PluginPlace
from meta_prefect.engine.state.backend import FileBackend
from meta_prefect.interfaces.engine import OperationKind, OperationRequest, Outcome
from meta_prefect.provider import sdk
from meta_prefect.provider.provider import PrefectProvider
from tests.support.by_hand import connect as connect_by_hand
from tests.support.kubernetes.images import build_python_image
from tests.support.prefect_server import find_free_port
from tests.support.waiting import wait_until

pytest_plugins = ["tests.support.kubernetes.world"]
pytestmark = pytest.mark.e2e

_SECONDS = 120
_WORKER_PORT = 8080
_FLOW = """
import os
import signal

from prefect import flow, get_run_logger


@flow
def greet(name):
    get_run_logger().info("hello %s from %s", name, os.environ["PLACE"])
    if name == "nobody":
        os.kill(os.getpid(), signal.SIGKILL)
"""


async def connect(log):
    """Make a Prefect provider that takes nothing from this machine."""
    return PrefectProvider(log, environment={"PREFECT_HOME": "/nonexistent"})


class Platform:
    """A stack with pool, worker and one deployment in a test's namespace."""

    def __init__(self, folder, kubernetes, server, code):
        place = PluginPlace(
            {**os.environ, **kubernetes.environment}, folder / "home", {}, may_download=False
        )
        backend = FileBackend(f"file://{folder}", "flows", lambda: "passphrase")
        self._engine = EmbeddedEngine(backend, {"prefect": connect}, place)
        self._kubernetes = kubernetes
        self._server = server
        self._code = code
        self._api = connect_by_hand(server.url)

    def declare(self):
        """Say what there is: the components are those that flows with `eks(...)` get."""
        prefect = sdk.Provider("prefect", api_url=self._server.url)
        with_prefect = pulumi.ResourceOptions(providers={"prefect": prefect})
        cluster = ExistingCluster("here", kubeconfig=self._kubernetes.kubeconfig).handle
        namespace = ExistingNamespace(self._kubernetes.namespace, cluster).handle
        pool = KubernetesWorkPool("pool", namespace=namespace, opts=with_prefect)
        worker = KubernetesWorker(
            "worker",
            pool_name=pool.pool_name,
            namespace=namespace,
            api_url=self._server.url,
            pods=WorkerPods(query_seconds=1),
            after=[pool.pool],
        )
        deployment = sdk.Deployment(
            "greet",
            name="greet",
            flow_name="greet",
            entrypoint="greet.py:greet",
            pull_steps=[
                {"prefect.deployments.steps.set_working_directory": {"directory": str(self._code)}}
            ],
            work_pool_name=pool.pool_name,
            work_pool_id=pool.pool_id,
            job_variables={
                "image": "flows:1",
                "cpu_request": "800m",
                "memory_request": "1536Mi",
                "memory_limit": "1536Mi",
                "service_account_name": "default",
                "labels": {"team": "data"},
                "env": {"PLACE": "a pod"},
                "node_selector": {"meta-prefect.io/node-group": "big"},
            },
            opts=pulumi.ResourceOptions(provider=prefect, depends_on=[worker.deployment]),
        )
        pulumi.export("deployment", deployment.deployment_id)

    def up(self):
        """Bring it up; gives the deployment's id."""
        result = self._operate(OperationKind.UP, self.declare)
        return result.outputs["deployment"].value

    def destroy(self):
        """Take it down."""
        self._operate(OperationKind.DESTROY)

    def _operate(self, kind, program=None):
        said = []
        request = OperationRequest(kind, "flows", "dev", program)
        result = self._engine.run(request, said.append)
        assert result.outcome is Outcome.SUCCEEDED, result.diagnostics
        return result

    def run(self, deployment, **parameters):
        """Start a run, and wait until it has ended; gives it."""
        path = f"/deployments/{deployment}/create_flow_run"
        answer = self._api.post(path, json={"parameters": parameters})
        run = answer.raise_for_status().json()
        wait_until(lambda: self._find(run)["state_type"] in _ENDED, _SECONDS)
        return self._find(run)

    def _find(self, run):
        time.sleep(0.2)
        return self._api.get(f"/flow_runs/{run['id']}").raise_for_status().json()

    def list_logs(self, run):
        """Give what a run has said."""
        asked = {"logs": {"flow_run_id": {"any_": [run["id"]]}}}
        answer = self._api.post("/logs/filter", json=asked)
        return [entry["message"] for entry in answer.raise_for_status().json()]

    def read_worker_log(self):
        """Give what the worker's pods have said, as the API server tells it."""
        path = f"/api/v1/namespaces/{self._kubernetes.namespace}/pods"
        with self._kubernetes.plane.client() as client:
            pods = client.get(path).json()["items"]
            names = [pod["metadata"]["name"] for pod in pods]
            workers = [name for name in names if name.startswith("worker")]
            return "".join(client.get(f"{path}/{name}/log").text for name in workers)

    def find_job(self, run):
        """Give the Job of a run."""
        found = self._kubernetes.get(f"/apis/batch/v1/namespaces/{self._kubernetes.namespace}/jobs")
        jobs = [
            job
            for job in found["items"]
            if job["metadata"]["labels"].get("prefect.io/flow-run-id") == run["id"]
        ]
        return jobs[0]


_ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


@pytest.fixture
def platform(kubernetes, prefect_server, start_node, tmp_path):
    """A platform that is up, on a node that has Prefect's image and that of the flows."""
    code = tmp_path / "code"
    code.mkdir()
    (code / "greet.py").write_text(_FLOW)
    port = find_free_port()
    worker = build_python_image({_WORKER_PORT: port}, PREFECT_WORKER_WEBSERVER_PORT=str(port))
    start_node(
        {"prefecthq/prefect:*": worker, "flows:1": build_python_image()},
        labels={"meta-prefect.io/node-group": "big"},
    )
    platform = Platform(tmp_path / "stack", kubernetes, prefect_server, code)
    yield platform
    platform.destroy()


def test_a_run_becomes_a_job(platform, kubernetes):
    """A run's Job has the resources, account, labels and environment asked for, and completes."""
    deployment = platform.up()

    run = platform.run(deployment, name="world")
    job = platform.find_job(run)
    pod = job["spec"]["template"]["spec"]
    container = pod["containers"][0]

    assert run["state_type"] == "COMPLETED"
    assert container["resources"] == {
        "requests": {"cpu": "800m", "memory": "1536Mi"},
        "limits": {"memory": "1536Mi"},
    }
    assert pod["serviceAccountName"] == "default"
    assert pod["nodeSelector"] == {"meta-prefect.io/node-group": "big"}
    assert job["metadata"]["labels"]["team"] == "data"
    assert {"name": "PLACE", "value": "a pod"} in container["env"]
    wait_until(lambda: "hello world from a pod" in platform.list_logs(run), _SECONDS)


def test_a_run_that_is_killed(platform, kubernetes):
    """A run that is killed cannot say so: the worker marks it as crashed, with its rights alone."""
    deployment = platform.up()

    run = platform.run(deployment, name="nobody")
    said = platform.read_worker_log()

    assert run["state_type"] == "CRASHED"
    assert "started!" in said
    assert "forbidden" not in said.lower()
