"""
One operation, from its base to its summary: the phases, in order.

Refresh, program, deletions, the stack's outputs. What is done about a single resource is decided in
`generator`; opening and closing the stack's state is `engine`'s part.

Source: `pkg/resource/deploy/deployment_executor.go` of Pulumi 3.260.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from meta_prefect.engine.embedded.callbacks import Callbacks
from meta_prefect.engine.embedded.default_providers import find_known_needs
from meta_prefect.engine.embedded.deletions import Deletions
from meta_prefect.engine.embedded.engine_service import EngineService
from meta_prefect.engine.embedded.executor import Executor, Stopped
from meta_prefect.engine.embedded.generator import Generator
from meta_prefect.engine.embedded.hooks import Hooks, refuse_unreachable
from meta_prefect.engine.embedded.import_pass import ImportPass
from meta_prefect.engine.embedded.index import BaseIndex
from meta_prefect.engine.embedded.monitor import Monitor
from meta_prefect.engine.embedded.monitor_server import MonitorServer
from meta_prefect.engine.embedded.pending import settle_pending
from meta_prefect.engine.embedded.program import ProgramFailure, ProgramSettings, start_program
from meta_prefect.engine.embedded.providers import Registry
from meta_prefect.engine.embedded.refresh import RefreshPass
from meta_prefect.engine.embedded.registrations import Registrations
from meta_prefect.engine.embedded.reports import Refused, Reporter
from meta_prefect.engine.embedded.snapshots import Recorder
from meta_prefect.engine.embedded.sources import PluginSource
from meta_prefect.engine.embedded.steps import Step
from meta_prefect.engine.embedded.targets import Targets
from meta_prefect.engine.state.checkpoint import ResourceState, Snapshot
from meta_prefect.engine.urn import STACK_TYPE
from meta_prefect.interfaces.diagnostics import Diagnostic, Severity
from meta_prefect.interfaces.engine import (
    Failure,
    OperationKind,
    OperationRequest,
    OperationResult,
    Outcome,
    OutputValue,
    Program,
)
from meta_prefect.interfaces.events import EventSink, Op
from meta_prefect.interfaces.values import PropertyMap, Secret

_GRACE_SECONDS: Final = 10.0
"""How long a program may take to notice that the operation has ended."""
_UNCHANGED: Final = frozenset({Op.SAME})


class Operation:
    """Runs once."""

    def __init__(
        self,
        request: OperationRequest,
        base: Snapshot,
        recorder: Recorder,
        sources: Sequence[PluginSource],
        on_event: EventSink,
    ) -> None:
        """Prepare to run on a base; must be made on the loop that runs it."""
        self._request = request
        self._pending = base.pending_operations
        self._recorder = recorder
        self._reporter = Reporter(on_event)
        self._base = BaseIndex(base.resources)
        self._targets = Targets(request.scope)
        self._registry = Registry(
            sources,
            self._find_provider_record,
            self._reporter.say,
            preview=request.is_preview,
        )
        self._callbacks = Callbacks()
        self._server = MonitorServer()
        self._hooks = Hooks(self._callbacks, self._reporter, preview=request.is_preview)
        self._executor = Executor(
            self._registry,
            recorder,
            self._reporter,
            self._hooks,
            parallel=request.parallel,
            preview=request.is_preview,
            planned=request.planned,
            on_failure=self._note_failure,
        )
        self._refresh: RefreshPass | None = None
        self._registrations: Registrations | None = None
        self._program: asyncio.Future[ProgramFailure | None] | None = None
        self._interrupted = asyncio.Event()
        self._cancels = 0
        self._was_fine = False
        self._step_failed = False

    async def run(self) -> OperationResult:
        """Go through the phases; what goes wrong is in the result."""
        started = time.monotonic()
        timer = self._start_timer()
        self._reporter.prelude(self._request.config)
        try:
            await self._run_phases()
        except Stopped:
            pass
        except Refused as refused:
            for diagnostic in refused.diagnostics:
                self._reporter.complain(diagnostic, refused.failure)
        finally:
            timer.cancel()
            await self._registry.close()
        try:
            outputs = await self._finish_stack()
        finally:
            await self._release_program()
        return self._conclude(time.monotonic() - started, outputs)

    def cancel(self) -> None:
        """Take no more steps; asked twice, wait no longer for those that run."""
        if self._cancels == 0:
            self._was_fine = self._reporter.failure is Failure.NONE
        self._cancels += 1
        self._interrupted.set()
        self._executor.stop()
        if self._refresh is not None:
            self._refresh.stopped = True
        if self._cancels == 1:
            self._cancelling = asyncio.ensure_future(self._registry.cancel())
        else:
            self._executor.abandon()

    def _start_timer(self) -> asyncio.TimerHandle:
        loop = asyncio.get_running_loop()
        seconds = self._request.timeout_seconds
        if not seconds:
            return loop.call_later(0, lambda: None)
        return loop.call_later(seconds, self._time_out)

    def _time_out(self) -> None:
        seconds = self._request.timeout_seconds
        text = f"the operation took longer than {seconds:g} seconds"
        self._reporter.complain(Diagnostic("MP5103", text), Failure.TIMEOUT)
        self.cancel()
        asyncio.get_running_loop().call_later(_GRACE_SECONDS, self._executor.abandon)

    def _note_failure(self, step: Step) -> None:
        self._step_failed = True
        moved = self._reporter.failure is Failure.MOVED
        if moved or not (self._request.continue_on_error or step.protected):
            self._executor.stop()
            self._interrupted.set()

    async def _run_phases(self) -> None:
        kind = self._request.effective_kind
        if kind is not OperationKind.UP or self._request.refresh:
            self._refuse_unknown_scope()
        blocked = await self._settle_pending()
        if self._request.refresh or kind is OperationKind.REFRESH:
            await self._refresh_base(counts=kind is OperationKind.REFRESH)
            if self._reporter.failures or kind is OperationKind.REFRESH or self._cancels:
                return
        self._refuse_unknown(self._targets.list_unknown_replaced(self._base.current))
        generator = Generator(
            self._base,
            self._registry,
            self._targets,
            self._reporter,
            parallel=self._request.parallel,
            preview=self._request.is_preview,
            blocked=blocked,
        )
        self._registrations = Registrations(
            self._request,
            generator,
            self._executor,
            self._registry,
            self._reporter,
            find_known_needs(self._base.resources),
        )
        if kind is OperationKind.IMPORT:
            await self._import(generator, self._registrations)
            return
        if kind is OperationKind.DESTROY:
            refuse_unreachable(self._base.resources)
        deletions = Deletions(
            self._base,
            generator,
            self._executor,
            self._registry,
            self._targets,
            self._reporter,
            preview=self._request.is_preview,
        )
        if self._request.program is not None and kind is not OperationKind.DESTROY:
            await self._run_program(self._request.program, self._registrations)
        if self._may_delete():
            # A target that is nowhere fails the operation, and what is known is still done.
            self._check_targets(generator)
            done = await deletions.run(report_untouched=self._request.report_untouched)
            self._step_failed = self._step_failed or not done

    def _may_delete(self) -> bool:
        failure, request = self._reporter.failure, self._request
        if self._is_closed() or failure is Failure.PROGRAM:
            return False
        return failure is Failure.NONE or request.is_preview or request.continue_on_error

    def _is_closed(self) -> bool:
        closed = self._registrations is not None and self._registrations.closed
        return closed or self._executor.stopped

    def _find_provider_record(self, reference: str) -> ResourceState | None:
        return self._base.providers.get(reference)

    async def _refresh_base(self, *, counts: bool) -> None:
        self._refresh = RefreshPass(
            self._registry,
            self._targets,
            self._reporter,
            parallel=self._request.parallel,
            counts=counts,
        )
        found = await self._refresh.run(self._base.resources)
        self._step_failed = bool(self._reporter.failures)
        await self._rebase(found)

    async def _rebase(self, resources: Sequence[ResourceState]) -> None:
        self._base = BaseIndex(await self._recorder.rebase(resources))

    async def _settle_pending(self) -> frozenset[str]:
        found = await settle_pending(
            self._pending, self._base.resources, self._registry, self._recorder, self._reporter
        )
        if found.resources is not self._base.resources:
            self._base = BaseIndex(found.resources)
        return found.blocked

    def _check_targets(self, generator: Generator) -> None:
        known = self._base.current.keys() | generator.claims.goals.keys()
        for urn in self._targets.list_unknown_targets(known):
            self._reporter.complain(_describe_unknown(urn))

    def _refuse_unknown_scope(self) -> None:
        """Look at the scope before anything else: no program can still declare what it names."""
        known, targets = self._base.current, self._targets
        self._refuse_unknown(targets.list_unknown_targets(known))
        self._refuse_unknown(targets.list_unknown_excludes(known))

    def _refuse_unknown(self, unknown: Sequence[str]) -> None:
        if unknown:
            raise Refused(*map(_describe_unknown, unknown))

    async def _import(self, generator: Generator, registrations: Registrations) -> None:
        importing = ImportPass(
            self._request,
            self._base,
            generator,
            self._executor,
            registrations,
            self._registry,
            self._reporter,
        )
        await importing.run()

    async def _run_program(self, program: Program, registrations: Registrations) -> None:
        request = self._request
        settings = ProgramSettings(
            request.project,
            request.stack,
            request.config,
            request.is_preview,
            request.parallel,
            request.root,
        )
        loop = asyncio.get_running_loop()
        monitor = Monitor(registrations, settings, loop, self._callbacks, self._hooks, self._server)
        service = EngineService(registrations, loop)
        self._program = asyncio.wrap_future(start_program(program, settings, monitor, service))
        failure = await self._wait_for_program(self._program, registrations.all_asked)
        await registrations.wait()
        if failure is not None and not self._is_closed():
            self._report_program(failure)

    async def _wait_for_program(
        self, running: asyncio.Future[ProgramFailure | None], all_asked: asyncio.Event
    ) -> ProgramFailure | None:
        """Wait until the program has ended or asks for nothing more; gives how it failed."""
        interrupted = asyncio.ensure_future(self._interrupted.wait())
        asked = asyncio.ensure_future(all_asked.wait())
        ending: set[asyncio.Future[Any]] = {running, asked}
        await asyncio.wait({*ending, interrupted}, return_when=asyncio.FIRST_COMPLETED)
        if interrupted.done():
            await asyncio.wait(ending, timeout=_GRACE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        interrupted.cancel()
        asked.cancel()
        return running.result() if running.done() else None

    async def _release_program(self) -> None:
        """Let a program end that stayed for its functions, when nobody calls them any more."""
        await self._callbacks.close()
        await self._server.close()
        if self._registrations is not None:
            self._registrations.all_done.set()
        if self._program is not None and not self._program.done():
            await asyncio.wait({self._program}, timeout=_GRACE_SECONDS)

    def _report_program(self, failure: ProgramFailure) -> None:
        for diagnostic in failure.diagnostics:
            self._reporter.complain(diagnostic, Failure.PROGRAM)
        text = f"an unhandled error occurred: {failure.summary}\n{failure.frames}"
        self._reporter.say(Severity.ERROR, "", text)

    async def _finish_stack(self) -> Mapping[str, OutputValue]:
        registrations = self._registrations
        if registrations is None or registrations.stack_step is None:
            return self._read_stored_outputs()
        step, outputs = registrations.stack_step, registrations.stack_outputs
        if outputs is None or self._reporter.failures:
            outputs = {**step.state.outputs, **(outputs or {})}
        await self._executor.store_outputs(step, outputs)
        return build_outputs(outputs)

    def _read_stored_outputs(self) -> Mapping[str, OutputValue]:
        for state in self._base.current.values():
            if state.type == STACK_TYPE and state not in self._executor.deleted:
                return build_outputs(state.outputs)
        return {}

    def _conclude(
        self, duration_seconds: float, outputs: Mapping[str, OutputValue]
    ) -> OperationResult:
        reporter, request = self._reporter, self._request
        changed = any(op not in _UNCHANGED for op in reporter.changes)
        if request.expect_no_changes and changed and not reporter.failures:
            text = "no changes were expected but changes occurred"
            reporter.complain(Diagnostic("MP5104", text), Failure.CHANGES)
        if self._step_failed or (request.is_preview and reporter.failures):
            what = "preview" if request.is_preview else "update"
            reporter.say(Severity.ERROR, "", f"{what} failed")
        if self._cancels:
            reporter.cancelled()
        reporter.summarise(preview=request.is_preview, duration_seconds=duration_seconds)
        return OperationResult(
            self._judge(),
            dict(reporter.changes),
            outputs,
            tuple(reporter.failures),
            reporter.failure,
            duration_seconds,
        )

    def _judge(self) -> Outcome:
        if self._cancels and self._was_fine:
            return Outcome.CANCELLED
        return Outcome.FAILED if self._reporter.failures else Outcome.SUCCEEDED


def _describe_unknown(urn: str) -> Diagnostic:
    return Diagnostic("MP3006", f"Target '{urn}' could not be found in the stack.")


def build_outputs(outputs: PropertyMap) -> dict[str, OutputValue]:
    """Give a stack's outputs in clear, with a mark on those that are secret."""
    return {
        key: OutputValue(value.value, True) if isinstance(value, Secret) else OutputValue(value)
        for key, value in outputs.items()
    }
