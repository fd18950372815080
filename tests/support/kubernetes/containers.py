"""One container of a pod as a process of this machine, with its log and its state."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from datetime import UTC, datetime
from pathlib import Path

from tests.support.kubernetes.environment import expand
from tests.support.kubernetes.mounts import Mounts


def write_time():
    """Give the time as Kubernetes writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Container:
    """
    What is known of a container.

    state: as in the pod's status; log: file with what it has said.
    """

    def __init__(self, spec, folder):
        self.spec = spec
        self.name = spec["name"]
        self.log = folder / f"{self.name}.log"
        self.log.touch()
        self.folder = folder
        self.mounts = Mounts(spec, folder)
        self.state = {"waiting": {"reason": "ContainerCreating"}}
        self.last_state = {}
        self.restarts = 0
        self.ready = False
        self._process = None

    @property
    def exit_code(self):
        """The code it ended with; None while it has not."""
        return self.state.get("terminated", {}).get("exitCode")

    @property
    def is_running(self):
        return "running" in self.state

    def wait_for(self, reason, message):
        """Say that it does not start, and why."""
        self.state = {"waiting": {"reason": reason, "message": message}}

    async def run(self, image, environment, on_start):
        """Run it until it ends; `on_start` is awaited once it runs."""
        command = self._build_command(image, environment)
        started = write_time()
        with self.log.open("ab") as log:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *command,
                    env=environment,
                    cwd=self._find_folder(),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            except OSError as error:
                self._end(127, started, "StartError", str(error))
                return
        self.state = {"running": {"startedAt": started}}
        await on_start()
        code = await self._process.wait()
        self._kill_group(signal.SIGKILL)
        reason = "Completed" if code == 0 else "Error"
        # Kubernetes says 128 and more for a process that a signal has ended.
        self._end(code if code >= 0 else 128 - code, started, reason, "")

    def _build_command(self, image, environment):
        """Translate what the spec says; an image's own command is of this machine already."""
        told = [*(self.spec.get("command") or ()), *(self.spec.get("args") or ())]
        words = [self.mounts.locate(expand(word, environment)) for word in told]
        return words if self.spec.get("command") else [*image.command, *words]

    def _find_folder(self):
        wanted = Path(self.mounts.locate(self.spec.get("workingDir") or str(self.folder)))
        return wanted if wanted.is_dir() else self.folder

    def _end(self, code, started, reason, message):
        self.ready = False
        self.state = {
            "terminated": {
                "exitCode": code,
                "reason": reason,
                "message": message,
                "startedAt": started,
                "finishedAt": write_time(),
            }
        }

    def start_over(self):
        """Remember how it ended, and count the restart."""
        self.last_state, self.restarts = self.state, self.restarts + 1
        self.state = {"waiting": {"reason": "CrashLoopBackOff"}}

    async def stop(self, grace_seconds):
        """Ask it to end, then end it, with all that it has started."""
        if self._process is None or self._process.returncode is not None:
            return
        self._kill_group(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), grace_seconds)
        except TimeoutError:
            self._kill_group(signal.SIGKILL)
            await self._process.wait()

    def _kill_group(self, number):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def describe(self):
        """Give its part of the pod's status."""
        return {
            "name": self.name,
            "image": self.spec["image"],
            "imageID": f"local://{self.spec['image']}",
            "containerID": f"process://{self._process.pid}" if self._process else "",
            "state": self.state,
            "lastState": self.last_state,
            "ready": self.ready,
            "started": self.is_running,
            "restartCount": self.restarts,
        }
