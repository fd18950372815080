"""
What is asked again, how often and after which pause: decided from how an attempt failed.

Pure but for the dice. Not to be confused with `client`, which asks, nor with `answers`, which says
what went wrong.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.provider.answers import ApiError, LostAnswer, Unreachable

_BUSY: Final = frozenset({429, 503})
"""Refused before anything was done."""
_LOCKED: Final = 503
"""On SQLite a locked database, which is so for a moment only, and often."""
_PERHAPS_DONE: Final = frozenset({502, 504})
"""Said by something in front of the server, which may have done its part."""
_SERVER_FAILED: Final = 500
_FAILURE_REPEATS: Final = 2
"""A server that fails by a fault of its own fails again with the same request, mostly."""
_UNREACHABLE_REPEATS: Final = 5
_LONGEST_ASKED_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class _Growth:
    """How pauses grow from one attempt to the next."""

    first_seconds: float
    factor: float
    longest_seconds: float


_GROWTH: Final = _Growth(0.2, 2.0, 10.0)
_LOCKED_GROWTH: Final = _Growth(0.1, 1.3, 2.0)


@dataclass(frozen=True, slots=True)
class Chance:
    """
    What another attempt is worth.

    repeats: attempts beyond the first, at most.
    perhaps_done: the request may have taken place although it failed.
    """

    repeats: int = 0
    perhaps_done: bool = False


def weigh(error: ProviderError, retries: int) -> Chance:
    """Say what another attempt is worth after a failure; `retries` is the settings' number."""
    match error:
        case Unreachable():
            return Chance(min(retries, _UNREACHABLE_REPEATS))
        case LostAnswer():
            return Chance(retries, perhaps_done=True)
        case ApiError() if error.status == _LOCKED:
            return Chance(2 * retries)
        case ApiError() if error.status in _BUSY:
            return Chance(retries)
        case ApiError() if error.status in _PERHAPS_DONE:
            return Chance(retries, perhaps_done=True)
        case ApiError() if error.status == _SERVER_FAILED:
            return Chance(min(retries, _FAILURE_REPEATS), perhaps_done=True)
    return Chance()


def choose_pause(turn: int, error: ProviderError) -> float:
    """
    Choose the seconds before the next attempt; they grow with each turn, counted from 1.

    The dice keep several writers from meeting again at a locked database.
    """
    is_locked = isinstance(error, ApiError) and error.status == _LOCKED
    growth = _LOCKED_GROWTH if is_locked else _GROWTH
    pause = growth.first_seconds * growth.factor ** (turn - 1)
    spread = random.uniform(0.5, 1.5)  # noqa: S311 - no secret in a pause
    return min(pause, growth.longest_seconds) * spread


def read_asked_pause(error: ProviderError) -> float | None:
    """Give the seconds that the server asks everybody to wait; None when it asks for nothing."""
    if not isinstance(error, ApiError) or error.retry_after_seconds is None:
        return None
    # Those that wait for one moment must not all come at it.
    spread = random.uniform(1.0, 1.2)  # noqa: S311 - no secret in a pause
    return min(error.retry_after_seconds, _LONGEST_ASKED_SECONDS) * spread


def is_overload(error: ProviderError) -> bool:
    """Say whether the server had too much to do at once, or seems to have had."""
    match error:
        case LostAnswer():
            return error.timed_out
        case ApiError():
            return error.status in _BUSY
    return False
