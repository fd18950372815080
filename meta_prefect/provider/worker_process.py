"""
The life of one local process worker: start, wait until it polls, look, stop.

Works on processes, files and the API's rows of workers; knows no inputs and no states, which are
the handler's part. A row says little: it outlives its process and stays `ONLINE`.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.provider import ProviderError, ProviderLog
from meta_prefect.provider.child_environment import build_base
from meta_prefect.provider.client import PrefectClient
from meta_prefect.provider.folders import make_folder
from meta_prefect.provider.log_files import measure_log, read_tail, rotate_log, trim_log
from meta_prefect.provider.owner_lock import (
    HeldByOther,
    Holder,
    find_to_stop,
    release,
    start_held,
    take_over,
)
from meta_prefect.provider.processes import (
    ProcessIdentity,
    is_running,
    stop_tree,
    wait_until_alone,
)
from meta_prefect.provider.server_failures import EndedEarly, explain_end
from meta_prefect.provider.worker_plan import WorkerPlan
from meta_prefect.provider.world import path_of

_POLL_SECONDS: Final = 0.2
_READY_SECONDS: Final = 60.0
_GRACE_SECONDS: Final = 10.0
_MISSED_HEARTBEATS: Final = 3


class WorkerProcess:
    """One worker of one stack, by its plan."""

    def __init__(self, plan: WorkerPlan, urn: str, client: PrefectClient, log: ProviderLog) -> None:
        """Touch nothing yet; `urn` is the resource for which it runs."""
        self._plan = plan
        self._urn = urn
        self._client = client
        self._log = log

    async def find(self) -> Holder | None:
        """
        Find the running one, if it is as planned.

        Raises:
            HeldByOther: another stack runs a worker of this name.
        """
        holder = take_over(self._plan.record_file, self._urn)
        if holder is None or holder.fingerprint != self._plan.fingerprint:
            return None
        return holder

    async def start(self, url: str) -> Holder:
        """
        Stop a worker of this name, and start it; returns when it polls.

        url: of the API.

        Raises:
            HeldByOther: another stack runs a worker of this name.
            ProviderError: it does not become ready.
        """
        plan = self._plan
        _check_folder(plan.folder)
        make_folder(plan.home)
        await self._drain(find_to_stop(plan.record_file, self._urn))
        rotate_log(plan.log_file)
        before = _heartbeat_of(await self.find_row())
        mark = measure_log(plan.log_file)
        launch = plan.launch(build_base(os.environ, Path.cwd()))
        holder = start_held(plan.record_file, launch, self._urn, url, plan.fingerprint)
        try:
            await self._wait_until_polling(holder, before, mark)
        except ProviderError:
            await stop_tree(holder.process, 0)
            release(plan.record_file, self._urn)
            raise
        return holder

    async def stop(self, identity: ProcessIdentity) -> None:
        """Stop the process that state knows and the one that is recorded; runs get time to end."""
        record_file = self._plan.record_file
        with suppress(HeldByOther):  # one that took the name over after a death of ours stays
            await self._drain(find_to_stop(record_file, self._urn))
        await self._drain(identity)
        if record_file.exists():
            release(record_file, self._urn)

    async def forget(self) -> None:
        """Delete its row; one that cannot be deleted now only looks untidy."""
        try:
            path = path_of("work_pools", self._plan.work_pool_name, "workers", self._plan.name)
            await self._client.delete(path, doing=f"delete worker {self._plan.name!r}")
        except ProviderError as error:
            self._log(Severity.DEBUG, self._urn, str(error))

    async def find_row(self) -> Mapping[str, Any] | None:
        """Find what the API knows of it; None when it never polled."""
        path = path_of("work_pools", self._plan.work_pool_name, "workers", "filter")
        rows = await self._client.list_all(path, {}, doing=f"look for worker {self._plan.name!r}")
        return next((row for row in rows if row["name"] == self._plan.name), None)

    async def is_polling(self) -> bool:
        """Say whether its heartbeats come."""
        heartbeat = _heartbeat_of(await self.find_row())
        longest = timedelta(seconds=self._plan.heartbeat_seconds * _MISSED_HEARTBEATS)
        return heartbeat is not None and datetime.now(UTC) - heartbeat < longest

    def trim_log(self) -> None:
        """Keep the log from growing without end while it runs."""
        trim_log(self._plan.log_file)

    async def read_outputs(self, holder: Holder) -> dict[str, Any]:
        """Give the resource's outputs."""
        row = await self.find_row() or {}
        return {
            **holder.process.as_outputs(),
            "workerId": str(row.get("id", "")),
            "logFile": str(self._plan.log_file),
            "apiUrl": holder.url,
        }

    async def _wait_until_polling(self, holder: Holder, before: datetime | None, mark: int) -> None:
        """
        Wait for a heartbeat that is not the one of before the start.

        Raises:
            EndedEarly: it ended, or took too long; the cause is from the log behind `mark`.
        """
        deadline = time.monotonic() + _READY_SECONDS
        while _heartbeat_of(await self.find_row()) == before:
            if not is_running(holder.process):
                raise self._explain("ended at its start", mark)
            if time.monotonic() > deadline:
                raise self._explain(f"did not poll after {_READY_SECONDS:g} seconds", mark)
            await asyncio.sleep(_POLL_SECONDS)

    def _explain(self, what: str, mark: int) -> EndedEarly:
        log_file = self._plan.log_file
        text = f"worker {self._plan.name!r} {what}"
        return explain_end(text, read_tail(log_file, mark), log_file)

    async def _drain(self, identity: ProcessIdentity) -> None:
        """Let runs end, then stop; a worker that is asked to end kills its runs at once."""
        left = await wait_until_alone(identity, self._plan.drain_seconds)
        if left:
            text = f"{left} processes of runs did not end within {self._plan.drain_seconds} s"
            self._log(Severity.WARNING, self._urn, f"{text} and were killed")
        await stop_tree(identity, _GRACE_SECONDS)


def _heartbeat_of(row: Mapping[str, Any] | None) -> datetime | None:
    text = (row or {}).get("last_heartbeat_time")
    return datetime.fromisoformat(text) if text else None


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise ProviderError(f"the worker's folder {folder} does not exist")
