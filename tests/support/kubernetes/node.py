"""
A node without containers: it registers itself, takes the pods bound to it, and reports on them.

For tests only. The scheduler, controllers, RBAC and `pods/log` around it are Kubernetes' own; what
runs are processes of this machine.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import httpx

from tests.support.kubernetes.api import ApiError
from tests.support.kubernetes.containers import write_time
from tests.support.kubernetes.pods import Pod

_LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
_PODS = "/api/v1/pods"
_HEARTBEAT_SECONDS = 10
_LEASE_SECONDS = 40
_CAPACITY = {"cpu": "64", "memory": "256Gi", "pods": "110", "ephemeral-storage": "500Gi"}
_TOKEN_SECONDS = 3600


class Node:
    """
    One node.

    images: what its images are, by name; capacity: over the usual one, `nvidia.com/gpu` say.
    """

    def __init__(self, api, name, folder, images, labels=(), capacity=()):
        self.api = api
        self.folder = folder
        self.images = images
        self._name = name
        self._labels = dict(labels)
        self._capacity = {**_CAPACITY, **dict(capacity)}
        self._pods = {}
        self._addresses = 0
        self._endings = set()

    async def run(self, port, authority):
        """Work until cancelled; `port` is where logs are asked for, `authority` a certificate."""
        self._authority = authority
        await self._register(port)
        beating = asyncio.ensure_future(self._keep_beating())
        try:
            await self._follow_pods()
        finally:
            beating.cancel()
            await asyncio.gather(*(pod.end() for pod in self._pods.values()))

    def take_address(self):
        """Give an address that no other pod has, and that leads nowhere."""
        self._addresses += 1
        return f"10.244.{self._addresses // 250}.{self._addresses % 250 + 1}"

    def find_container(self, namespace, name, container):
        """Give a container by the names of its pod; None when there is none."""
        for pod in self._pods.values():
            if pod.name == f"{namespace}/{name}":
                return pod.find_container(container)
        return None

    async def ask_token(self, pod):
        """Give a token of a pod's service account."""
        account = pod["spec"].get("serviceAccountName", "default")
        namespace = pod["metadata"]["namespace"]
        path = await self.api.build_path("v1", "ServiceAccount", namespace, account)
        request = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": _TOKEN_SECONDS},
        }
        answer = await self.api.call("POST", f"{path}/token", content=json.dumps(request))
        return answer["status"]["token"]

    def build_kubeconfig(self, pod, token):
        """Make the kubeconfig that a pod's processes find."""
        namespace = pod["metadata"]["namespace"]
        cluster = {
            "server": self.api.access.server,
            "certificate-authority-data": self._authority,
        }
        context = {"cluster": "here", "user": "account", "namespace": namespace}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "pod",
            "clusters": [{"name": "here", "cluster": cluster}],
            "users": [{"name": "account", "user": {"token": token}}],
            "contexts": [{"name": "pod", "context": context}],
        }

    async def _register(self, port):
        labels = {"kubernetes.io/hostname": self._name, "kubernetes.io/os": "linux"}
        node = {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": self._name, "labels": {**labels, **self._labels}},
        }
        path = await self.api.build_path("v1", "Node", "", self._name)
        await self.api.apply(path, node, "node-without-containers", force=True)
        status = {
            "capacity": self._capacity,
            "allocatable": self._capacity,
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
        }
        await self._tell(path, status)
        await self._beat(path)

    async def _keep_beating(self):
        path = await self.api.build_path("v1", "Node", "", self._name)
        while True:
            await asyncio.sleep(_HEARTBEAT_SECONDS)
            try:
                await self._beat(path)
            except (ApiError, httpx.TransportError):
                continue

    async def _beat(self, path):
        now = write_time()
        ready = {
            "type": "Ready",
            "status": "True",
            "reason": "KubeletReady",
            "lastHeartbeatTime": now,
            "lastTransitionTime": now,
        }
        await self._tell(path, {"conditions": [ready]})
        lease = {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": self._name},
            "spec": {
                "holderIdentity": self._name,
                "leaseDurationSeconds": _LEASE_SECONDS,
                "renewTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            },
        }
        await self.api.apply(f"{_LEASES}/{self._name}", lease, "node", force=True)

    async def _tell(self, path, status):
        await self.api.call(
            "PATCH",
            f"{path}/status",
            content=json.dumps({"status": status}),
            headers={"Content-Type": "application/merge-patch+json"},
        )

    async def _follow_pods(self):
        """Look at the pods of this node, then listen to what changes, again and again."""
        while True:
            try:
                await self._listen({"fieldSelector": f"spec.nodeName={self._name}"})
            except httpx.TransportError:
                await asyncio.sleep(1)

    async def _listen(self, selector):
        found = await self.api.call("GET", _PODS, selector)
        for pod in found["items"]:
            self._take(pod)
        version = found["metadata"]["resourceVersion"]
        async for event in self.api.watch(_PODS, selector, version):
            if event["type"] == "DELETED":
                self._let_go(event["object"])
            elif event["type"] in {"ADDED", "MODIFIED"}:
                self._take(event["object"])

    def _take(self, pod):
        uid = pod["metadata"]["uid"]
        if pod["metadata"].get("deletionTimestamp"):
            self._start_ending(pod)
        elif uid not in self._pods and pod["status"]["phase"] not in {"Succeeded", "Failed"}:
            self._pods[uid] = Pod(self, {**pod, "apiVersion": "v1", "kind": "Pod"})

    def _start_ending(self, pod):
        uid = pod["metadata"]["uid"]
        if uid not in self._endings:
            self._endings.add(uid)
            self._keep(self._end_pod(pod))

    def _let_go(self, pod):
        running = self._pods.pop(pod["metadata"]["uid"], None)
        if running is not None:
            self._keep(running.end())

    def _keep(self, work):
        """Run something beside everything else; the loop itself would forget it."""
        task = asyncio.ensure_future(work)
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)

    async def _end_pod(self, pod):
        """Stop a pod that is to go, then say that it may."""
        metadata = pod["metadata"]
        running = self._pods.get(metadata["uid"])
        if running is not None:
            await running.end(metadata.get("deletionGracePeriodSeconds") or 0)
        path = await self.api.build_path("v1", "Pod", metadata["namespace"], metadata["name"])
        body = {"gracePeriodSeconds": 0, "preconditions": {"uid": metadata["uid"]}}
        try:
            await self.api.call("DELETE", path, content=json.dumps(body))
        except ApiError as error:
            if error.status not in {httpx.codes.NOT_FOUND, httpx.codes.CONFLICT}:
                raise
