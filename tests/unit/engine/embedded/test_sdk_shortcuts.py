"""Shortcuts through the SDK."""

import contextvars

import pulumi
from pulumi.runtime import resource

from meta_prefect.engine.embedded.sdk_shortcuts import take_shortcuts


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
