"""
The program of one run: in a thread, on a loop and in a context of its own, and gone with the run.

The SDK finds out whose program it is by the context of the thread. When Python collects a program
that was never finished (one of Pulumi's own Automation API may be, one that somebody dropped), it
goes on for a moment wherever the collector happens to be: in the midst of another program it would
forget what that one has registered, and tell its executable of outputs of its own. So nothing
unfinished is there when a program begins, and nothing is left of one that nobody waits for.

Not to be confused with `embedded.program`, whose SDK talks to objects, nor with `language`, which
hears the executable ask for a run.

Source: `run_pulumi_func` and `wait_for_rpcs` in `sdk/python/lib/pulumi/runtime/stack.py` 3.272.
"""

from __future__ import annotations

import asyncio
import contextvars
import gc
import threading
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from pulumi.runtime import set_all_config
from pulumi.runtime.settings import SETTINGS, reset_options

from meta_prefect.engine.embedded.program import ProgramFailure, run_on_loop
from meta_prefect.interfaces.engine import Program

# Messages of the generated code have no types.
Message = Any


class RunningProgram:
    """A program that was started; `ended` gives how it failed, or None."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Know the loop that it is going to run on."""
        self._loop = loop
        self.ended: Future[ProgramFailure | None] = Future()

    def stop(self) -> None:
        """Have it cancelled where it waits; a thread that computes goes on until it waits."""
        with suppress(RuntimeError):  # it has ended, and its loop is closed
            self._loop.call_soon_threadsafe(self._loop.stop)


def start_program(program: Program, request: Message, root: str) -> RunningProgram:
    """
    Run a program in a thread.

    `request` is what the executable sent with `Run`: addresses, configuration, preview or not;
    `root` is what positions are relative to.
    """
    gc.collect()  # here is no program that could be disturbed
    loop = asyncio.new_event_loop()
    running = RunningProgram(loop)
    context = contextvars.copy_context()

    def run() -> None:
        running.ended.set_result(context.run(_run, program, request, root, loop))

    threading.Thread(target=run, name="pulumi-program", daemon=True).start()
    return running


def find_engine_address(request: Message) -> str:
    """Give where the executable takes messages; empty: nowhere."""
    return request.args[0] if request.args else ""


def _run(
    program: Program, request: Message, root: str, loop: asyncio.AbstractEventLoop
) -> ProgramFailure | None:
    _configure_sdk(request, root)
    return run_on_loop(program, loop, max(1, request.parallel))


def _configure_sdk(request: Message, root: str) -> None:
    reset_options(
        project=request.project,
        stack=request.stack,
        root_directory=root,
        parallel=request.parallel,
        engine_address=find_engine_address(request),
        monitor_address=request.monitor_address,
        preview=request.dryRun,
        organization=request.organization or "organization",
    )
    SETTINGS.outputs = _Outputs()
    set_all_config(dict(request.config), list(request.configSecretKeys))


class _Outputs(set[asyncio.Future[Any]]):
    """
    The outputs that a program waits for before it ends; nobody makes it forget one that is open.

    The SDK empties the set and puts back what is not done. Who empties it and never comes back, as
    a program that is collected does, would let this one end well before it has registered anything,
    and what a program did not register is deleted.
    """

    def clear(self) -> None:
        """Forget what is done."""
        self.difference_update([future for future in self if future.done()])
