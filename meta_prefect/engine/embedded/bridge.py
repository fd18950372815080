"""
The bridge between the program's thread and the engine's: calls go over, answers come back.

The SDK makes a call of its engine in a thread of a pool, and holds that thread until the answer is
there. Here the pool sees that a call is the SDK's own, and lets it run on the program's loop twice:
at first it only sends its request, and when the answer has come it is run again and finds it. What
else the program gives to the pool, or what is not surely the SDK's, gets a thread as usual.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from types import FunctionType
from typing import Any, Final, TypeVar

_T = TypeVar("_T")
_WRAPPERS: Final = "pulumi.runtime._context"
_CALLERS: Final = "pulumi.runtime."


class _Pending(BaseException):
    """The answer to a call is not there yet; nobody but the pool may catch this."""

    def __init__(self, answer: Future[Any]) -> None:
        super().__init__()
        self.answer = answer


class _Attempt:
    """One of the SDK's calls, which is run until all its answers are there."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function = function
        self._answers: list[Future[Any]] = []
        self._taken = 0

    def run(self) -> Any:
        self._taken = 0
        _CURRENT.attempt = self
        try:
            return self._function()
        finally:
            _CURRENT.attempt = None

    def take(self, start: Callable[[], Future[_T]]) -> _T:
        """Give the answer of the next request, or send it and leave the call."""
        if self._taken < len(self._answers):
            self._taken += 1
            answer: Future[_T] = self._answers[self._taken - 1]
            return answer.result()
        self._answers.append(start())
        raise _Pending(self._answers[-1])


class _Current(threading.local):
    """The attempt that runs in this thread."""

    attempt: _Attempt | None = None


_CURRENT: Final = _Current()


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
        start = partial(self._send, function, args)
        attempt = _CURRENT.attempt
        return start().result() if attempt is None else attempt.take(start)

    def _send(
        self, function: Callable[..., Coroutine[Any, Any, _T]], args: tuple[Any, ...]
    ) -> Future[_T]:
        answer: Future[_T] = Future()
        self._inbox.post(partial(self._start, function, args, answer))
        return answer

    def _start(
        self,
        function: Callable[..., Coroutine[Any, Any, _T]],
        args: tuple[Any, ...],
        answer: Future[_T],
    ) -> None:
        task = self._loop.create_task(function(*args))
        self._tasks.add(task)
        task.add_done_callback(partial(self._finish, answer))

    def _finish(self, answer: Future[_T], task: asyncio.Task[_T]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            answer.cancel()
        elif (error := task.exception()) is not None:
            answer.set_exception(error)
        else:
            answer.set_result(task.result())


class BridgingExecutor(ThreadPoolExecutor):
    """The pool of the program's loop; the SDK's own calls need no thread of it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, max_workers: int) -> None:
        """Serve a loop, from whose thread everything is submitted."""
        super().__init__(max_workers, thread_name_prefix="pulumi-program")
        self._outbox = Mailbox(loop)

    def submit(self, fn: Callable[..., _T], /, *args: Any, **kwargs: Any) -> Future[_T]:
        """Run one of the SDK's calls without a thread, and everything else in one."""
        if args or kwargs or not is_sdk_call(fn):
            return super().submit(fn, *args, **kwargs)
        result: Future[_T] = Future()
        result.set_running_or_notify_cancel()
        self._try(_Attempt(fn), result)
        return result

    def _try(self, attempt: _Attempt, result: Future[Any]) -> None:
        try:
            value = attempt.run()
        except _Pending as pending:
            pending.answer.add_done_callback(lambda _: self._come_back(attempt, result))
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the result
            result.set_exception(error)
        else:
            result.set_result(value)

    def _come_back(self, attempt: _Attempt, result: Future[Any]) -> None:
        with suppress(RuntimeError):  # the program has ended, and nobody waits
            self._outbox.post(partial(self._try, attempt, result))


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
