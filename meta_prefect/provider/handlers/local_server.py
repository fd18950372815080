"""
A Prefect server as a background process of this machine.

It is for a machine that has no Prefect; not a way to run production. A dead server is an update,
not a loss: it starts again with the same home and port, and the id stays. The processes themselves
are the part of `server_process`.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Final

from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.provider import CheckFailure, ProviderError
from meta_prefect.interfaces.values import UNKNOWN
from meta_prefect.provider.comparison import compare_inputs
from meta_prefect.provider.compatibility import check_server_libraries
from meta_prefect.provider.fields import ResourceKind
from meta_prefect.provider.folders import DEFAULT_HOME, bind_folder
from meta_prefect.provider.handler import Found, Handler, Inputs, Made, Stored, Values
from meta_prefect.provider.handlers.local_server_table import LOCAL_SERVER
from meta_prefect.provider.log_files import trim_log
from meta_prefect.provider.ports import build_url
from meta_prefect.provider.processes import ProcessIdentity, is_running
from meta_prefect.provider.server_plan import ServerPlan, build_database_url
from meta_prefect.provider.server_process import ServerProcess

_NEED_NO_RESTART: Final = frozenset({"startTimeoutSeconds", "deleteData"})
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class LocalServerHandler(Handler):
    """Manages a local server; the Pulumi id is the token of its first process."""

    kind: ClassVar[ResourceKind] = LOCAL_SERVER

    async def complete(self, urn: str, values: dict[str, Any]) -> dict[str, Any]:
        """Bind the home to this machine, and fill in what follows from it."""
        home = bind_folder(values.get("home", str(DEFAULT_HOME)))
        database = UNKNOWN if home is UNKNOWN else build_database_url(home)
        return {"databaseUrl": database, "python": sys.executable, **values, "home": home}

    def judge(self, urn: str, values: Values) -> Iterator[CheckFailure]:
        """Refuse an open server without login, and an interpreter that cannot run it."""
        host, python = values["host"], values["python"]
        if host is not UNKNOWN and host not in _LOOPBACK and not values.get("authString"):
            yield CheckFailure("authString", f"is required, as others can reach {host}")
        for problem in check_server_libraries(python) if python is not UNKNOWN else ():
            yield CheckFailure("python", problem)

    def foresee_create(self, urn: str, inputs: Inputs) -> Values:
        """Nothing is known but a declared port."""
        declared = {"port": inputs["port"]} if inputs.get("port") is not None else {}
        return {**super().foresee_create(urn, inputs), **declared}

    def foresee_update(self, old: Stored, new: Inputs) -> Values:
        """Keep the place where the server answers, so that nothing else looks changed."""
        differences = compare_inputs(self.kind, old.inputs.values, new.values)
        changed = {difference.field.name for difference in differences} | self.find_drift(old)
        if changed <= _NEED_NO_RESTART:
            return old.outputs
        return {**super().foresee_update(old, new), **_foresee_place(old, new)}

    def find_drift(self, old: Stored) -> frozenset[str]:
        """Look whether the process is there."""
        alive = is_running(ProcessIdentity.from_outputs(old.outputs))
        return frozenset() if alive else frozenset({"pid"})

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Start it, or take over the one that a killed command of this stack has started."""
        process = ServerProcess(ServerPlan.read(inputs.values), urn, self.log)
        holder = await process.find()
        if holder is None:
            holder = await process.start(None)
        else:
            self.log(Severity.INFO, urn, f"server at {holder.url} was running already")
        return Made(holder.process.token, await process.read_outputs(holder))

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look at the process and ask whether it is ready; a dead or hanging one has pid 0."""
        if stored is None:
            raise ProviderError("a local server cannot be imported: use it by PREFECT_API_URL")
        identity = ProcessIdentity.from_outputs(stored.outputs)
        plan = ServerPlan.read(stored.inputs.values)
        trim_log(plan.log_file)
        process = ServerProcess(plan, stored.urn, self.log)
        if not is_running(identity):
            return self._found_broken(id, stored, "server is not running")
        if not await process.answers_soon(stored.outputs["url"]):
            return self._found_broken(id, stored, f"server hangs (process {identity.pid})")
        return Found(id, stored.inputs.values, stored.outputs)

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Start it again with the same home and, if it is free still, the same port."""
        if changed <= _NEED_NO_RESTART:
            return old.outputs
        process = ServerProcess(ServerPlan.read(new.values), old.urn, self.log)
        await process.stop(ProcessIdentity.from_outputs(old.outputs))
        holder = await process.start(old.outputs.get("port"))
        outputs = await process.read_outputs(holder)
        self.log(Severity.INFO, old.urn, _say_why(changed, old.outputs, outputs))
        return outputs

    async def delete(self, old: Stored) -> None:
        """Stop it; the data stay unless `deleteData` says otherwise."""
        plan = ServerPlan.read(old.inputs.values)
        process = ServerProcess(plan, old.urn, self.log)
        if users := process.find_users(old.outputs.get("url", "")):
            names = ", ".join(sorted({user.describe() for user in users}))
            raise ProviderError(f"workers of {names} use this server: destroy them first")
        await process.stop(ProcessIdentity.from_outputs(old.outputs))
        if old.inputs["deleteData"] and not plan.lock_file.exists():
            _delete_home(plan.home)
        else:
            self.log(Severity.INFO, old.urn, f"the server's data stay in {plan.home}")

    async def find_created(self, urn: str, inputs: Inputs) -> Found | bool:
        """Look for a server that a killed command of this stack has started."""
        process = ServerProcess(ServerPlan.read(inputs.values), urn, self.log)
        holder = await process.find()
        if holder is None:
            return False
        outputs = await process.read_outputs(holder)
        return Found(holder.process.token, inputs.values, outputs)

    def _found_broken(self, id: str, stored: Stored, what: str) -> Found:
        text = f"{what}; `up` starts it again (log: {stored.outputs.get('logFile')})"
        self.log(Severity.WARNING, stored.urn, text)
        return Found(id, stored.inputs.values, {**stored.outputs, "pid": 0})


def _foresee_place(old: Stored, new: Inputs) -> dict[str, Any]:
    port = new.get("port") or old.outputs.get("port")
    if port is None or not new.knows("host", "port", "ui"):
        return dict.fromkeys(("url", "uiUrl", "port"), UNKNOWN)
    base = build_url(new["host"], port)
    return {"url": f"{base}/api", "uiUrl": base if new["ui"] else "", "port": port}


def _say_why(changed: frozenset[str], before: Values, after: Values) -> str:
    if "pid" in changed:
        text = "server was not running any more; started again"
    else:
        text = f"server was started again, as {', '.join(sorted(changed))} changed"
    if before.get("url") not in {None, after["url"]}:
        text += f"; it is at {after['url']} now"
    return text


def _delete_home(home: Path) -> None:
    if Path.cwd().is_relative_to(home) or Path.home().is_relative_to(home):
        raise ProviderError(f"{home} holds more than a server's data: delete it by hand")
    shutil.rmtree(home, ignore_errors=not home.exists())
