"""
Shortcuts through the Pulumi SDK, for programs of this engine only.

For every resource the SDK describes its whole stack, of which this engine stores one line, and
tells its engine several times what it is doing, which nobody reads: together a third of its time.
At the end it waits for everything that is open and begins anew whenever one thing is done, which
takes the square of their number. Its functions are replaced by ones that do as before for every
other program of the process. An SDK without these functions is left as it is.

Source: `sdk/python/lib/pulumi/runtime/resource.py`, `stack.py` and `log.py`, 3.272.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from types import FrameType
from typing import Any, Final

import pulumi
from pulumi.runtime import resource, stack
from pulumi.runtime.proto import source_pb2
from pulumi.runtime.settings import SETTINGS

_CONSTRUCTORS: Final = 3
"""Of the resource, of its kind, and of its own class: who calls those is the user."""
_IS_OURS: Final[ContextVar[bool]] = ContextVar("embedded_program", default=False)
_LOCK: Final = threading.Lock()
_WAIT: Final[Any] = getattr(stack, "wait_for_rpcs", None)


def take_shortcuts() -> None:
    """Let the program of this context take the shortcuts."""
    _IS_OURS.set(True)
    with _LOCK:
        _replace(resource, "_get_stack_trace", find_position)
        _replace(pulumi.log, "debug", _say_nothing)
        _replace(stack, "wait_for_rpcs", wait_for_everything)


def find_position() -> Any:
    """Give a stack of one frame, in which the user's code makes a resource."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - a whole stack is what takes long
    seen = 0
    while frame is not None and seen < _CONSTRUCTORS:
        seen += frame.f_code.co_name == "__init__"
        frame = frame.f_back
    if frame is None or not Path(frame.f_code.co_filename).is_absolute():
        return source_pb2.StackTrace()
    position = source_pb2.SourcePosition(
        uri=f"file://{frame.f_code.co_filename}", line=frame.f_lineno
    )
    return source_pb2.StackTrace(frames=[source_pb2.StackFrame(pc=position)])


async def wait_for_everything(await_all_outstanding_tasks: bool = True) -> None:
    """Wait as the SDK does, when there is nothing left to wait for, or something has failed."""
    while await_all_outstanding_tasks and (waiting := _list_waiting()):
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_EXCEPTION)
        if any(future.cancelled() or future.exception() for future in done):
            break
    await _WAIT(await_all_outstanding_tasks)


def _list_waiting() -> list[asyncio.Future[Any]]:
    with SETTINGS.lock:
        everything = (*SETTINGS.rpc_manager.rpcs, *SETTINGS.outputs)
    return [future for future in everything if not future.done()]


def _say_nothing(*_args: Any, **_options: Any) -> None: ...


def _replace(module: Any, name: str, shortcut: Callable[..., Any]) -> None:
    usual = getattr(module, name, None)
    if usual is None or hasattr(usual, "shortcut"):
        return

    def choose(*args: Any, **options: Any) -> Any:
        return (shortcut if _IS_OURS.get() else usual)(*args, **options)

    choose.shortcut = shortcut  # type: ignore[attr-defined]  # marks what was replaced already
    setattr(module, name, choose)
