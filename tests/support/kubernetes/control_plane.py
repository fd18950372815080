"""
A real Kubernetes on loopback without nodes: etcd, API server, controller manager, scheduler.

Four processes of one executable, started for a test run and ended by their ids; their logs stay in
the folder. What runs pods is `node`, a program of its own.
"""

from __future__ import annotations

import base64
import json
import signal
import socket
import ssl
import subprocess
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.kubernetes.certificates import Authority, KeyPair

_READY_SECONDS = 120
_END_SECONDS = 20
_TOKEN = "tests-admin-token"


@dataclass(frozen=True)
class ControlPlane:
    """
    A running API server.

    url: where it listens; authority, admin: certificates; token: of the same administrator.
    kubeconfig: file of an administrator, with everything inside.
    """

    url: str
    folder: Path
    authority: Authority
    admin: KeyPair
    kubeconfig: Path
    token: str = _TOKEN

    @property
    def certificate_authority(self):
        """The authority's certificate, as kubeconfig files have it."""
        return _encode(self.authority.pair.certificate)

    def client(self):
        """Give an HTTP client that asks as the administrator."""
        return httpx.Client(
            base_url=self.url,
            verify=ssl.create_default_context(cafile=self.authority.pair.certificate),
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=30,
        )


@contextmanager
def run_control_plane(binary, folder):
    """Run all four programs until the context ends."""
    with ExitStack() as stack:
        plane, ports = _prepare(folder), _find_ports(4)
        etcd_url = f"http://127.0.0.1:{ports[0]}"
        plane = _with_url(plane, f"https://127.0.0.1:{ports[2]}")
        stack.enter_context(_running(binary, folder, "etcd", _etcd_options(folder, *ports[:2])))
        server = stack.enter_context(
            _running(binary, folder, "kube-apiserver", _server_options(plane, etcd_url, ports[2]))
        )
        _wait_until_ready(plane, server)
        for name in ("kube-controller-manager", "kube-scheduler"):
            options = _CONTROLLERS[name](plane)
            stack.enter_context(_running(binary, folder, name, options))
        _wait_for_account(plane)
        yield plane


def _find_ports(count):
    """Ask the kernel for ports that are free now, all different."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def _prepare(folder):
    authority = Authority(folder)
    authority.issue("server", "kube-apiserver")
    authority.issue("accounts", "service-accounts")
    authority.issue("kubelet-client", "kube-apiserver", ("system:masters",))
    admin = authority.issue("admin", "admin", ("system:masters",))
    (folder / "tokens.csv").write_text(f'{_TOKEN},admin,admin,"system:masters"\n')
    return ControlPlane("", folder, authority, admin, folder / "kubeconfig")


def _with_url(plane, url):
    plane = ControlPlane(url, plane.folder, plane.authority, plane.admin, plane.kubeconfig)
    plane.kubeconfig.write_text(json.dumps(build_kubeconfig(plane)))
    return plane


def build_kubeconfig(plane, user=None):
    """Make a kubeconfig with one context, `tests`; the user is the administrator if not given."""
    admin = {
        "client-certificate-data": _encode(plane.admin.certificate),
        "client-key-data": _encode(plane.admin.key),
    }
    cluster = {"server": plane.url, "certificate-authority-data": plane.certificate_authority}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "tests",
        "clusters": [{"name": "tests", "cluster": cluster}],
        "users": [{"name": "admin", "user": user or admin}],
        "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": "admin"}}],
    }


def _encode(path):
    return base64.b64encode(path.read_bytes()).decode()


def _etcd_options(folder, port, peer_port):
    url, peer_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{peer_port}"
    return {
        "data-dir": folder / "etcd",
        "listen-client-urls": url,
        "advertise-client-urls": url,
        "listen-peer-urls": peer_url,
        "initial-advertise-peer-urls": peer_url,
        "initial-cluster": f"default={peer_url}",
        # The tests' data may be lost with the machine.
        "unsafe-no-fsync": "true",
    }


def _server_options(plane, etcd_url, port):
    folder, ca = plane.folder, plane.authority.pair.certificate
    return {
        "etcd-servers": etcd_url,
        "bind-address": "127.0.0.1",
        "secure-port": port,
        # A loopback address may not be an endpoint of the service `kubernetes`.
        "endpoint-reconciler-type": "none",
        "cert-dir": folder / "serving",
        "tls-cert-file": folder / "server.crt",
        "tls-private-key-file": folder / "server.key",
        "client-ca-file": ca,
        "token-auth-file": folder / "tokens.csv",
        "authorization-mode": "RBAC",
        "service-account-issuer": "https://kubernetes.default.svc",
        "service-account-key-file": folder / "accounts.crt",
        "service-account-signing-key-file": folder / "accounts.key",
        "service-cluster-ip-range": "10.0.0.0/24",
        "kubelet-certificate-authority": ca,
        "kubelet-client-certificate": folder / "kubelet-client.crt",
        "kubelet-client-key": folder / "kubelet-client.key",
        "kubelet-preferred-address-types": "InternalIP",
        "allow-privileged": "true",
    }


def _manager_options(plane):
    return {
        "kubeconfig": plane.kubeconfig,
        "bind-address": "127.0.0.1",
        "secure-port": 0,
        "leader-elect": "false",
        "use-service-account-credentials": "true",
        "root-ca-file": plane.authority.pair.certificate,
        "service-account-private-key-file": plane.folder / "accounts.key",
    }


def _scheduler_options(plane):
    return {
        "kubeconfig": plane.kubeconfig,
        "bind-address": "127.0.0.1",
        "secure-port": 0,
        "leader-elect": "false",
    }


_CONTROLLERS = {
    "kube-controller-manager": _manager_options,
    "kube-scheduler": _scheduler_options,
}


@contextmanager
def _running(binary, folder, name, options):
    command = [binary, name, *(f"--{option}={value}" for option, value in options.items())]
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        end(process)


def end(process):
    """End a process by its id: ask, wait, then kill."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_ready(plane, process):
    with plane.client() as client:
        _wait(lambda: _answers(client, "/readyz"), plane, process)


def _wait_for_account(plane):
    """Pods of a namespace are refused until it has its default account."""
    path = "/api/v1/namespaces/default/serviceaccounts/default"
    with plane.client() as client:
        _wait(lambda: _answers(client, path), plane, None)


def _answers(client, path):
    try:
        return client.get(path).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _wait(condition, plane, process):
    deadline = time.monotonic() + _READY_SECONDS
    while not condition():
        if process is not None and process.poll() is not None:
            pytest.fail(f"the API server ended: {plane.folder}/kube-apiserver.log")
        if time.monotonic() > deadline:
            pytest.fail(f"Kubernetes is not ready: see the logs in {plane.folder}")
        time.sleep(0.1)
