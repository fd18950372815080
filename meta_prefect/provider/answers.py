"""
What an answer of Prefect's API means, as errors with sentences for a person.

Pure: reads status and body, sends nothing. Never repeats a request's body, which may hold secrets.
Not to be confused with `client`, which decides what is tried again.

Source of the bodies: `prefect/server/utilities/server.py` and `prefect/server/api/server.py` of
Prefect 3.8.8, FastAPI's `detail`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.provider.names import camel_case

_REASONS: Final = {
    401: "the server does not accept the login: check apiKey or authString",
    403: "the server does not allow it",
    404: "the server knows no such thing",
    409: "it conflicts with what is on the server",
    422: "the server does not take these values",
    429: "the server is busy",
    500: "the server failed; its log says why",
    503: "the server is busy, on SQLite usually with another write",
}
_SHOWN_PROBLEMS: Final = 5
_VARIANT: Final = re.compile(r"[A-Z]\w*|function-\w+\[.*\]")

Problem: TypeAlias = Mapping[str, Any]


class ApiError(ProviderError):
    """
    Prefect's API refused a request.

    status: of the answer.
    detail: the server's own sentence; empty when it gave none.
    retry_after_seconds: how long the server asks to wait; None when it asks for nothing.
    """

    def __init__(
        self, doing: str, status: int, body: Any, retry_after_seconds: float | None = None
    ) -> None:
        self.status = status
        self.retry_after_seconds = retry_after_seconds
        self.detail = read_detail(body)
        reason = _REASONS.get(status, f"the server answered {status}")
        text = f"{reason}: {self.detail}" if self.detail else reason
        super().__init__(f"cannot {doing}: {text}")


class LostAnswer(ProviderError):
    """
    A request went out and no answer came: whether it took place is unknown.

    timed_out: nobody broke the connection, it only took too long.
    """

    def __init__(self, doing: str, *, timed_out: bool = False) -> None:
        self.timed_out = timed_out
        super().__init__(f"cannot {doing}: the connection broke before the answer came")


class Unreachable(ProviderError):
    """No connection could be made: nothing happened."""

    def __init__(self, doing: str, url: str, reason: str) -> None:
        super().__init__(f"cannot {doing}: no Prefect API answers at {url} ({reason})")


def read_detail(body: Any) -> str:
    """Find the server's own sentence in an answer; several problems are joined by semicolons."""
    if not isinstance(body, Mapping):
        return ""
    found = body.get("exception_detail") or body.get("detail") or body.get("exception_message")
    if isinstance(found, str):
        return found.rstrip(".")
    if isinstance(found, Sequence):
        problems = [item for item in found if isinstance(item, Mapping)]
        texts = dict.fromkeys(_describe(item) for item in _drop_variants(problems))
        return "; ".join(list(texts)[:_SHOWN_PROBLEMS])
    return ""


def _drop_variants(problems: list[Problem]) -> list[Problem]:
    """
    Leave out what is wrong with variants that were not sent.

    Where a value may be one of several records, the answer tells for each of them why it is none.
    """
    others = [
        _location(item)[:-1]
        for item in problems
        if item.get("type") == "literal_error" and _location(item)[-1:] == ("type",)
    ]
    kept = [
        item
        for item in problems
        if not any(_location(item)[: len(other)] == other for other in others)
    ]
    return kept or problems


def _describe(problem: Problem) -> str:
    place = _input_path(_location(problem))
    message = str(problem.get("msg", "is not valid"))
    return f"{place}: {message}" if place else message


def _location(problem: Problem) -> tuple[Any, ...]:
    return tuple(problem.get("loc", ()))


def _input_path(loc: Sequence[Any]) -> str:
    """Spell a FastAPI location as a path of our inputs; it names classes of variants, too."""
    parts = [str(part) for part in loc if part != "body"]
    parts = [part for part in parts if not _VARIANT.fullmatch(part)]
    return ".".join([camel_case(parts[0]), *parts[1:]]) if parts else ""
