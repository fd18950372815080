"""
The embedded engine's front: opens a stack's state, runs one operation on it, closes it.

Implements the contract of `interfaces.engine`. The operation runs on an event loop in a thread of
its own, so that callers with a loop may use it too.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Mapping
from concurrent.futures import Future

from meta_prefect.engine import urn as urns
from meta_prefect.engine.embedded.builtin import build_builtin_source
from meta_prefect.engine.embedded.operation import Operation
from meta_prefect.engine.embedded.pace import working_pace
from meta_prefect.engine.embedded.plugin_finder import PluginPlace, read_place
from meta_prefect.engine.embedded.plugin_host import PluginContext, PluginHost
from meta_prefect.engine.embedded.snapshots import NullRecorder, Recorder, SessionRecorder
from meta_prefect.engine.embedded.sources import InProcess
from meta_prefect.engine.requests import check_request
from meta_prefect.engine.state.backend import FileBackend
from meta_prefect.engine.state.checkpoint import ENGINE_VERSION, Snapshot
from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.engine import OperationRequest, OperationResult, Outcome
from meta_prefect.interfaces.events import DiagnosticEvent, EventSink
from meta_prefect.interfaces.provider import ProviderFactory


class EmbeddedEngine:
    """Pulumi's operations, without Pulumi's executable."""

    def __init__(
        self,
        backend: FileBackend,
        providers: Mapping[str, ProviderFactory],
        plugins: PluginPlace | None = None,
    ) -> None:
        """
        Work on a backend's stacks.

        `providers` are in-process ones by package; they come before plugins. Where those are, this
        process's environment says unless `plugins` does.
        """
        self._backend = backend
        self._plugins = plugins
        self._sources = (InProcess(providers), build_builtin_source(backend))
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._operation: Operation | None = None

    @property
    def description(self) -> str:
        """Name and version, as printed in headings."""
        return f"embedded engine (as Pulumi {ENGINE_VERSION})"

    def run(self, request: OperationRequest, on_event: EventSink) -> OperationResult:
        """
        Run one operation to its end; blocks.

        Raises:
            MetaPrefectError: the operation cannot begin, or its state cannot be written.
        """
        check_request(request)
        ended: Future[OperationResult] = Future()

        def work() -> None:
            try:
                ended.set_result(asyncio.run(self._run(request, on_event)))
            except BaseException as error:  # noqa: BLE001 - it is raised again by the caller
                ended.set_exception(error)

        with working_pace():
            threading.Thread(target=work, name="embedded-engine", daemon=True).start()
            return ended.result()

    def cancel(self) -> None:
        """Ask the running operation to stop; asked twice, it stops waiting for what runs."""
        with self._lock:
            if self._loop is not None and self._operation is not None:
                self._loop.call_soon_threadsafe(self._operation.cancel)

    async def _run(self, request: OperationRequest, on_event: EventSink) -> OperationResult:
        if request.is_preview:
            base = self._backend.load(request.stack) or Snapshot()
            return await self._run_operation(request, base, NullRecorder(), on_event)
        return await self._run_writing(request, on_event)

    async def _run_writing(self, request: OperationRequest, on_event: EventSink) -> OperationResult:
        session = await self._backend.open_session(
            request.stack,
            kind=request.kind.value,
            message=request.message,
            on_wait=lambda text: on_event(DiagnosticEvent(Severity.INFO, "", text)),
        )
        result = OperationResult(Outcome.FAILED)
        try:
            recorder = SessionRecorder(session)
            result = await self._run_operation(request, session.base, recorder, on_event)
        finally:
            await session.close(
                result="succeeded" if result.outcome is Outcome.SUCCEEDED else "failed",
                changes={op.value: number for op, number in result.changes.items()},
                config=request.config,
            )
        return result

    async def _run_operation(
        self, request: OperationRequest, base: Snapshot, recorder: Recorder, on_event: EventSink
    ) -> OperationResult:
        host = self._build_host(request, on_event)
        operation = Operation(request, base, recorder, (*self._sources, host), on_event)
        with self._lock:
            self._loop, self._operation = asyncio.get_running_loop(), operation
        try:
            return await operation.run()
        finally:
            with self._lock:
                self._loop = self._operation = None
            await host.close()

    def _build_host(self, request: OperationRequest, on_event: EventSink) -> PluginHost:
        name = f"{request.project}-{request.stack}"
        root = urns.build_urn(request.stack, request.project, "", urns.STACK_TYPE, name)

        def pass_on(severity: Severity, urn: str, message: str, ephemeral: bool) -> None:
            on_event(DiagnosticEvent(severity, urn, message.rstrip("\n"), ephemeral))

        return PluginHost(
            self._plugins or read_place(os.environ),
            PluginContext(root, request.project, request.config, request.root),
            pass_on,
        )
