"""Limits and queues."""

import pytest

from meta_prefect.implementations.limits import limit, work_queue
from meta_prefect.interfaces.components import SharedLimit, WorkQueue, existing
from tests.unit.implementations.specs import BASE


def test_a_limit_reaches_the_deployment():
    """Number, strategy and grace period are Prefect's."""
    spec = limit(2, on_collision="cancel_new", grace_period_seconds=90).update_deployment(BASE)

    assert (spec.concurrency_limit, spec.collision_strategy) == (2, "CANCEL_NEW")
    assert spec.grace_period_seconds == 90
    assert limit(1).update_deployment(BASE).collision_strategy == ""


def test_a_limit_can_be_shared():
    """A shared limit takes the place of the deployment's own, the outermost one winning."""
    own = limit(1).update_deployment(BASE)

    ours = limit(5, shared="database").update_deployment(own)
    theirs = limit(shared=existing("theirs")).update_deployment(ours)

    assert (ours.concurrency_limit, ours.shared_limit) == (None, SharedLimit("database", 5))
    assert theirs.needs == {SharedLimit(existing("theirs"))}
    assert limit(2).update_deployment(ours).shared_limit is None


def test_a_queue_reaches_the_deployment():
    """The queue is one to make, with priority and limit."""
    spec = work_queue("fast", priority=1, limit=3).update_deployment(BASE)

    assert spec.work_queue == WorkQueue("fast", priority=1, concurrency_limit=3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: limit(0), r"limit\(0\)"),
        (limit, r"limit\(\)"),
        (lambda: limit(shared="database"), r"limit\(\)"),
        (lambda: limit(2, shared=existing("theirs")), r"limit\(2, shared=existing"),
        (lambda: limit(1, on_collision="drop"), r'limit\(on_collision="drop"\)'),
        (lambda: limit(1, grace_period_seconds=5), r"limit\(grace_period_seconds=5\)"),
        (lambda: work_queue(" "), "work_queue"),
        (lambda: work_queue("a/b"), "work_queue"),
        (lambda: work_queue("a", priority=0), r"work_queue\(priority=0\)"),
        (lambda: work_queue("a", limit=-1), r"work_queue\(limit=-1\)"),
    ],
)
def test_a_value_that_will_not_do_is_refused(make, message):
    """The message names the builder and the value."""
    with pytest.raises(ValueError, match=message):
        make()


def test_a_queue_of_somebody_else_is_named():
    """An existing queue is used by its name, and not described."""
    spec = work_queue(existing("urgent")).update_deployment(BASE)

    assert (spec.work_queue, spec.needs) == ("urgent", frozenset())
    with pytest.raises(ValueError, match=r"work_queue\(existing"):
        work_queue(existing("urgent"), priority=1)
