"""
Ctrl-C as at a terminal, for tests that press it.

A shell starts what it puts into the background with Ctrl-C shut off, and children inherit that.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def heed_ctrl_c() -> Iterator[None]:
    """Have this process, and those started meanwhile, take Ctrl-C for what it is."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
