"""
The bridge between the program's thread and the engine's: calls go over, answers come back.

The SDK makes a call of its engine in a thread of a pool, and holds that thread until the answer is
there. Here the loop sees that a call is the SDK's own, and runs it by itself, twice: at first it
only sends its request, and when the answer has come it is run again and finds it. What else the
program gives to a pool, or what is not surely the SDK's, gets a thread as usual.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Executor, Future
from contextlib import suppress
from functools import partial
from types import FunctionType
from typing import Any, Final, TypeVar

_T = TypeVar("_T")
_WRAPPERS: Final = "pulumi.runtime._context"
_CALLERS: Final = "pulumi.runtime."
Deliver = Callable[[asyncio.Task[Any]], None]
"""Takes the task that has the answer, when it is done."""


class Mailbox:
    """Takes actions to another thread's loop, and wakes it once for many of them."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Deliver to a loop, while it runs."""
        self._loop = loop
        self._waiting: deque[Callable[[], object]] = deque()
        self._is_woken = False

    def post(self, action: Callable[[], object]) -> None:
        """
        Have an action done on the loop.

        Raises:
            RuntimeError: the loop is closed.
        """
        self._waiting.append(action)
        if not self._is_woken:
            self._is_woken = True
            try:
                self._loop.call_soon_threadsafe(self._deliver)
            except RuntimeError:
                self._is_woken = False
                raise

    def _deliver(self) -> None:
        self._is_woken = False
        while self._waiting:
            self._waiting.popleft()()


class _Pending(BaseException):
    """The answer to a call is not there yet; nobody but its attempt may catch this."""


class _Attempt:
    """One of the SDK's calls, which is run until all its answers are there."""

    __slots__ = ("_answers", "_function", "_inbox", "_result", "_taken")

    def __init__(
        self, function: Callable[[], Any], inbox: Mailbox, result: asyncio.Future[Any]
    ) -> None:
        self._function = function
        self._inbox = inbox
        self._result = result
        self._answers: list[asyncio.Task[Any]] = []
        self._taken = 0

    def run(self) -> None:
        self._taken = 0
        _CURRENT.attempt = self
        try:
            value = self._function()
        except _Pending:
            return
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the result
            if not self._result.done():
                self._result.set_exception(error)
        else:
            if not self._result.done():
                self._result.set_result(value)
        finally:
            _CURRENT.attempt = None

    def take(self, send: Callable[[Deliver], None]) -> Any:
        """Give the answer of the next request, or send it and leave the call."""
        if self._taken == len(self._answers):
            send(self._come_back)
            raise _Pending
        self._taken += 1
        return _read_answer(self._answers[self._taken - 1])

    def _come_back(self, answer: asyncio.Task[Any]) -> None:
        """Run again on the program's loop; called on the engine's."""
        with suppress(RuntimeError):  # the program has ended, and nobody waits
            self._inbox.post(partial(self._run_with, answer))

    def _run_with(self, answer: asyncio.Task[Any]) -> None:
        self._answers.append(answer)
        self.run()


class _Current(threading.local):
    """The attempt that runs in this thread."""

    attempt: _Attempt | None = None


_CURRENT: Final = _Current()


class Bridge:
    """Calls coroutine functions on the engine's loop, from the program's threads."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Call on a loop that runs in another thread."""
        self._loop = loop
        self._inbox = Mailbox(loop)
        self._tasks: set[asyncio.Task[Any]] = set()

    def call(self, function: Callable[..., Coroutine[Any, Any, _T]], *args: Any) -> _T:
        """
        Give what a function gives, or raise what it raises; blocks where a thread may.

        Raises:
            RuntimeError: the loop is closed.
        """
        send = partial(self._send, function, args)
        attempt = _CURRENT.attempt
        if attempt is not None:
            return attempt.take(send)  # type: ignore[no-any-return]  # an attempt takes any answer
        answered: Future[asyncio.Task[_T]] = Future()
        send(answered.set_result)
        return _read_answer(answered.result())

    def _send(
        self,
        function: Callable[..., Coroutine[Any, Any, Any]],
        args: tuple[Any, ...],
        deliver: Deliver,
    ) -> None:
        self._inbox.post(partial(self._start, function, args, deliver))

    def _start(
        self,
        function: Callable[..., Coroutine[Any, Any, Any]],
        args: tuple[Any, ...],
        deliver: Deliver,
    ) -> None:
        task = self._loop.create_task(function(*args))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(deliver)


class ProgramLoop(asyncio.SelectorEventLoop):
    """The loop of the program's thread, on which the SDK's own calls need no other thread."""

    def __init__(self) -> None:
        """Make the loop for the thread that is going to run it."""
        super().__init__()
        self._calls = Mailbox(self)

    def run_in_executor(  # type: ignore[override]  # the base is typed for any executor
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Run one of the SDK's calls without a thread, and everything else in one."""
        if executor is not None or args or not is_sdk_call(func):
            return super().run_in_executor(executor, func, *args)
        result = self.create_future()
        _Attempt(func, self._calls, result).run()
        return result


def _read_answer(task: asyncio.Task[_T]) -> _T:
    if task.cancelled():
        raise CancelledError
    return task.result()


def is_sdk_call(function: Callable[..., Any]) -> bool:
    """Say whether a function is surely the SDK's own, wrapped as it wraps calls of its engine."""
    if not isinstance(function, FunctionType) or function.__module__ != _WRAPPERS:
        return False
    called = _read_variable(_read_variable(function, "run"), "fn")
    return isinstance(called, FunctionType) and called.__module__.startswith(_CALLERS)


def _read_variable(function: Any, name: str) -> Any:
    """Give a variable that a function has from where it was made; None without one."""
    if not isinstance(function, FunctionType) or name not in function.__code__.co_freevars:
        return None
    assert function.__closure__ is not None
    return function.__closure__[function.__code__.co_freevars.index(name)].cell_contents
