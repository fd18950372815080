"""
Trials: a builder is made once here and now, so that the file which gets it will load.

Files that Prefect takes hold values that it only looks at when a run starts: a step without a name,
a cron of seven fields. Makes builders of ours and nothing else; no code of the user's is run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from meta_prefect.project.migration.expressions import Call, Code

Say = Callable[[int, str], None]


def try_call(call: Call, say: Say, line: int) -> Iterator[Call]:
    """Give a call that works; another one is told with its line, and left out."""
    fault = find_fault(call)
    if fault:
        say(line, f"{fault}: left out")
    else:
        yield call


def find_fault(call: Call) -> str:
    """Say why a call does not work; empty: it does."""
    try:
        _make(call)
    except (TypeError, ValueError) as error:
        return str(error)
    return ""


def _make(value: Any) -> Any:
    match value:
        case Call():
            builder = getattr(import_module(value.module), value.name)
            options = {key: _make(item) for key, item in value.options.items()}
            return builder(*(_make(item) for item in value.arguments), **options)
        case Code():
            return value.value
        case Mapping():
            return {key: _make(item) for key, item in value.items()}
        case Sequence() if not isinstance(value, str):
            return [_make(item) for item in value]
    return value
