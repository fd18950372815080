"""
Environment variables that stand for a moment only.

Not to be confused with `settings`, which reads the environment and never writes it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_NO_REPORT: Final = "DO_NOT_TRACK"


@contextmanager
def environment_variable(name: str, value: str) -> Iterator[None]:
    """Set a variable; afterwards it is what it was."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def import_prefect() -> None:
    """
    Import Prefect, for the first time without its usage report.

    Prefect reports and prints a notice when it is imported in a terminal; looking at a flow's file
    is our doing, not the user's. Workers and runs keep the user's own choice.
    """
    with environment_variable(_NO_REPORT, "1"):
        import prefect  # noqa: F401 - what follows finds it imported
