"""
JSON text as Go writes it, and reading that keeps the text of each resource.

Compact, no HTML escaping, object keys in the order given, numbers as Go prints doubles. Knows no
property values and no checkpoint fields; those are `properties` and `codec`.

Source: Go's `encoding/json`.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any, Final

from meta_prefect.engine.state.checkpoint import StoredText
from meta_prefect.interfaces.wire import whole

_DECODER: Final = json.JSONDecoder()
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_LARGEST_EXACT: Final = 2**53
_LARGEST_PLAIN: Final = 1e21
_SMALLEST_PLAIN: Final = 1e-6


def render(value: Any) -> str:
    """Write a JSON value; a `StoredText` inside it is taken over as it stands."""
    write = _WRITERS.get(type(value)) or _find_writer(value)
    return write(value)


def _find_writer(value: Any) -> Callable[[Any], str]:
    """Give the writer of a value that is of a kind of its own."""
    return next(
        (write for kind, write in _WRITERS.items() if isinstance(value, kind)), _render_list
    )


def _render_list(items: Iterable[Any]) -> str:
    return f"[{','.join([render(item) for item in items])}]"


def _render_object(members: Mapping[str, Any]) -> str:
    written = [f"{_render_key(key)}:{render(item)}" for key, item in members.items()]
    return f"{{{','.join(written)}}}"


def _render_text(text: str) -> str:
    quoted: str = encode_basestring(text)
    if quoted.isascii():
        return quoted
    return quoted.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


_render_key: Final = lru_cache(maxsize=4096)(_render_text)
"""The same few keys stand in every record."""


def _render_number(number: float) -> str:
    number = whole(float(number)) if abs(number) > _LARGEST_EXACT else number
    number = whole(number) if isinstance(number, float) else number
    if isinstance(number, int):
        return str(number)
    if _SMALLEST_PLAIN <= abs(number) < _LARGEST_PLAIN:
        return format(Decimal(repr(number)), "f")
    return repr(number).replace("e-0", "e-")


_WRITERS: Final[Mapping[type, Callable[[Any], str]]] = {
    str: _render_text,
    bool: {True: "true", False: "false"}.__getitem__,
    type(None): {None: "null"}.__getitem__,
    int: _render_number,
    float: _render_number,
    StoredText: operator.attrgetter("text"),
    dict: _render_object,
    list: _render_list,
    Mapping: _render_object,
}
"""How values are written by their kinds; `bool` comes first, as its values are numbers, too."""


def to_bytes(text: str) -> bytes:
    """Encode JSON text; half of a surrogate pair, which UTF-8 cannot say, becomes an escape."""
    return text.encode("utf-8", "backslashreplace")


def parse(text: str, path: Sequence[str]) -> dict[str, Any]:
    """
    Read an object; the items of the list at `path` come as `StoredText`.

    A missing or null list is left as it is.

    Raises:
        json.JSONDecodeError: the text is not JSON, or something on the path is not an object.
    """
    document, end = _parse_object(text, _skip(text, 0), path)
    if _skip(text, end) != len(text):
        raise json.JSONDecodeError("Extra data", text, end)
    return document


def _parse_object(text: str, start: int, path: Sequence[str]) -> tuple[dict[str, Any], int]:
    document: dict[str, Any] = {}
    at = _enter(text, start, "{}")
    while text[at - 1] != "}":
        key, at = _DECODER.raw_decode(text, at)
        at = _pass(text, at, ":")
        if key == path[0] and not text.startswith("null", at):
            document[key], at = _parse_on_path(text, at, path[1:])
        else:
            document[key], at = _DECODER.raw_decode(text, at)
        at = _pass(text, at, ",}")
    return document, at


def _parse_on_path(text: str, start: int, path: Sequence[str]) -> tuple[Any, int]:
    if path:
        return _parse_object(text, start, path)
    items = []
    at = _enter(text, start, "[]")
    while text[at - 1] != "]":
        document, end = _DECODER.raw_decode(text, at)
        items.append(StoredText(_on_one_line(text[at:end], document), document))
        at = _pass(text, end, ",]")
    return items, at


def _on_one_line(text: str, document: Any) -> str:
    return render(document) if "\n" in text else text


def _enter(text: str, at: int, brackets: str) -> int:
    """Step behind an opening bracket, or behind both when nothing is between them."""
    at = _pass(text, at, brackets[0])
    return at + 1 if text.startswith(brackets[1], at) else at


def _pass(text: str, at: int, expected: str) -> int:
    """Step over space, one of the characters expected, and the space after it if more follows."""
    at = _skip(text, at)
    found = text[at : at + 1]
    if not found or found not in expected:
        raise json.JSONDecodeError(f"Expecting one of {expected}", text, at)
    return at + 1 if found in "]}" else _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    assert match is not None
    return match.end()
