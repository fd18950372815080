"""
Runs the user's program in this process: in a thread, on a loop and in a context of its own.

The Pulumi SDK talks to whatever objects its settings hold, so it is given the monitor itself: no
server, no wire. All its settings are context variables; programs do not disturb each other. Not to
be confused with `monitor`, which hears what the program says.

Source: `sdk/python/lib/pulumi/automation/_server.py`, 3.272.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import os
import sys
import sysconfig
import threading
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pulumi
from pulumi.runtime import run_in_stack, set_all_config
from pulumi.runtime.settings import ROOT, Settings, configure

from meta_prefect.engine.embedded.bridge import ProgramLoop
from meta_prefect.engine.embedded.sdk_shortcuts import take_shortcuts
from meta_prefect.interfaces.diagnostics import Diagnostic, MetaPrefectError
from meta_prefect.interfaces.engine import ConfigValue, Program

_ORGANIZATION: Final = "organization"
_THREADS_PER_STEP: Final = 4
_CANCEL_ROUNDS: Final = 5
_CANCEL_SECONDS: Final = 1.0
_MACHINERY: Final = (
    f"{Path(pulumi.__file__).parent}{os.sep}",
    f"{Path(__file__).parents[2]}{os.sep}",
)
_PYTHON: Final = sysconfig.get_path("stdlib") + os.sep


@dataclass(frozen=True, slots=True)
class ProgramSettings:
    """
    What a program is told about the operation.

    root: folder that source positions are relative to.
    """

    project: str
    stack: str
    config: Mapping[str, ConfigValue]
    preview: bool
    parallel: int
    root: str


@dataclass(frozen=True, slots=True)
class ProgramFailure:
    """
    A program that raised.

    summary: kind and text of the exception.
    frames: the user's part of the traceback, as Python prints it; may be empty.
    known: what an error of ours says about itself, with its cures; empty: it is none of ours.
    """

    summary: str
    frames: str = ""
    known: tuple[Diagnostic, ...] = ()

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All that there is to say about it."""
        return self.known or (Diagnostic("MP1201", self.summary, why=self.frames),)


def start_program(
    program: Program, settings: ProgramSettings, monitor: Any, engine: Any
) -> Future[ProgramFailure | None]:
    """
    Run a program in a thread; the future gives how it failed, or None.

    `monitor` and `engine` have the methods of the SDK's two stubs.
    """
    ended: Future[ProgramFailure | None] = Future()
    context = contextvars.copy_context()

    def run() -> None:
        ended.set_result(context.run(_run, program, settings, monitor, engine))

    threading.Thread(target=run, name="pulumi-program", daemon=True).start()
    return ended


def _run(
    program: Program, settings: ProgramSettings, monitor: Any, engine: Any
) -> ProgramFailure | None:
    take_shortcuts()
    _configure_sdk(settings, monitor, engine)
    return run_on_loop(program, ProgramLoop(), settings.parallel)


def run_on_loop(
    program: Program, loop: asyncio.AbstractEventLoop, parallel: int
) -> ProgramFailure | None:
    """
    Run a program to its end, with an SDK that is configured; gives how it failed, or None.

    loop: is closed afterwards. parallel: steps at once; each may wait in some threads.
    """
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    threads = ThreadPoolExecutor(_THREADS_PER_STEP * parallel, "pulumi-program")
    loop.set_default_executor(threads)
    try:
        loop.run_until_complete(run_in_stack(_take_any_result(program)))
    except BaseException as error:  # noqa: BLE001 - whatever a program raises is its failure
        return describe_failure(error)
    finally:
        _cancel_tasks(loop)
        loop.close()
        threads.shutdown(wait=False, cancel_futures=True)
        sys.stdout.flush()
        sys.stderr.flush()
    return None


def _configure_sdk(settings: ProgramSettings, monitor: Any, engine: Any) -> None:
    ROOT.set(None)
    configure(
        Settings(
            project=settings.project,
            stack=settings.stack,
            monitor=monitor,
            engine=engine,
            parallel=settings.parallel,
            dry_run=settings.preview,
            organization=_ORGANIZATION,
            root_directory=settings.root,
        )
    )
    config = {key: item.value for key, item in settings.config.items()}
    set_all_config(config, [key for key, item in settings.config.items() if item.secret])


def _take_any_result(program: Program) -> Callable[[], Any]:
    """Give a program that may return anything; only a coroutine means something to the SDK."""

    def call() -> Any:
        result = program()
        return result if asyncio.iscoroutine(result) else None

    return call


def _cancel_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what is open, again and again: who is cancelled may wait for others, or begin more."""
    for _ in range(_CANCEL_ROUNDS):
        tasks = asyncio.all_tasks(loop)
        if not tasks:
            return
        for task in tasks:
            task.cancel()
        with contextlib.suppress(BaseException):
            loop.run_until_complete(asyncio.wait(tasks, timeout=_CANCEL_SECONDS))


def describe_failure(error: BaseException) -> ProgramFailure:
    """Say how a program failed, with the user's frames only."""
    if isinstance(error, pulumi.RunError):
        return ProgramFailure(str(error))
    if isinstance(error, MetaPrefectError):
        return ProgramFailure(str(error), known=error.diagnostics)
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if is_users(frame.filename)
    ]
    return ProgramFailure(_summarise(error), "".join(traceback.format_list(frames)).rstrip("\n"))


def is_users(filename: str) -> bool:
    """Say whether a frame is the user's: not of Python, the SDK or this package."""
    if filename.startswith(_MACHINERY):
        return False
    return "site-packages" in filename or not filename.startswith(_PYTHON)


def _summarise(error: BaseException) -> str:
    kind, text = type(error).__name__, str(error)
    if not text:
        return kind
    # The SDK wraps the engine's answers in a plain exception, whose name says nothing.
    return text if type(error) is Exception else f"{kind}: {text}"
