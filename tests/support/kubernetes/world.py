"""
A Kubernetes for one test: the API server of the run, the double's executable, a namespace.

Fixtures: `control_plane` is the same for all tests, `kubernetes` is for the double, `start_node`
has pods run, `eks` lets EKS clusters of the AWS double be this Kubernetes.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.kubernetes.binary import demand_binary, find_go
from tests.support.kubernetes.control_plane import ControlPlane, end, run_control_plane
from tests.support.kubernetes.images import write_images
from tests.support.plugins.serving import ROOT, write_launcher
from tests.support.waiting import wait_until

_NODE_SECONDS = 60


@dataclass(frozen=True)
class KubernetesWorld:
    """
    Where the double finds its Kubernetes.

    bin: folder of the executable; namespace: one of the test's own, there from the start.
    """

    plane: ControlPlane
    bin: Path
    namespace: str

    @property
    def environment(self):
        """What a process needs to work against this Kubernetes, the double on PATH among it."""
        return {
            "KUBECONFIG": str(self.plane.kubeconfig),
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
        }

    @property
    def kubeconfig(self):
        """The administrator's kubeconfig, as text."""
        return self.plane.kubeconfig.read_text()

    def get(self, path):
        """Give what the API server has at a path; None when it has nothing there."""
        with self.plane.client() as client:
            answer = client.get(path)
        return None if answer.status_code == 404 else answer.raise_for_status().json()

    def patch(self, path, body):
        """Change an object as somebody else would, by a merge patch."""
        headers = {"Content-Type": "application/merge-patch+json"}
        with self.plane.client() as client:
            answer = client.patch(path, content=json.dumps(body), headers=headers)
        return answer.raise_for_status().json()

    def delete(self, path):
        """Take an object away behind a stack's back."""
        with self.plane.client() as client:
            client.delete(path).raise_for_status()


@pytest.fixture(scope="module")
def control_plane(request, tmp_path_factory):
    """Start a Kubernetes for the tests of a module, which find nothing of others in it."""
    go = find_go()
    if go is None:
        pytest.skip("Go is not installed: the Kubernetes of the tests cannot be built")
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        binary = demand_binary(go)
    with run_control_plane(binary, tmp_path_factory.mktemp("kubernetes")) as plane:
        yield plane


@pytest.fixture
def kubernetes(control_plane, tmp_path):
    """Give a Kubernetes with a namespace for the test, and the means to work against it."""
    folder = tmp_path / "kubernetes" / "bin"
    write_launcher(folder, "kubernetes", "tests.support.kubernetes.plugin_main")
    namespace = f"test-{secrets.token_hex(4)}"
    with control_plane.client() as client:
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        client.post("/api/v1/namespaces", json=body).raise_for_status()
        world = KubernetesWorld(control_plane, folder, namespace)
        yield world
        client.delete(f"/api/v1/namespaces/{namespace}")


@pytest.fixture
def start_node(control_plane, tmp_path):
    """Give a function that starts a node from images by name, with labels; gives its name."""
    with ExitStack() as stack:

        def start(images, labels=None, capacity=None):
            name = f"node-{secrets.token_hex(4)}"
            folder = tmp_path / name
            folder.mkdir()
            write_images(folder / "images.json", images)
            process = _start_process(control_plane, name, folder, labels or {}, capacity or {})
            stack.callback(_remove_node, control_plane, name, process)
            wait_until(lambda: _is_ready(control_plane, name), _NODE_SECONDS)
            return name

        yield start


def _start_process(plane, name, folder, labels, capacity):
    pair = plane.authority.issue(name, f"system:node:{name}", ("system:nodes",))
    options = {
        "name": name,
        "folder": folder,
        "images": folder / "images.json",
        "kubeconfig": plane.kubeconfig,
        "authority": plane.authority.pair.certificate,
        "certificate": pair.certificate,
        "key": pair.key,
    }
    command = [f"--{key}={value}" for key, value in options.items()]
    command += [f"--label={key}={value}" for key, value in labels.items()]
    command += [f"--capacity={key}={value}" for key, value in capacity.items()]
    with (folder / "node.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.support.kubernetes.node_main", *command],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _is_ready(plane, name):
    with plane.client() as client:
        answer = client.get(f"/api/v1/nodes/{name}")
    if answer.status_code == 404:
        return False
    conditions = answer.json()["status"].get("conditions") or ()
    return any(item["type"] == "Ready" and item["status"] == "True" for item in conditions)


def _remove_node(plane, name, process):
    end(process)
    with plane.client() as client:
        client.delete(f"/api/v1/nodes/{name}")


@pytest.fixture
def eks(aws, kubernetes):
    """
    Give the environment in which EKS clusters of the AWS double are the real API server.

    It holds both doubles, and an `aws` that gives a token for `aws eks get-token`.
    """
    token = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "kind": "ExecCredential",
        "status": {"token": kubernetes.plane.token},
    }
    path = kubernetes.bin / "aws"
    path.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(token)}\nEND\n")
    path.chmod(0o755)
    return {
        **aws.environment,
        "PATH": f"{kubernetes.bin}{os.pathsep}{aws.environment['PATH']}",
        "META_PREFECT_EKS_ENDPOINT": kubernetes.plane.url,
        "META_PREFECT_EKS_CA": kubernetes.plane.certificate_authority,
    }
