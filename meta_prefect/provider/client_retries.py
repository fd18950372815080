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
"""Refused before anything was done; on SQLite 503 is a locked database, and was rolled back."""
_PERHAPS_DONE: Final = frozenset({502, 504})
"""Said by something in front of the server, which may have done its part."""
_SERVER_FAILED: Final = 500
_FAILURE_REPEATS: Final = 2
"""A server that fails by a fault of its own fails again with the same request, mostly."""
_UNREACHABLE_REPEATS: Final = 5
_FIRST_PAUSE_SECONDS: Final = 0.2
_LONGEST_PAUSE_SECONDS: Final = 10.0
_LONGEST_ASKED_SECONDS: Final = 60.0


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
        case ApiError() if error.status in _BUSY:
            return Chance(retries)
        case ApiError() if error.status in _PERHAPS_DONE:
            return Chance(retries, perhaps_done=True)
        case ApiError() if error.status == _SERVER_FAILED:
            return Chance(min(retries, _FAILURE_REPEATS), perhaps_done=True)
    return Chance()


def choose_pause(turn: int) -> float:
    """
    Choose the seconds before the next attempt; they double with each turn, counted from 1.

    The dice keep several writers from meeting again at a locked database.
    """
    pause = min(_FIRST_PAUSE_SECONDS * 2.0 ** (turn - 1), _LONGEST_PAUSE_SECONDS)
    return pause * random.uniform(0.5, 1.5)  # noqa: S311 - no secret in a pause


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
