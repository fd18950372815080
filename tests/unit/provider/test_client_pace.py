import asyncio

from meta_prefect.provider.client_pace import WritePace


class FakeServer:
    """
    Takes a time for a request that depends on how many are inside; the time is not real.

    slots: how many it works on at once.
    seconds: of a request by how many are inside, where `slots` does not tell.
    """

    def __init__(self, slots, seconds=None):
        self._slots = slots
        self._seconds = seconds or {}
        self.now = 0.0
        self.inside = 0
        self.most = 0

    async def serve(self, pace, route):
        async with pace.turn():
            self.inside += 1
            self.most = max(self.most, self.inside)
            # All that are let in are inside before the first of them is asked.
            await asyncio.sleep(0)
            async with pace.attempt(route):
                usual = max(1.0, self.inside / self._slots)
                self.now += self._seconds.get(self.inside, usual)
            self.inside -= 1


async def send(pace, server, count, route="POST flows 1"):
    for _ in range(count):
        await asyncio.gather(*(server.serve(pace, route) for _ in range(pace.width)))


def run(slots, rounds=200, most=16, seconds=None):
    async def test():
        server = FakeServer(slots, seconds)
        pace = WritePace(most, clock=lambda: server.now)
        await send(pace, server, rounds)
        return pace, server

    return asyncio.run(test())


def test_begins_with_one_writer():
    """The first requests go one after the other."""
    pace, server = run(slots=16, rounds=3)

    assert (pace.width, server.most) == (1, 1)


def test_stays_with_one_where_several_are_no_faster():
    """On a server that works on one thing at a time, two and four are tried, then one is kept."""
    pace, server = run(slots=1)

    assert (pace.width, server.most) == (1, 4)


def test_looks_beyond_two():
    """Where two writers take turns and four do not, four are kept."""
    pace, server = run(slots=4, seconds={2: 2.0})

    assert (pace.width, server.most) == (4, 16)


def test_a_width_that_does_not_help_is_left_at_the_limit():
    """When the most that are allowed are no faster, there is one writer again."""
    pace, server = run(slots=1, most=2)

    assert (pace.width, server.most) == (1, 2)


def test_becomes_as_many_as_help():
    """On a server that works on four things at once, four writers are kept."""
    pace, server = run(slots=4)

    assert (pace.width, server.most) == (4, 16)


def test_never_becomes_more_than_allowed():
    """The settings' number is the most."""
    pace, server = run(slots=64, most=3)

    assert (pace.width, server.most) == (3, 3)


def test_refused_writers_become_one():
    """A server that refuses several writers gets one from then on."""

    async def test():
        server = FakeServer(8)
        pace = WritePace(16, clock=lambda: server.now)
        await send(pace, server, 12)
        before = pace.width
        pace.narrow()
        await send(pace, server, 100)

        assert before > 1
        assert pace.width == 1

    asyncio.run(test())


def test_failed_attempt_gives_its_turn_back():
    """A writer that fails lets the next one in."""

    async def fail(pace):
        async with pace.turn(), pace.attempt("POST flows 1"):
            raise ValueError

    async def test():
        pace = WritePace(1)
        failed = await asyncio.gather(*(fail(pace) for _ in range(3)), return_exceptions=True)

        assert [type(error) for error in failed] == [ValueError] * 3

    asyncio.run(test())


def test_the_next_writer_sends_before_the_last_one_looks_further():
    """A request goes out before the answer of the one before it is worked on."""

    async def test():
        pace, said = WritePace(1), []

        async def pass_rounds(count):
            for _ in range(count):
                await asyncio.sleep(0)

        async def write(number):
            async with pace.turn():
                await pass_rounds(5)  # of the event loop: as many as sending takes
                said.append(f"sent {number}")
                await pass_rounds(20)  # while the server works
            said.append(f"worked on {number}")

        await asyncio.gather(write(1), write(2))

        assert said == ["sent 1", "sent 2", "worked on 1", "worked on 2"]

    asyncio.run(test())


def test_cancelled_writers_hold_nobody_up():
    """Writers that give up while they wait, or just as they are let in, leave their turn."""

    async def test():
        pace, taken, ended, tasks = WritePace(1), [], asyncio.Event(), []

        async def take(number):
            async with pace.turn():
                taken.append(number)
                await ended.wait()
                if number == 0:  # the next one will have the turn, and not know it yet
                    asyncio.get_running_loop().call_soon(tasks[1].cancel)

        tasks += [asyncio.create_task(take(at)) for at in range(4)]
        await asyncio.sleep(0)
        tasks[2].cancel()
        ended.set()
        await asyncio.gather(*tasks, return_exceptions=True)

        assert taken == [0, 3]

    asyncio.run(test())
