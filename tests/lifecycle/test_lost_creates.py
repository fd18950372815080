"""Creates whose answer was lost: what the next operation does about them."""

import threading

import pytest

from meta_prefect.interfaces.engine import Outcome
from tests.support.embedded import EmbeddedBench, Thing
from tests.support.memory_provider import FindableCloud, MemoryCloud


def lose_a_create(bench):
    """Cancel an operation while it creates `a`."""
    waiting = bench.cloud.hold("create", "a")
    thread = threading.Thread(target=bench.up, args=(lambda: Thing("a"),), daemon=True)
    thread.start()
    waiting.wait(10)
    bench.engine.cancel()
    bench.engine.cancel()
    thread.join(20)
    bench.cloud.held.clear()
    bench.cloud.calls.clear()


def test_found(tmp_path):
    """An object that the lost create had made is adopted, and not made again."""
    bench = EmbeddedBench(tmp_path, FindableCloud())
    lose_a_create(bench)
    bench.cloud.objects["a-7"] = {"out": "out-a-7"}

    result = bench.up(lambda: Thing("a"))

    assert result.outcome is Outcome.SUCCEEDED
    assert bench.stored["a"].id == "a-7"
    assert ("create", "a") not in bench.cloud.calls
    assert bench.backend.load("dev").pending_operations == []


def test_surely_not_there(tmp_path):
    """What was surely not made is made now."""
    bench = EmbeddedBench(tmp_path, FindableCloud())
    lose_a_create(bench)

    result = bench.up(lambda: Thing("a"))

    assert result.outcome is Outcome.SUCCEEDED
    assert bench.stored["a"].id == "a-1"
    assert bench.backend.load("dev").pending_operations == []


@pytest.mark.parametrize("cloud", [MemoryCloud, FindableCloud])
def test_nobody_can_say(tmp_path, cloud):
    """A create of unknown outcome is not repeated: the operation names the resource and fails."""
    bench = EmbeddedBench(tmp_path, cloud())
    lose_a_create(bench)
    bench.cloud.failing["find", "a"] = True

    result = bench.up(lambda: Thing("a"))

    assert [item.code for item in result.diagnostics] == ["MP3007"]
    assert ("create", "a") not in bench.cloud.calls
    pending = bench.backend.load("dev").pending_operations
    assert [item.type for item in pending] == ["creating"]
