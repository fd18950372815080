"""The node without containers does what a kubelet does, as far as the API server can see."""

import os

import httpx
import pytest

from tests.support.kubernetes.images import Image
from tests.support.waiting import wait_until

pytest_plugins = ["tests.support.kubernetes.world"]
pytestmark = pytest.mark.e2e

_SECONDS = 60
_SHELL = {"shell": Image(("/bin/sh", "-c"), {"PATH": os.environ["PATH"]})}


class Pods:
    """Makes pods in a test's namespace, and waits for them."""

    def __init__(self, kubernetes):
        self._kubernetes = kubernetes
        self._path = f"/api/v1/namespaces/{kubernetes.namespace}/pods"

    def make(self, name, script, image="shell", **spec):
        """Make a pod of one container, whose restart policy is `Never` unless said otherwise."""
        container = {"name": "main", "image": image, "args": [script]}
        whole = {"restartPolicy": "Never", "containers": [container], **spec}
        body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": whole}
        with self._kubernetes.plane.client() as client:
            client.post(self._path, json=body).raise_for_status()

    def read(self, name):
        """Give the status of a pod; None when it is gone."""
        found = self._kubernetes.get(f"{self._path}/{name}")
        return found and found["status"]

    def wait(self, name, condition):
        """Wait until the status of a pod is as it should be; gives it."""
        wait_until(lambda: condition(self.read(name)), _SECONDS)
        return self.read(name)

    def read_log(self, name, **parameters):
        """Give what a pod has said, as the API server has it from the node."""
        with self._kubernetes.plane.client() as client:
            answer = client.get(f"{self._path}/{name}/log", params=parameters)
        return answer.raise_for_status().text

    def delete(self, name):
        self._kubernetes.delete(f"{self._path}/{name}")


@pytest.fixture
def pods(kubernetes, start_node):
    """Pods on a node whose one image is a shell."""
    start_node(_SHELL)
    return Pods(kubernetes)


def has_ended(status):
    """Say whether a pod's containers have ended for good."""
    return status["phase"] in {"Succeeded", "Failed"}


def find_reason(status):
    """Say why a pod's container waits; empty when it does not."""
    states = [item["state"] for item in status.get("containerStatuses") or ()]
    return states[0].get("waiting", {}).get("reason", "") if states else ""


def test_a_pod_runs_to_its_end(pods):
    """A pod that ends well has succeeded, one that does not has failed with its code."""
    pods.make("good", "echo one; echo two")
    pods.make("bad", "exit 3")

    good, bad = (pods.wait(name, has_ended) for name in ("good", "bad"))

    assert (good["phase"], bad["phase"]) == ("Succeeded", "Failed")
    assert bad["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 3
    assert pods.read_log("good") == "one\ntwo\n"
    assert pods.read_log("good", tailLines=1) == "two\n"


def test_a_log_is_followed(pods):
    """A log that is followed ends when the container does."""
    pods.make("slow", "echo one; sleep 1; echo two")
    pods.wait("slow", lambda status: status["phase"] != "Pending")

    assert pods.read_log("slow", follow="true") == "one\ntwo\n"


def test_an_image_that_is_not_prepared(pods):
    """A pod whose image the node does not know waits, and says so as a kubelet would."""
    pods.make("unknown", "true", image="elsewhere/other:1")

    status = pods.wait("unknown", lambda found: find_reason(found) == "ErrImagePull")

    assert status["phase"] == "Pending"


def test_a_secret_that_is_not_there(pods):
    """A pod that refers to a Secret that is not there waits for it."""
    reference = {"secretKeyRef": {"name": "none", "key": "k"}}
    container = {
        "name": "main",
        "image": "shell",
        "args": ["true"],
        "env": [{"name": "A", "valueFrom": reference}],
    }
    pods.make("waiting", "", containers=[container])

    pods.wait("waiting", lambda found: find_reason(found) == "CreateContainerConfigError")


def test_containers_before_others(pods):
    """What has to be done first is done first, and stops the rest when it fails."""
    first = {"name": "first", "image": "shell", "args": ["exit 1"]}
    pods.make("stopped", "echo never", initContainers=[first])

    status = pods.wait("stopped", has_ended)

    assert status["phase"] == "Failed"
    assert pods.read_log("stopped", container="main") == ""


def test_a_pod_that_is_deleted_ends(pods, tmp_path):
    """A pod that is deleted is told to end, and gone when it has."""
    mark = tmp_path / "mark"
    pods.make("long", f"trap 'echo ended > {mark}; exit 0' TERM; while :; do sleep 0.1; done")
    pods.wait("long", lambda status: status["phase"] == "Running")

    pods.delete("long")
    wait_until(lambda: pods.read("long") is None, _SECONDS)

    assert mark.read_text() == "ended\n"


def test_a_container_that_ends_is_started_again(pods):
    """A pod that is to be kept running is started again, and its restarts are counted."""
    pods.make("again", "exit 1", restartPolicy="OnFailure")

    status = pods.wait(
        "again", lambda found: found.get("containerStatuses", [{}])[0].get("restartCount", 0) > 0
    )

    assert status["phase"] != "Failed"


def test_a_pod_may_what_its_account_may(pods, kubernetes):
    """A pod's processes find a token of its service account, whose rights are all they have."""
    pods.make("curious", "cat $KUBECONFIG")
    pods.wait("curious", has_ended)
    token = pods.read_log("curious").partition('"token": "')[2].partition('"')[0]

    with kubernetes.plane.client() as client:
        headers = {"Authorization": f"Bearer {token}"}
        answer = client.get(f"/api/v1/namespaces/{kubernetes.namespace}/secrets", headers=headers)

    assert answer.status_code == httpx.codes.FORBIDDEN
    assert f"system:serviceaccount:{kubernetes.namespace}:default" in answer.text
