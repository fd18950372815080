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
