"""Lookups that are foreseen, asked in whole pages."""

import asyncio
import uuid

import pytest

from meta_prefect.provider.batches import FLOWS, WORK_POOLS
from meta_prefect.provider.read_ahead import ReadAhead, group_lookups


class Server:
    """Answers for the even keys; pages in `failing` raise, and all wait while `open` is not set."""

    def __init__(self):
        self.asked = []
        self.failing = set()
        self.open = asyncio.Event()
        self.open.set()

    async def ask(self, keys):
        number = len(self.asked)
        self.asked.append(keys)
        await self.open.wait()
        if number in self.failing:
            raise ValueError(number)
        return {key: {"id": key} for key in keys if int(key) % 2 == 0}


def number_keys(count):
    return [str(number) for number in range(count)]


def test_lookups_are_asked_in_whole_pages():
    """Four hundred and fifty lookups, sixteen at a time, are three requests."""

    async def scene():
        server, slots = Server(), asyncio.Semaphore(16)
        ahead = ReadAhead(number_keys(450), server.ask)

        async def find(key):
            async with slots:
                return await ahead.find(key)

        return server, await asyncio.gather(*map(find, number_keys(450)))

    server, found = asyncio.run(scene())

    assert [len(keys) for keys in server.asked] == [200, 200, 50]
    assert found[:4] == [{"id": "0"}, None, {"id": "2"}, None]


def test_a_page_is_asked_when_the_one_before_it_is_needed():
    """Nothing is asked before the first lookup, and then no more than the page that comes next."""

    async def scene():
        server = Server()
        ahead = ReadAhead(number_keys(800), server.ask)
        await asyncio.sleep(0)
        before = len(server.asked)
        await ahead.find("0")
        return before, len(server.asked)

    assert asyncio.run(scene()) == (0, 2)


def test_an_answer_serves_as_often_as_it_was_foreseen():
    """A key that was foreseen twice is not foreseen any more after two lookups."""

    async def scene():
        server = Server()
        ahead = ReadAhead(["2", "4", "2"], server.ask)
        found = await asyncio.gather(ahead.find("2"), ahead.find("2"))
        return server, found, ahead.foresees("2"), ahead.foresees("4"), ahead.foresees("6")

    server, found, *foreseen = asyncio.run(scene())

    assert found == [{"id": "2"}, {"id": "2"}]
    assert foreseen == [False, True, False]
    assert server.asked == [["2", "4"]]


def test_a_failed_page_fails_its_own_lookups():
    """Each lookup in a page that failed says so, and those of another page have their answer."""

    async def scene():
        server = Server()
        server.failing = {0}
        ahead = ReadAhead(number_keys(201), server.ask)
        finds = map(ahead.find, ("0", "2", "200"))
        return await asyncio.gather(*finds, return_exceptions=True)

    first, second, third = asyncio.run(scene())

    assert (type(first), type(second)) == (ValueError, ValueError)
    assert third == {"id": "200"}


@pytest.mark.parametrize("closes", [True, False])
def test_whoever_waits_has_the_answer(closes):
    """Closing gives up the page that comes next, and not the one that somebody waits for."""

    async def scene():
        server = Server()
        server.open.clear()
        ahead = ReadAhead(number_keys(400), server.ask)
        waiting = asyncio.ensure_future(ahead.find("0"))
        await asyncio.sleep(0)
        tasks = asyncio.all_tasks() - {asyncio.current_task(), waiting}
        if closes:
            ahead.close()
        server.open.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        return await waiting, sum(task.cancelled() for task in tasks)

    found, cancelled = asyncio.run(scene())

    assert found == {"id": "0"}
    assert cancelled == (1 if closes else 0)


def test_what_the_server_would_not_take_is_left_out():
    """A text that is no id would spoil its whole page; names may be any text."""
    id = str(uuid.uuid4())

    keys = group_lookups([(FLOWS, id), (WORK_POOLS, "pool"), (FLOWS, "by-hand"), (FLOWS, id)])

    assert keys == {FLOWS: [id, id], WORK_POOLS: ["pool"]}
