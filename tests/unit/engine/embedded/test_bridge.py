"""The bridge from the program's thread to the engine's loop."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from pulumi.runtime._context import wrap_with_context

from meta_prefect.engine.embedded.bridge import Bridge, ProgramLoop, is_sdk_call


@pytest.fixture
def engine_loop():
    """A loop that runs in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def double(number):
    await asyncio.sleep(0.01)
    if number < 0:
        raise ValueError("too small")
    return 2 * number


def make_sdk_call(bridge, number, seen):
    """Make what the SDK hands to its pool: a function of its own modules, wrapped."""

    def do_rpc_call():
        seen.append(threading.current_thread())
        return bridge.call(double, number), None

    do_rpc_call.__module__ = "pulumi.runtime.resource"
    return wrap_with_context(do_rpc_call)


def run_in_program(bridge_loop, scene):
    """Run a scene as a program is run: on a loop of its kind with a small pool, in this thread."""
    loop = ProgramLoop()
    executor = ThreadPoolExecutor(2)
    loop.set_default_executor(executor)
    try:
        return loop.run_until_complete(scene(Bridge(bridge_loop)))
    finally:
        loop.close()
        executor.shutdown()


def test_many_calls_need_no_thread(engine_loop):
    """More of the SDK's calls than the pool has threads wait at once, and all get their answers."""
    seen = []

    async def scene(bridge):
        loop = asyncio.get_running_loop()
        calls = [loop.run_in_executor(None, make_sdk_call(bridge, n, seen)) for n in range(20)]
        return await asyncio.gather(*calls)

    answers = run_in_program(engine_loop, scene)

    assert answers == [(2 * number, None) for number in range(20)]
    assert set(seen) == {threading.current_thread()}


def test_errors_come_back(engine_loop):
    """What a call raises on the engine's loop is raised where the SDK waits for it."""

    async def scene(bridge):
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, make_sdk_call(bridge, -1, []))

    with pytest.raises(ValueError, match="too small"):
        run_in_program(engine_loop, scene)


def test_the_users_own_work_gets_a_thread(engine_loop):
    """What the program itself gives to the pool runs in a thread, and may call and block there."""

    async def scene(bridge):
        def work():
            return threading.current_thread(), bridge.call(double, 4)

        return await asyncio.get_running_loop().run_in_executor(None, work)

    thread, answer = run_in_program(engine_loop, scene)

    assert thread is not threading.current_thread()
    assert answer == 8


def test_what_is_surely_the_sdks():
    """Only a function of the SDK's modules in the SDK's wrapper is taken for one of its calls."""

    def users():
        return None

    assert is_sdk_call(make_sdk_call(None, 1, []))
    assert not is_sdk_call(users)
    assert not is_sdk_call(wrap_with_context(users))
    assert not is_sdk_call(ThreadPoolExecutor)


def test_an_engine_that_has_gone():
    """A call to a loop that is closed says so, and goes on saying so."""
    loop = asyncio.new_event_loop()
    loop.close()
    bridge = Bridge(loop)

    for _ in range(2):
        with pytest.raises(RuntimeError, match="closed"):
            bridge.call(double, 1)
