import asyncio

import pytest

from tests.support.fake_prefect import FakePrefect
from tests.support.provider_bench import build_bench
from tests.support.rounds import Round, load_case

URL = "http://prefect.example/api"
KINDS = ("flow", "work_pool", "work_queue", "deployment")


class HandsOnFake:
    """Changes rows of the fake."""

    def __init__(self, fake):
        self._fake = fake

    def _tables(self):
        fake = self._fake
        return (fake.flows, fake.queues, fake.deployments, fake.pools)

    async def change(self, thing, values):
        for table in self._tables():
            if thing.id in table:
                table[thing.id].update(values)

    async def delete(self, thing):
        for table in self._tables():
            table.pop(thing.id, None)


@pytest.mark.parametrize("kind", KINDS)
def test_round_of_a_kind(kind):
    """A kind is created, changed by each input, imported, repaired and deleted without flapping."""

    async def round_():
        fake = FakePrefect()
        bench = await build_bench(URL, transport=fake.transport)
        await Round(bench, load_case(kind), "unit", HandsOnFake(fake), fake).run()

    asyncio.run(round_())
