"""Provider calls whose answer was lost: what the next operation does about them."""

import threading

import pytest

from meta_prefect.interfaces.engine import Outcome
from tests.support.embedded import EmbeddedBench, Thing
from tests.support.memory_provider import FindableCloud, MemoryCloud


def lose_a_create(bench, program=lambda: Thing("a")):
    """Cancel an operation while it creates `a`."""
    lose(bench, "create", program)


def lose(bench, method, program):
    """Cancel an operation while a call for `a` runs."""
    waiting = bench.cloud.hold(method, "a")
    thread = threading.Thread(target=bench.up, args=(program,), daemon=True)
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


def test_replacement_of_which_nobody_can_say(tmp_path):
    """A replacement whose create was lost is not made a second time."""
    bench = EmbeddedBench(tmp_path)
    bench.up(lambda: Thing("a", immutable=1))
    lose_a_create(bench, lambda: Thing("a", immutable=2))

    result = bench.up(lambda: Thing("a", immutable=2))

    assert [item.code for item in result.diagnostics] == ["MP3007"]
    assert ("create", "a") not in bench.cloud.calls
    assert bench.stored["a"].id == "a-1"


def test_refresh_looks_for_lost_creates(tmp_path):
    """A refresh finds what a lost create had made, and records it."""
    bench = EmbeddedBench(tmp_path, FindableCloud())
    lose_a_create(bench)
    bench.cloud.objects["a-7"] = {"out": "out-a-7"}

    result = bench.refresh()

    assert result.outcome is Outcome.SUCCEEDED
    assert bench.stored["a"].id == "a-7"
    assert bench.backend.load("dev").pending_operations == []


def test_update_that_was_lost_is_not_forgotten(tmp_path):
    """After a lost update the object is updated again, though the program is the old one by now."""
    bench = EmbeddedBench(tmp_path)
    bench.up(lambda: Thing("a", x=1))
    bench.cloud.objects["a-1"]["x"] = 2
    lose(bench, "update", lambda: Thing("a", x=2))

    result = bench.up(lambda: Thing("a", x=1))

    assert result.outcome is Outcome.SUCCEEDED
    assert bench.cloud.objects["a-1"]["x"] == 1
    assert list(bench.stored["a"].init_errors) == []


def test_deletion_that_was_lost_is_not_forgotten(tmp_path):
    """What a lost deletion took away is made again when the program still has it."""
    bench = EmbeddedBench(tmp_path)
    bench.up(lambda: Thing("a"))
    lose(bench, "delete", lambda: None)
    del bench.cloud.objects["a-1"]

    bench.up(lambda: Thing("a"))

    assert bench.steps == [("create", "a")]
    assert bench.stored["a"].id == "a-2"
