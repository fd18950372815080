"""
The life of one local Prefect server: start on a port that is free, wait until ready, ask, stop.

Works on processes, files and the server's own API; knows no inputs and no states, which are the
handler's part. Not to be confused with `server`, which puts the provider behind gRPC.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from meta_prefect.interfaces.provider import ProviderError, ProviderLog
from meta_prefect.provider.child_environment import build_base
from meta_prefect.provider.client import PrefectClient
from meta_prefect.provider.folders import make_folder
from meta_prefect.provider.log_files import measure_log, read_tail, rotate_log
from meta_prefect.provider.owner_lock import (
    HeldByOther,
    Holder,
    find_to_stop,
    find_users,
    release,
    start_held,
    take_over,
)
from meta_prefect.provider.ports import describe_owner, find_free_port, is_free, listens
from meta_prefect.provider.processes import ProcessIdentity, is_running, stop_tree
from meta_prefect.provider.server_failures import PORT_TAKEN, EndedEarly, explain_end
from meta_prefect.provider.server_plan import ServerPlan
from meta_prefect.provider.settings import ProviderSettings
from meta_prefect.provider.template_database import TemplateDatabase, find_template

_POLL_SECONDS: Final = 0.1
_HANG_SECONDS: Final = 10.0
_GRACE_SECONDS: Final = 20.0
_REQUEST_SECONDS: Final = 5.0
_PORT_DRAWS: Final = 3


class ServerProcess:
    """One server of one stack, by its plan."""

    def __init__(self, plan: ServerPlan, urn: str, log: ProviderLog) -> None:
        """Touch nothing yet; `urn` is the resource for which it runs."""
        self._plan = plan
        self._urn = urn
        self._log = log

    async def find(self) -> Holder | None:
        """
        Find the running one, if it is as planned, and wait until it is ready.

        Raises:
            ProviderError: another stack runs its server in this home.
        """
        with self._naming_the_owner():
            holder = take_over(self._plan.lock_file, self._urn)
        if holder is None or not self._is_as_planned(holder):
            return None
        try:
            await self._wait_until_ready(holder, measure_log(self._plan.log_file))
        except EndedEarly:
            return None
        return holder

    async def start(self, port: int | None) -> Holder:
        """
        Stop what runs in the home, and start it; returns when it is ready.

        port: the one to take if it is free and none is declared; an automatic one is drawn again
            when somebody takes it meanwhile.

        Raises:
            ProviderError: it does not become ready, its declared port is taken, or another stack
                runs its server in this home.
        """
        make_folder(self._plan.home)
        with self._naming_the_owner():
            await stop_tree(find_to_stop(self._plan.lock_file, self._urn), _GRACE_SECONDS)
            rotate_log(self._plan.log_file)
            return await self._start_on_a_port(self._plan.port or port)

    async def stop(self, identity: ProcessIdentity) -> None:
        """
        Stop the process that state knows and the one that is recorded in the home.

        The server of another stack, which took the home over after a death of ours, stays.
        """
        with suppress(HeldByOther):
            await stop_tree(find_to_stop(self._plan.lock_file, self._urn), _GRACE_SECONDS)
        await stop_tree(identity, _GRACE_SECONDS)
        if self._plan.home.is_dir():
            release(self._plan.lock_file, self._urn)

    async def answers_soon(self, url: str) -> bool:
        """Ask whether it is ready, for ten seconds."""
        deadline = time.monotonic() + _HANG_SECONDS
        async with self._connected(url) as client:
            while not await _is_ready(client):
                if time.monotonic() > deadline:
                    return False
                await asyncio.sleep(_POLL_SECONDS)
        return True

    async def read_outputs(self, holder: Holder) -> dict[str, Any]:
        """Give the resource's outputs; asks the server for its version."""
        async with self._connected(holder.url) as client:
            version = await client.find("/admin/version", doing="ask for the server's version")
        port = read_port(holder.url)
        return {
            "url": holder.url,
            "uiUrl": self._plan.ui_url(port),
            "port": port,
            **holder.process.as_outputs(),
            "logFile": str(self._plan.log_file),
            "version": str(version),
        }

    def find_users(self, url: str) -> list[Holder]:
        """Find workers of other stacks that are recorded in the home and work for this server."""
        return find_users(self._plan.home / "run", url, self._urn)

    def _is_as_planned(self, holder: Holder) -> bool:
        same_port = self._plan.port in {None, read_port(holder.url)}
        return same_port and holder.fingerprint == self._plan.fingerprint

    async def _start_on_a_port(self, port: int | None) -> Holder:
        draws = _PORT_DRAWS if self._plan.port is None else 1
        for left in range(draws - 1, -1, -1):
            try:
                return await self._start_once(self._choose_port(port))
            except EndedEarly as error:
                if error.cause is not PORT_TAKEN or not left:
                    raise
                port = None
        raise AssertionError("the last attempt returns or raises")

    def _choose_port(self, port: int | None) -> int:
        """Take the wanted port if it is free; a declared one is taken or is an error."""
        host = self._plan.host
        if port is not None and is_free(host, port):
            return port
        if self._plan.port is not None:
            owner = describe_owner(self._plan.port) or "another process"
            raise ProviderError(f"port {port} of {host} is taken by {owner}: declare another one")
        try:
            return find_free_port(host)
        except OSError as error:
            raise ProviderError(f"cannot listen on {host}: {error.strerror or error}") from error

    async def _start_once(self, port: int) -> Holder:
        plan = self._plan
        mark = measure_log(plan.log_file)
        launch = plan.launch(build_base(os.environ, Path.cwd()), port)
        url = plan.api_url(port)
        template = self._find_template()
        laid = template is not None and template.lay()
        holder = start_held(plan.lock_file, launch, self._urn, url, plan.fingerprint)
        try:
            await self._wait_until_ready(holder, mark)
        except EndedEarly as error:
            await stop_tree(holder.process, _GRACE_SECONDS)
            release(plan.lock_file, self._urn)
            if template and laid and error.cause is not PORT_TAKEN:
                template.drop()
            raise
        if template and not laid:
            template.keep()
        return holder

    def _find_template(self) -> TemplateDatabase | None:
        database = self._plan.database_file
        return find_template(database, self._plan.python, os.environ) if database else None

    async def _wait_until_ready(self, holder: Holder, mark: int) -> None:
        """
        Wait until this very process answers.

        Raises:
            EndedEarly: it ended, or took too long; the cause is from the log behind `mark`.
        """
        deadline = time.monotonic() + self._plan.start_timeout_seconds
        pid, port = holder.process.pid, read_port(holder.url)
        async with self._connected(holder.url) as client:
            # Somebody else may answer on the port while ours still loads and will fail to get it.
            while not (listens(pid, port) and await _is_ready(client)):
                if not is_running(holder.process):
                    raise self._explain("ended at its start", mark)
                if time.monotonic() > deadline:
                    timeout = f"{self._plan.start_timeout_seconds:g} seconds"
                    raise self._explain(f"was not ready after {timeout}", mark)
                await asyncio.sleep(_POLL_SECONDS)

    def _explain(self, what: str, mark: int) -> EndedEarly:
        log_file = self._plan.log_file
        return explain_end(f"the Prefect server {what}", read_tail(log_file, mark), log_file)

    @asynccontextmanager
    async def _connected(self, url: str) -> AsyncIterator[PrefectClient]:
        """Connect to this server; the handler's own client speaks to the provider's API."""
        settings = ProviderSettings(
            api_url=url,
            auth_string=self._plan.auth_string,
            request_timeout_seconds=_REQUEST_SECONDS,
            retries=0,
        )
        client = PrefectClient(settings, self._log)
        try:
            yield client
        finally:
            await client.close()

    @contextmanager
    def _naming_the_owner(self) -> Iterator[None]:
        try:
            yield
        except HeldByOther as error:
            holder = error.holder
            raise ProviderError(
                f"{holder.describe()} runs its Prefect server in {self._plan.home}: use that one "
                f"(PREFECT_API_URL={holder.url}), or choose another home"
            ) from error


async def _is_ready(client: PrefectClient) -> bool:
    try:
        return await client.find("/ready", doing="ask whether the server is ready") is not None
    except ProviderError:
        return False


def read_port(url: str) -> int:
    """Read the port of a URL that we have built."""
    return urlsplit(url).port or 0
