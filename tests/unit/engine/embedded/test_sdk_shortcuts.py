"""Shortcuts through the SDK."""

import asyncio
import contextvars

import pulumi
import pytest
from pulumi.runtime import resource
from pulumi.runtime.settings import SETTINGS, Settings, configure

from meta_prefect.engine.embedded.sdk_shortcuts import take_shortcuts, wait_for_everything


class _Resource:
    def __init__(self):
        self.stack = resource._get_stack_trace()


class _Custom(_Resource):
    def __init__(self):
        super().__init__()


class _Bucket(_Custom):
    def __init__(self):
        super().__init__()


def make_with_shortcuts():
    """Make a resource in a context that takes shortcuts."""

    def make():
        take_shortcuts()
        return _Bucket().stack

    return contextvars.copy_context().run(make)


def test_the_position_is_the_users():
    """The one frame that is left is the first one of the whole stack: where the user's code is."""
    usual = _Bucket().stack
    short = make_with_shortcuts()

    assert len(usual.frames) > 1
    assert len(short.frames) == 1
    assert short.frames[0].pc.uri == usual.frames[0].pc.uri
    assert short.frames[0].pc.line > 0


def test_other_programs_are_left_alone():
    """A program of somebody else in the same process has its whole stacks, and its debug log."""
    make_with_shortcuts()
    make_with_shortcuts()

    assert len(_Bucket().stack.frames) > 1
    assert pulumi.log.debug("nobody listens") is None


def test_no_user_on_the_stack():
    """A stack without a resource's three constructors has no position."""

    def look():
        take_shortcuts()
        return resource._get_stack_trace()

    assert list(contextvars.copy_context().run(look).frames) == []


def run_as_program(scene):
    """Run a coroutine function with settings of its own, as a program has them."""

    def run():
        configure(Settings(project="p", stack="s"))
        asyncio.run(scene())

    contextvars.copy_context().run(run)


def test_all_that_is_open_is_waited_for():
    """Whatever begins while the end is waited for is waited for, too."""
    done = []

    async def begin(depth):
        await asyncio.sleep(0)
        done.append(depth)
        if depth:
            pulumi.Output.from_input(begin(depth - 1))

    async def scene():
        SETTINGS.rpc_manager.rpcs.append(asyncio.ensure_future(begin(3)))
        await wait_for_everything()

    run_as_program(scene)

    assert done == [3, 2, 1, 0]


def test_a_failure_ends_the_waiting():
    """What fails is raised at once, though something else would never be done."""

    async def fail():
        raise ValueError("no")

    async def scene():
        pulumi.Output.from_input(asyncio.Event().wait())
        pulumi.Output.from_input(fail())
        await wait_for_everything()

    with pytest.raises(ValueError, match="no"):
        run_as_program(scene)
