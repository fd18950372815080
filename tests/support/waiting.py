"""Waiting for something that another process does."""

import time
from collections.abc import Callable

import pytest

_SECONDS = 10


def wait_until(condition: Callable[[], bool], seconds: float = _SECONDS) -> None:
    """Wait until a condition holds; the test fails when it takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail("what the test waits for did not happen")
        time.sleep(0.02)
