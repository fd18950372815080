"""
The real engine's front: makes an operation ready, starts the executable, hears it out.

Implements the contract of `interfaces.engine`. One command does an operation; making its stack
takes one more, secret outputs another. Where only the executable can tell whether there is a stack,
one fails to find out, and a preview takes away what it made.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, suppress
from pathlib import Path
from typing import Final, TypeAlias

from meta_prefect.engine.automation.aside import set_aside
from meta_prefect.engine.automation.errors import NoSuchStack
from meta_prefect.engine.automation.language import serve_program
from meta_prefect.engine.automation.run import Run
from meta_prefect.engine.automation.workspace import Place, open_workspace
from meta_prefect.engine.requests import check_request
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.interfaces.engine import (
    OperationKind,
    OperationRequest,
    OperationResult,
    Outcome,
)
from meta_prefect.interfaces.events import EventSink, Summary

_NEEDS_A_STACK: Final = frozenset({OperationKind.DESTROY, OperationKind.REFRESH})

ServeProvider: TypeAlias = Callable[[], AbstractContextManager[int]]
"""Serves a provider of this process over gRPC; gives the loopback port."""


class PulumiEngine:
    """Pulumi's operations, by Pulumi's executable."""

    def __init__(self, place: Place, providers: Mapping[str, ServeProvider]) -> None:
        """Work on a backend's stacks; `providers` are in-process ones by package."""
        self._place = place
        self._providers = providers
        self._lock = threading.Lock()
        self._running: Run | None = None

    @property
    def description(self) -> str:
        """Name and version, as printed in headings."""
        return f"pulumi engine {self._place.executable.version_text}"

    def run(self, request: OperationRequest, on_event: EventSink) -> OperationResult:
        """
        Run one operation to its end; blocks, and calls `on_event` from this thread.

        Raises:
            MetaPrefectError: the operation cannot begin.
        """
        check_request(request)
        check_imports(request)
        check_scope(request)
        place = self._place.for_looking() if request.is_preview else self._place
        root = str(Path(request.root).resolve())
        exists = place.has_stack(request.project, request.stack)
        if exists is False and request.effective_kind in _NEEDS_A_STACK:
            return conclude_without_stack(request, on_event)
        with ExitStack() as stack:
            if exists is False and request.is_preview:
                place = stack.enter_context(set_aside(place, request))
            ports = {
                package: stack.enter_context(serve()) for package, serve in self._providers.items()
            }
            workspace = stack.enter_context(open_workspace(place, request, root, ports))
            runtime, address = stack.enter_context(serve_program(request.program, root))
            run = Run(request, workspace, runtime, address, on_event)
            with self._lock:
                self._running = run
            try:
                return _run_on_stack(run, exists=exists)
            finally:
                with self._lock:
                    self._running = None

    def cancel(self) -> None:
        """Ask the running operation to stop; asked twice, it stops waiting for what runs."""
        with self._lock:
            if self._running is not None:
                self._running.cancel()


def _run_on_stack(run: Run, *, exists: bool | None) -> OperationResult:
    """Run on a stack that may not be there yet; None: finding that out would cost a command."""
    if exists is not False:
        with suppress(NoSuchStack):
            return run.attempt()
        if run.request.effective_kind in _NEEDS_A_STACK:
            return conclude_without_stack(run.request, run.on_event)
    run.create_stack()
    try:
        return run.attempt()
    finally:
        if exists is None and run.request.is_preview:
            run.remove_stack()


def conclude_without_stack(request: OperationRequest, on_event: EventSink) -> OperationResult:
    """Give what comes of taking away, or looking at, nothing."""
    on_event(Summary(request.is_preview, 0.0, {}))
    return OperationResult(Outcome.SUCCEEDED)


def check_imports(request: OperationRequest) -> None:
    """
    Refuse imports of which only some are protected: the executable knows all or none.

    Raises:
        MetaPrefectError: MP5101.
    """
    if len({item.protect for item in request.imports}) > 1:
        raise MetaPrefectError(
            "MP5101",
            "one import cannot protect some resources and leave others",
            fixes=("import them in two goes",),
            exit_code=ExitCode.USAGE,
        )


def check_scope(request: OperationRequest) -> None:
    """
    Refuse to spare what depends on what is excluded from a destroy: there is no flag for it.

    Raises:
        MetaPrefectError: MP5101.
    """
    if request.effective_kind is OperationKind.DESTROY and request.scope.exclude_dependents:
        raise MetaPrefectError(
            "MP5101",
            "pulumi's destroy cannot spare what depends on what is excluded",
            fixes=("exclude the dependents by name", "meta-prefect destroy --engine embedded ..."),
            exit_code=ExitCode.USAGE,
        )
