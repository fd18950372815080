"""
A process worker as a background process of this machine.

There is never a second one of its name: a restart drains the old one first, as runs wait for the
next worker and nothing is lost meanwhile. A dead worker is an update; the id stays. The processes
themselves are the part of `worker_process`.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Final

from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.provider import CheckFailure, ProviderError
from meta_prefect.interfaces.values import UNKNOWN
from meta_prefect.provider.child_environment import build_api_access
from meta_prefect.provider.comparison import compare_inputs
from meta_prefect.provider.compatibility import check_server_libraries
from meta_prefect.provider.fields import ResourceKind
from meta_prefect.provider.folders import DEFAULT_HOME, bind_folder
from meta_prefect.provider.handler import Found, Handler, Inputs, Made, Stored, Values
from meta_prefect.provider.handlers.process_worker_table import PROCESS_WORKER
from meta_prefect.provider.owner_lock import read_owner
from meta_prefect.provider.processes import ProcessIdentity, is_running
from meta_prefect.provider.worker_plan import RESERVED_VARIABLES, WorkerPlan
from meta_prefect.provider.worker_process import WorkerProcess

_NEED_NO_RESTART: Final = frozenset({"drainSeconds"})
_UNFIT_FOR_NAMES: Final = re.compile(r"[^\w.-]+")


class ProcessWorkerHandler(Handler):
    """Manages a local worker; the Pulumi id is the token of its first process."""

    kind: ClassVar[ResourceKind] = PROCESS_WORKER

    async def complete(self, urn: str, values: dict[str, Any]) -> dict[str, Any]:
        """Name the worker, and bind its folders to this machine."""
        folder = bind_folder(values.get("workingDirectory", "."))
        default_home = folder if folder is UNKNOWN else str(Path(folder) / DEFAULT_HOME)
        return {
            "name": _build_name(urn),
            "python": sys.executable,
            **values,
            "workingDirectory": folder,
            "home": bind_folder(values.get("home", default_home)),
        }

    def judge(self, urn: str, values: Values) -> Iterator[CheckFailure]:
        """Refuse an interpreter without Prefect, and variables that have an input of their own."""
        python, env = values["python"], values.get("env") or {}
        for problem in check_server_libraries(python) if python is not UNKNOWN else ():
            yield CheckFailure("python", problem)
        for name in env if env is not UNKNOWN else ():
            if name in RESERVED_VARIABLES:
                yield CheckFailure(f"env.{name}", f"is given by {RESERVED_VARIABLES[name]}")

    def foresee_update(self, old: Stored, new: Inputs) -> Values:
        """Say what a restart changes."""
        differences = compare_inputs(self.kind, old.inputs.values, new.values)
        changed = {difference.field.name for difference in differences} | self.find_drift(old)
        if changed <= _NEED_NO_RESTART:
            return old.outputs
        return {**super().foresee_update(old, new), "apiUrl": self.settings.api_url or UNKNOWN}

    def find_drift(self, old: Stored) -> frozenset[str]:
        """Look whether the process is there, and works for the API that the provider speaks to."""
        drift = set()
        if not is_running(ProcessIdentity.from_outputs(old.outputs)):
            drift.add("pid")
        if self.settings.api_url and self.settings.api_url != old.outputs.get("apiUrl"):
            drift.add("apiUrl")
        return frozenset(drift)

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Start it, or take over the one that a killed command of this stack has started."""
        process = self._process(urn, inputs.values)
        holder = await process.find()
        if holder is None:
            holder = await process.start(self.settings.api_url)
        else:
            self.log(Severity.INFO, urn, f"worker {inputs['name']!r} was running already")
        return Made(holder.process.token, await process.read_outputs(holder))

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look at the process, which has pid 0 when it is dead, and warn when it does not poll."""
        if stored is None:
            raise ProviderError("a local worker cannot be imported: declare it, and it is started")
        name, log_file = stored.inputs["name"], stored.outputs.get("logFile")
        if not is_running(ProcessIdentity.from_outputs(stored.outputs)):
            text = f"worker {name!r} is not running; `up` starts it again (log: {log_file})"
            self.log(Severity.WARNING, stored.urn, text)
            return Found(id, stored.inputs.values, {**stored.outputs, "pid": 0})
        process = self._process(stored.urn, stored.inputs.values)
        process.trim_log()
        try:
            polls = await process.is_polling()
            text = f"worker {name!r} runs but does not poll (log: {log_file})"
        except ProviderError as error:
            polls, text = False, f"worker {name!r} runs, but {error}"
        if not polls:
            self.log(Severity.WARNING, stored.urn, text)
        return Found(id, stored.inputs.values, stored.outputs)

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Drain it and start it again."""
        if changed <= _NEED_NO_RESTART:
            return old.outputs
        process = self._process(old.urn, new.values)
        await process.stop(ProcessIdentity.from_outputs(old.outputs))
        holder = await process.start(self.settings.api_url)
        self.log(Severity.INFO, old.urn, _say_why(new["name"], changed))
        return await process.read_outputs(holder)

    async def delete(self, old: Stored) -> None:
        """Drain it, and take its row away."""
        process = self._process(old.urn, old.inputs.values)
        await process.stop(ProcessIdentity.from_outputs(old.outputs))
        await process.forget()

    async def find_created(self, urn: str, inputs: Inputs) -> Found | bool:
        """Look for a worker that a killed command of this stack has started."""
        process = self._process(urn, inputs.values)
        holder = await process.find()
        if holder is None:
            return False
        outputs = await process.read_outputs(holder)
        return Found(holder.process.token, inputs.values, outputs)

    def _process(self, urn: str, values: Values) -> WorkerProcess:
        plan = WorkerPlan.read(values, build_api_access(self.settings, os.environ))
        return WorkerProcess(plan, urn, self.client, self.log)


def _build_name(urn: str) -> str:
    _, stack = read_owner(urn)
    text = f"{urn.rpartition('::')[2]}-{stack}-{platform.node()}"
    return _UNFIT_FOR_NAMES.sub("-", text)


def _say_why(name: str, changed: frozenset[str]) -> str:
    if "pid" in changed:
        return f"worker {name!r} was not running any more; started again"
    return f"worker {name!r} was started again, as {', '.join(sorted(changed))} changed"
