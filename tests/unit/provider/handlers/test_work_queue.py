import httpx

from tests.unit.provider.test_provider import run

POOL = {"name": "p", "type": "process"}
QUEUE = "prefect:index:WorkQueue"


def _ranks(fake):
    return {row["name"]: row["priority"] for row in fake.queues.values()}


def test_declared_priorities_settle():
    """A queue that a sibling's creation moved is put back to its declared place."""

    async def create(fake, bench):
        await bench.create("prefect:index:WorkPool", POOL)
        for name, priority in (("second", 2), ("first", 1), ("third", 3)):
            values = {"workPoolName": "p", "name": name, "priority": priority}
            await bench.create(QUEUE, values, name)

        ranks = _ranks(fake)
        assert (ranks["first"], ranks["second"], ranks["third"]) == (1, 2, 3)

    run(create)


def test_default_queue_is_managed_not_made():
    """Declaring `default` changes the pool's own queue, deleting it puts its defaults back."""

    async def manage(fake, bench):
        await bench.create("prefect:index:WorkPool", POOL)
        values = {"workPoolName": "p", "name": "default", "concurrencyLimit": 2}
        queue = await bench.create(QUEUE, values)
        limit = fake.queues[queue.id]["concurrency_limit"]
        await bench.delete(queue)

        assert limit == 2
        assert fake.queues[queue.id]["concurrency_limit"] is None
        assert len(fake.queues) == 1

    run(manage)


def test_queue_of_a_deleted_pool_is_gone():
    """A queue that went with its pool is deleted without an error."""

    async def delete(fake, bench):
        pool = await bench.create("prefect:index:WorkPool", POOL)
        queue = await bench.create(QUEUE, {"workPoolName": "p", "name": "q"})
        default = await bench.create(QUEUE, {"workPoolName": "p", "name": "default"}, "default")
        await bench.delete(pool)
        await bench.delete(queue)
        await bench.delete(default)

        assert fake.queues == {}

    run(delete)


async def _build_queues(bench, *names):
    await bench.create("prefect:index:WorkPool", POOL)
    return [
        await bench.create(QUEUE, {"workPoolName": "p", "name": name, "priority": rank}, name)
        for rank, name in enumerate(names, 1)
    ]


def test_queue_pushed_by_others_does_not_drift():
    """A queue that somebody puts before all others moves them, and none of them has drifted."""

    async def refresh(fake, bench):
        queues = await _build_queues(bench, "first", "second")
        body = {"name": "theirs", "priority": 1}
        fake._serve("POST", "/work_pools/p/queues", body)
        refreshed = [await bench.refresh(queue) for queue in queues]

        assert _ranks(fake)["second"] == 3
        assert [queue.inputs["priority"] for queue in refreshed] == [1, 2]

    run(refresh)


def test_queue_moved_by_hand_drifts():
    """Of two queues that changed places, the one that came forward has drifted."""

    async def refresh(fake, bench):
        queues = await _build_queues(bench, "first", "second")
        fake._serve("PATCH", "/work_pools/p/queues/second", {"priority": 1})
        refreshed = [await bench.refresh(queue) for queue in queues]

        assert [queue.inputs["priority"] for queue in refreshed] == [1, 1]

    run(refresh)


def test_queue_moved_far_away_drifts():
    """A queue that was moved behind a gap has drifted."""

    async def refresh(fake, bench):
        (queue,) = await _build_queues(bench, "first")
        fake._serve("PATCH", "/work_pools/p/queues/first", {"priority": 9})
        refreshed = await bench.refresh(queue)

        assert refreshed.inputs["priority"] == 9

    run(refresh)


def test_lost_answer_of_a_rename_is_found_again():
    """A rename whose answer was lost is not sent again under a name that is no more."""

    async def rename(fake, bench):
        (queue,) = await _build_queues(bench, "old")
        lost = []

        def lose_one(request):
            if request.method == "PATCH" and not lost:
                lost.append(fake._serve("PATCH", "/work_pools/p/queues/old", {"name": "new"}))
                raise httpx.ReadError("reset")

        fake.faults = lose_one
        await bench.update(queue, {"workPoolName": "p", "name": "new", "priority": 1})

        assert fake.queues[queue.id]["name"] == "new"
        assert len([path for method, path, _ in fake.writes if method == "PATCH"]) == 1

    run(rename)
