"""
Secrets in sentences: what a server or a check says may repeat a value that nobody is to read.

Pure. Not to be confused with the masking of the engine, which is about properties in events, nor
with `boundary`, which keeps secrets in their envelopes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from meta_prefect.provider.handler import Inputs

_MASK: Final = "[secret]"
_SHORTEST: Final = 3
"""Characters: less could stand in any sentence, and tells nothing."""


def hide_secrets(text: str, inputs: Inputs) -> str:
    """Put a mask in the place of every secret leaf of some inputs."""
    for secret in sorted(_list_texts(inputs), key=len, reverse=True):
        text = text.replace(secret, _MASK)
    return text


def _list_texts(inputs: Inputs) -> set[str]:
    leaves = (leaf for path in inputs.secrets for leaf in _walk(_look_up(inputs.values, path)))
    return {leaf for leaf in leaves if len(leaf) >= _SHORTEST}


def _look_up(value: Any, path: tuple[str | int, ...]) -> Any:
    """Follow a path; None where it leads nowhere any more."""
    for part in path:
        try:
            value = value[part]
        except (IndexError, KeyError, TypeError):
            return None
    return value


def _walk(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _walk(item)
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item)
    elif isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        yield str(value)
