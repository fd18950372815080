"""Operations that are held to what a preview showed."""

import pytest

from meta_prefect.interfaces.engine import Failure, Outcome
from meta_prefect.interfaces.events import ResourcePre
from tests.support.embedded import EmbeddedBench, Thing


@pytest.fixture
def bench(tmp_path):
    return EmbeddedBench(tmp_path)


def plan_of(bench, program):
    """Preview a program, and give the steps that it showed."""
    bench.preview(program)
    found = [event.metadata for event in bench.events if isinstance(event, ResourcePre)]
    return frozenset((step.urn, step.op) for step in found)


def test_what_was_shown_is_done(bench):
    """An operation whose steps are all in its plan does them, replacements included."""
    bench.up(lambda: Thing("a", immutable=1))

    def program():
        first = Thing("a", immutable=2)
        Thing("b", x=first.out)

    result = bench.up(program, planned=plan_of(bench, program))

    assert result.outcome is Outcome.SUCCEEDED
    assert sorted(bench.stored) == ["a", "b"]


def test_the_world_moved_after_the_preview(bench):
    """An operation stops before a step that its plan does not hold, and says at what."""
    planned = plan_of(bench, lambda: Thing("a"))

    result = bench.up(lambda: [Thing("a"), Thing("b")], planned=planned, parallel=1)

    assert result.failure is Failure.MOVED
    assert [item.code for item in result.diagnostics] == ["MP3901"]
    assert result.diagnostics[0].where.endswith("::b")
    assert ("create", "b") not in bench.cloud.calls


def test_a_preview_touches_nothing(bench, tmp_path):
    """A preview creates nothing in the world and no file in the stack's folder."""
    result = bench.preview(lambda: Thing("a"))

    assert result.outcome is Outcome.SUCCEEDED
    assert bench.steps == [("create", "a")]
    assert bench.cloud.objects == {}
    assert list(tmp_path.rglob("*.json")) == []
