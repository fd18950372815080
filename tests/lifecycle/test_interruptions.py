"""Operations that are cancelled, take too long, or meet a program that fails."""

import asyncio
import threading
import time

import pulumi
import pytest

from meta_prefect.engine.state.disk import Disk
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from meta_prefect.interfaces.engine import Failure, Outcome
from meta_prefect.interfaces.events import Cancelled
from meta_prefect.interfaces.provider import PartlyDone, ProviderError
from tests.support.embedded import EmbeddedBench, Thing


@pytest.fixture
def bench(tmp_path):
    return EmbeddedBench(tmp_path)


def in_background(work):
    """Run something in a thread; gives what waits for its result."""
    results = []
    thread = threading.Thread(target=lambda: results.append(work()), daemon=True)
    thread.start()

    def finish():
        thread.join(20)
        return results[0]

    return finish


def test_cancelled_twice_leaves_a_pending_operation(bench):
    """An operation cancelled twice ends while a create hangs, and records that it may be there."""
    waiting = bench.cloud.hold("create", "a")
    finish = in_background(lambda: bench.up(lambda: Thing("a")))
    waiting.wait(10)
    bench.engine.cancel()
    bench.engine.cancel()
    result = finish()

    pending = bench.backend.load("dev").pending_operations
    assert [(item.type, item.resource.urn[-8:]) for item in pending] == [("creating", "Thing::a")]
    assert result.outcome is Outcome.CANCELLED
    assert any(isinstance(event, Cancelled) for event in bench.events)


def test_cancelled_once_waits_for_what_runs(bench):
    """An operation cancelled once takes no new steps, and asks the providers to hurry."""
    release = threading.Event()

    def program():
        first = Thing("a")

        def cancel(value):
            bench.engine.cancel()
            release.wait(1)
            return value

        Thing("b", x=first.out.apply(cancel))

    result = bench.up(program)

    assert result.outcome is Outcome.CANCELLED
    assert list(bench.stored) == ["a"]
    assert bench.cloud.cancelled == 1


def test_time_is_up(bench):
    """An operation that takes longer than it may fails with that reason."""

    def program():
        Thing("a", x=pulumi.Output.from_input("v").apply(lambda v: time.sleep(0.5) or v))
        Thing("b")

    result = bench.up(program, timeout_seconds=0.2)

    assert result.failure is Failure.TIMEOUT
    assert result.outcome is Outcome.FAILED


def test_program_failure_shows_the_users_frames_only(bench):
    """A program that raises fails with its own frames, and none of the engine or the SDK."""

    def program():
        Thing("a")
        raise ValueError("no such bucket")

    result = bench.up(program)

    (diagnostic,) = result.diagnostics
    assert result.failure is Failure.PROGRAM
    assert diagnostic.summary == "ValueError: no such bucket"
    assert "test_interruptions.py" in diagnostic.why
    assert diagnostic.why.count("File ") == 1


def test_coroutine_program(bench):
    """A program may be a coroutine function."""

    async def program():
        Thing("a")

    result = bench.up(program)

    assert result.outcome is Outcome.SUCCEEDED
    assert list(bench.stored) == ["a"]


def test_a_program_may_return_anything(bench):
    """What a program returns means nothing, unless it is a coroutine."""
    result = bench.up(lambda: Thing("a"))

    assert result.outcome is Outcome.SUCCEEDED


def test_a_program_that_outlives_the_operation(bench):
    """A program that goes on after a failure gets to know that the engine has gone."""
    bench.cloud.failing["create", "a"] = ProviderError("no quota")
    seen = []

    async def program():
        Thing("a")
        await asyncio.sleep(0.2)
        Thing("late")
        seen.append("late")

    result = bench.up(program)

    assert result.failure is Failure.RESOURCE
    assert seen == ["late"]
    assert ("check", "late") not in bench.cloud.calls


def test_an_update_that_is_half_done(bench):
    """A half-done update keeps the old inputs, so that the next run tries again."""
    bench.up(lambda: Thing("a", x=1))
    bench.cloud.failing["update", "a"] = PartlyDone("a-1", {"x": 2}, {"x": 2}, ("not ready",))
    failed = bench.up(lambda: Thing("a", x=2))
    stored = bench.stored["a"]
    bench.cloud.failing.clear()
    bench.up(lambda: Thing("a", x=2))

    assert failed.outcome is Outcome.FAILED
    assert (stored.inputs, stored.outputs) == ({"x": 1}, {"x": 2})
    assert list(stored.init_errors) == ["not ready"]
    assert bench.steps == [("update", "a")]
    assert list(bench.stored["a"].init_errors) == []


class FullDisk(Disk):
    """A disk that takes no journal line with the id of the new object."""

    def append(self, path, data):
        if b'"a-1"' in data:
            raise MetaPrefectError("MP4104", "the disk is full")
        super().append(path, data)


def test_state_that_cannot_be_written(tmp_path):
    """An object whose record cannot be stored is named with its id, and nothing more is done."""
    bench = EmbeddedBench(tmp_path, disk=FullDisk())

    async def program():
        first = Thing("a")
        Thing("b", x=first.out)

    result = bench.up(program)

    (diagnostic,) = result.diagnostics
    assert (diagnostic.code, diagnostic.where[-3:]) == ("MP4104", "::a")
    assert "a-1" in diagnostic.why
    assert ("check", "b") not in bench.cloud.calls
