"""Shared turns and turns alone."""

import asyncio

from meta_prefect.engine.embedded.turns import Turns


def test_one_alone_waits_for_those_inside():
    """Who wants to be alone waits until the others are out, and keeps new ones out."""

    async def scene():
        turns, said = Turns(4), []
        leave = asyncio.Event()

        async def stay():
            async with turns.shared():
                said.append("stay")
                await leave.wait()
                said.append("leave")

        async def be_alone():
            async with turns.shared(), turns.alone():
                said.append("alone")

        async def come_late():
            async with turns.shared():
                said.append("late")

        tasks = [asyncio.create_task(work()) for work in (stay, be_alone)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        tasks.append(asyncio.create_task(come_late()))
        await asyncio.sleep(0)
        leave.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 5)
        return said

    assert asyncio.run(scene()) == ["stay", "leave", "alone", "late"]


def test_two_who_want_to_be_alone():
    """Two that want to be alone at once get it one after the other."""

    async def scene():
        turns, inside, most = Turns(4), 0, 0

        async def be_alone():
            nonlocal inside, most
            async with turns.shared(), turns.alone():
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0)
                inside -= 1

        await asyncio.wait_for(asyncio.gather(*(be_alone() for _ in range(3))), 5)
        return most

    assert asyncio.run(scene()) == 1


def test_places_are_limited():
    """No more share a turn than there are places."""

    async def scene():
        turns, inside, most = Turns(2), 0, 0

        async def share():
            nonlocal inside, most
            async with turns.shared():
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0)
                inside -= 1

        await asyncio.gather(*(share() for _ in range(5)))
        return most

    assert asyncio.run(scene()) == 2
