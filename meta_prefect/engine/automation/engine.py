"""
The real engine's front: makes an operation ready, starts the executable, hears it out.

Implements the contract of `interfaces.engine`. One command does an operation; a stack that is not
there yet takes three, and secret outputs one more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Final, TypeAlias

from meta_prefect.engine.automation.errors import NoSuchStack
from meta_prefect.engine.automation.language import serve_program
from meta_prefect.engine.automation.run import Run
from meta_prefect.engine.automation.workspace import Place, open_workspace
from meta_prefect.engine.requests import check_request
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.interfaces.engine import OperationKind, OperationRequest, OperationResult
from meta_prefect.interfaces.events import EventSink

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
        root = str(Path(request.root).resolve())
        with ExitStack() as stack:
            ports = {
                package: stack.enter_context(serve()) for package, serve in self._providers.items()
            }
            workspace = stack.enter_context(open_workspace(self._place, request, root, ports))
            runtime, address = stack.enter_context(serve_program(request.program, root))
            run = Run(request, workspace, runtime, address, on_event)
            with self._lock:
                self._running = run
            try:
                return _run_on_stack(run)
            finally:
                with self._lock:
                    self._running = None

    def cancel(self) -> None:
        """Ask the running operation to stop; asked twice, it stops waiting for what runs."""
        with self._lock:
            if self._running is not None:
                self._running.cancel()


def _run_on_stack(run: Run) -> OperationResult:
    """Run on a stack that may not be there yet: finding that out beforehand costs a command."""
    try:
        return run.attempt()
    except NoSuchStack:
        if run.request.effective_kind in _NEEDS_A_STACK:
            return run.conclude_without_stack()
    run.create_stack()
    return run.attempt()


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
