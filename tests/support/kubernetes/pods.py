"""
A pod on the node without containers: its containers one after the other, its status, its end.

What is not there: networks of its own, limits, other users, and what is in volumes (they are empty
folders). A service account is: the containers find a kubeconfig with its token, so that its roles
are what they may do.
"""

from __future__ import annotations

import asyncio
import json
from functools import partial

from tests.support.kubernetes.containers import Container, write_time
from tests.support.kubernetes.environment import Missing, build_environment
from tests.support.kubernetes.images import find_image
from tests.support.kubernetes.probes import keep_probing

_MERGE = "application/merge-patch+json"
_RETRY_SECONDS = 2
_GRACE_SECONDS = 5


class Pod:
    """Runs a pod from when it is bound to the node until it is gone."""

    def __init__(self, node, pod):
        self.uid = pod["metadata"]["uid"]
        self._node = node
        self._pod = pod
        self._folder = node.folder / self.uid
        self._folder.mkdir(parents=True, exist_ok=True)
        spec = pod["spec"]
        self._first = [Container(item, self._folder) for item in spec.get("initContainers") or ()]
        self._main = [Container(item, self._folder) for item in spec["containers"]]
        self._started = write_time()
        self._ip = node.take_address()
        self._tasks = [asyncio.ensure_future(self._run())]
        self._last_report = None

    @property
    def name(self):
        metadata = self._pod["metadata"]
        return f"{metadata['namespace']}/{metadata['name']}"

    def find_container(self, name):
        """Give the container of that name; None when there is none."""
        return next((item for item in self._first + self._main if item.name == name), None)

    async def _run(self):
        await self._report()
        environment = {
            "HOME": str(self._folder),
            "HOSTNAME": self._pod["metadata"]["name"],
            "KUBECONFIG": str(await self._write_access()),
        }
        for container in self._first:
            await self._run_container(container, environment, restarts=self._restarts != "Never")
            if container.exit_code:
                break
        else:
            runs = [
                self._run_container(item, environment, self._restarts != "Never")
                for item in self._main
            ]
            await asyncio.gather(*runs)
        await self._report()

    @property
    def _restarts(self):
        return self._pod["spec"].get("restartPolicy", "Always")

    async def _run_container(self, container, base, restarts):
        """Run a container, again as long as the pod says so."""
        while True:
            image = await self._find_image(container)
            environment = await self._build_environment(container, {**base, **image.environment})
            watch = partial(self._watch, container, environment, image.ports)
            await container.run(image, environment, watch)
            if not (restarts and (container.exit_code or self._may_repeat(container))):
                await self._report()
                return
            container.start_over()
            await self._report()
            await asyncio.sleep(_RETRY_SECONDS)

    def _may_repeat(self, container):
        return self._restarts == "Always" and container in self._main

    async def _watch(self, container, environment, ports):
        await self._report()
        task = asyncio.ensure_future(keep_probing(container, environment, ports, self._report))
        self._tasks.append(task)

    async def _find_image(self, container):
        """Give the image, once the table has it."""
        name = container.spec["image"]
        while (image := find_image(self._node.images, name)) is None:
            container.wait_for("ErrImagePull", f"this node has nothing prepared for {name}")
            await self._report()
            await asyncio.sleep(_RETRY_SECONDS)
        return image

    async def _build_environment(self, container, base):
        """Give the environment, once everything it refers to is there."""
        while True:
            try:
                return await build_environment(
                    self._node.api, self._pod, container.spec, base, container.mounts.locate
                )
            except Missing as error:
                container.wait_for("CreateContainerConfigError", str(error))
                await self._report()
                await asyncio.sleep(_RETRY_SECONDS)

    async def _write_access(self):
        """Write a kubeconfig of the pod's service account; gives its path."""
        path = self._folder / "kubeconfig"
        if self._pod["spec"].get("automountServiceAccountToken") is not False:
            token = await self._node.ask_token(self._pod)
            path.touch(0o600)
            path.write_text(json.dumps(self._node.build_kubeconfig(self._pod, token)))
        return path

    async def _report(self):
        """Tell the API server how the pod is, if it is not as it was told before."""
        status = self._describe()
        told = json.dumps(status, sort_keys=True)
        if told == self._last_report:
            return
        self._last_report = told
        namespace, _, name = self.name.partition("/")
        path = await self._node.api.build_path("v1", "Pod", namespace, name)
        await self._node.api.call(
            "PATCH",
            f"{path}/status",
            content=json.dumps({"status": status}),
            headers={"Content-Type": _MERGE},
        )

    def _describe(self):
        phase = self._find_phase()
        ready = phase == "Running" and all(container.ready for container in self._main)
        begun = not self._first or all(item.exit_code == 0 for item in self._first)
        conditions = {
            "PodScheduled": True,
            "Initialized": begun,
            "ContainersReady": ready,
            "Ready": ready,
        }
        return {
            "phase": phase,
            "startTime": self._started,
            "hostIP": "127.0.0.1",
            "podIP": self._ip,
            "podIPs": [{"ip": self._ip}],
            "conditions": [
                {"type": type, "status": str(value)} for type, value in conditions.items()
            ],
            "containerStatuses": [container.describe() for container in self._main],
            "initContainerStatuses": [container.describe() for container in self._first],
        }

    def _find_phase(self):
        if any(item.exit_code and self._restarts == "Never" for item in self._first):
            return "Failed"
        codes = [container.exit_code for container in self._main]
        if None not in codes:
            return "Failed" if any(codes) else "Succeeded"
        running = any(item.is_running or item.restarts for item in self._main)
        return "Running" if running else "Pending"

    async def end(self, grace_seconds=_GRACE_SECONDS):
        """Stop everything, and wait for it."""
        for task in self._tasks[1:]:
            task.cancel()
        # The pod's own task first: it would start a container again.
        self._tasks[0].cancel()
        running = [container.stop(grace_seconds) for container in self._first + self._main]
        await asyncio.gather(*running)
        await asyncio.gather(*self._tasks, return_exceptions=True)
