"""The Dask cluster of a run that is killed goes, on a real API server with the real operator."""

import os
import signal
import subprocess
import sys

import pytest
from dask_kubernetes.operator import make_cluster_spec

from meta_prefect.components.platform.dask_operator import read_definitions
from meta_prefect.implementations.dask_cluster import (
    DaskPods,
    build_cluster_name,
    finish_spec,
    read_run_pod,
)
from tests.support.kubernetes.control_plane import end
from tests.support.kubernetes.images import Image
from tests.support.waiting import wait_until

pytest_plugins = ["tests.support.kubernetes.world"]
pytestmark = pytest.mark.e2e

_SECONDS = 120
_KINDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_JOB_TTL_SECONDS = 2  # our pools have an hour


class Dask:
    """Makes runs and their Dask clusters in a test's namespace."""

    def __init__(self, kubernetes):
        self._kubernetes = kubernetes
        self._namespace = kubernetes.namespace

    def path(self, group, kind):
        return f"/apis/{group}/v1/namespaces/{self._namespace}/{kind}"

    def list_names(self, group, kind):
        """Give the names of what is there."""
        items = self._kubernetes.get(self.path(group, kind))["items"]
        return [item["metadata"]["name"] for item in items]

    def post(self, path, body):
        with self._kubernetes.plane.client() as client:
            client.post(path, json=body).raise_for_status()

    def start_run(self, script):
        """Make a run's Job as a worker does; gives its pod once that runs."""
        container = {"name": "prefect-job", "image": "shell", "args": [script]}
        pod = {"spec": {"restartPolicy": "Never", "containers": [container]}}
        spec = {"backoffLimit": 0, "ttlSecondsAfterFinished": _JOB_TTL_SECONDS, "template": pod}
        self.post(self.path("batch", "jobs"), {"metadata": {"name": "run"}, "spec": spec})
        wait_until(
            lambda: [pod for pod in self._list_pods() if pod["status"]["phase"] == "Running"],
            _SECONDS,
        )
        return self._list_pods()[0]

    def _list_pods(self):
        path = f"/api/v1/namespaces/{self._namespace}/pods?labelSelector=job-name=run"
        return self._kubernetes.get(path)["items"]

    def make_cluster(self, pod):
        """Ask for the cluster of a run as the run does."""
        run = read_run_pod(
            {
                "PREFECT__FLOW_RUN_ID": "01234567-89ab-cdef-0123-456789abcdef",
                "META_PREFECT_IMAGE": "flows:1",
                "META_PREFECT_POD_NAME": pod["metadata"]["name"],
                "META_PREFECT_POD_UID": pod["metadata"]["uid"],
                "META_PREFECT_NAMESPACE": self._namespace,
            }
        )
        pods = DaskPods()
        name = build_cluster_name(run)
        image = pods.find_image(run)
        made = make_cluster_spec(name, image, 2, pods.resources, pods.build_env(run))
        self.post(self.path("kubernetes.dask.org", "daskclusters"), finish_spec(made, pods, run))


@pytest.fixture
def operator(kubernetes, tmp_path):
    """Run the operator for the test's namespace, with its kinds in the cluster."""
    with kubernetes.plane.client() as client:
        for body in read_definitions().values():
            client.post(_KINDS, json=dict(body)).raise_for_status()
    words = ["-m", "kopf", "run", "-m", "dask_kubernetes.operator.controller"]
    with (tmp_path / "operator.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *words, f"--namespace={kubernetes.namespace}"],
            env={**os.environ, **kubernetes.environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    yield process
    end(process)


def test_a_run_that_is_killed_leaves_nothing(kubernetes, operator, start_node, tmp_path):
    """With its Job goes its pod, with that the cluster, with that all that the operator made."""
    start_node({"shell": Image(("/bin/sh", "-c"), {"PATH": os.environ["PATH"]})})
    dask = Dask(kubernetes)
    mark = tmp_path / "process"

    pod = dask.start_run(f"echo $$ > {mark}; while :; do sleep 0.2; done")
    dask.make_cluster(pod)
    wait_until(lambda: len(dask.list_names("apps", "deployments")) == 3, _SECONDS)
    os.kill(int(mark.read_text()), signal.SIGKILL)
    wait_until(lambda: not dask.list_names("kubernetes.dask.org", "daskclusters"), _SECONDS)

    wait_until(lambda: not dask.list_names("apps", "deployments"), _SECONDS)
    assert dask.list_names("kubernetes.dask.org", "daskworkergroups") == []
    assert operator.poll() is None
