"""
One run of the executable: started, followed, interrupted if need be, and concluded.

Holds the child process; what its events mean is the business of `operation`.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from meta_prefect.engine.automation.arguments import build_arguments, build_import_file
from meta_prefect.engine.automation.command import Child
from meta_prefect.engine.automation.errors import StackIsThere, build_error
from meta_prefect.engine.automation.events import parse_event
from meta_prefect.engine.automation.language import LanguageRuntime
from meta_prefect.engine.automation.operation import Ending, Operation
from meta_prefect.engine.automation.workspace import Workspace
from meta_prefect.interfaces.diagnostics import Diagnostic, MetaPrefectError
from meta_prefect.interfaces.engine import OperationRequest, OperationResult
from meta_prefect.interfaces.events import EventSink


class Run:
    """One operation on one stack."""

    def __init__(
        self,
        request: OperationRequest,
        workspace: Workspace,
        runtime: LanguageRuntime,
        address: str,
        on_event: EventSink,
    ) -> None:
        """Prepare to run; `address` is where the language runtime listens."""
        self.request = request
        self._workspace = workspace
        self._runtime = runtime
        self._address = address
        self.on_event = on_event
        self._started = time.monotonic()
        self._operation = Operation(request, on_event)
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._cancels = 0
        self._was_fine = False

    def create_stack(self) -> None:
        """
        Make the stack, unless somebody else just did.

        Raises:
            MetaPrefectError: it cannot be made.
        """
        stack = self.request.stack
        with suppress(StackIsThere):
            self._workspace.command.run(["stack", "init", stack, "--no-select"], stack)

    def remove_stack(self) -> None:
        """
        Take away a stack that holds nothing.

        Raises:
            MetaPrefectError: it cannot be taken away.
        """
        arguments = ["stack", "rm", "--yes", "--preserve-config", "--stack", self.request.stack]
        self._workspace.command.run(arguments, self.request.stack)

    def attempt(self) -> OperationResult:
        """
        Run the command of the operation, after those for its secret configuration.

        Raises:
            NoSuchStack: there is no stack.
            MetaPrefectError: it ended before anything was touched.
        """
        self._workspace.set_secrets(self.request)
        event_log = self._workspace.scratch / "events.jsonl"
        with closing(self._start(event_log)) as child:
            self._follow(child)
            stderr = child.read_stderr()
        if child.exit_code and not self._operation.began and not self._cancels:
            self._raise_error(child.exit_code, stderr)
        return self._conclude(child.exit_code, stderr)

    def cancel(self) -> None:
        """Pass an interruption on to the executable, now or when it runs."""
        with self._lock:
            if self._cancels == 0:
                self._was_fine = not self._operation.failed
            self._cancels += 1
            if self._child is not None:
                self._child.interrupt()

    def _start(self, event_log: Path) -> Child:
        imports = self._workspace.scratch / "imports.json"
        imports.write_text(json.dumps(build_import_file(self.request.imports)), "utf-8")
        arguments = build_arguments(
            self.request,
            event_log=str(event_log),
            client=self._address,
            import_file=str(imports),
            installs_lately=self._workspace.installs_lately,
        )
        with self._lock:
            self._child = self._workspace.command.start(arguments, event_log)
            if self._cancels:
                self._child.interrupt()
            return self._child

    def _follow(self, child: Child) -> None:
        for line in child.follow(self.request.timeout_seconds, self._complain_of_time):
            event = parse_event(line)
            if event is not None:
                self._operation.take(event)

    def _complain_of_time(self) -> None:
        seconds = self.request.timeout_seconds
        text = f"the operation took longer than {seconds:g} seconds"
        self._operation.complain(Diagnostic("MP5103", text))

    def _raise_error(self, exit_code: int, stderr: str) -> None:
        """Raise what ended the command before it took a step, unless the events say it already."""
        if self._operation.failed or self._runtime.failure is not None:
            return
        raise build_error([self.request.kind.value], self.request.stack, exit_code, stderr)

    def _conclude(self, exit_code: int, stderr: str) -> OperationResult:
        ending = Ending(
            exit_code,
            stderr,
            self._runtime.failure,
            cancelled=self._cancels > 0 and self._was_fine,
            duration_seconds=time.monotonic() - self._started,
        )
        return self._operation.conclude(ending, self._read_secret_outputs())

    def _read_secret_outputs(self) -> Mapping[str, Any]:
        """Ask for the outputs in clear if any of them came masked; a preview stores none."""
        if self.request.is_preview or not self._operation.has_secret_outputs:
            return {}
        stack = self.request.stack
        arguments = ["stack", "output", "--json", "--show-secrets", "--stack", stack]
        try:
            text = self._workspace.command.run(arguments, stack)
        except MetaPrefectError:
            return {}  # they stay masked, and the operation's own result counts
        outputs: dict[str, Any] = json.loads(text)
        return outputs
