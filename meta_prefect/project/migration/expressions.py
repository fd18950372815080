"""
Python text for values and calls, laid out in lines of a width.

Pure. Not to be confused with `flow_files`, which puts such text into a file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Any, Final

WIDTH: Final = 88
_STEP: Final = "    "


@dataclass(frozen=True, slots=True)
class Code:
    """
    Python text as it is.

    module: what the text needs to be imported, such as `os`; empty: nothing.
    value: what it gives here and now, for a comparison.
    """

    text: str
    module: str = ""
    value: Any = None


@dataclass(frozen=True, slots=True)
class Call:
    """
    A call of something.

    module: where the name is imported from.
    """

    name: str
    module: str
    arguments: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


def render(
    value: Any, indent: str = "", names: Mapping[str, str] | None = None, *, taken: int = 0
) -> str:
    """
    Write a value, a `Code` or a `Call` as Python.

    indent: of the line on which it begins. names: what calls are called in the file, where it is
    something else than their own name. taken: columns of that line that stand before it.
    """
    short = _render_short(value, names or {})
    if len(indent) + taken + len(short) <= WIDTH and "\n" not in short:
        return short
    return _render_long(value, indent, names or {})


def list_parts(value: Any) -> list[Call | Code]:
    """Give every call and piece of code in a value, for their imports."""
    match value:
        case Call():
            inner = [*value.arguments, *value.options.values()]
            return [value, *(part for item in inner for part in list_parts(item))]
        case Code():
            return [value]
        case Mapping():
            return [part for item in value.values() for part in list_parts(item)]
        case Sequence() if not isinstance(value, str):
            return [part for item in value for part in list_parts(item)]
    return []


def evaluate(value: Any) -> Any:
    """Give what a value is here and now: its plain data."""
    match value:
        case Code():
            return value.value
        case Mapping():
            return {key: evaluate(item) for key, item in value.items()}
        case Sequence() if not isinstance(value, str):
            return [evaluate(item) for item in value]
    return value


def _render_short(value: Any, names: Mapping[str, str]) -> str:
    match value:
        case Code():
            return value.text
        case Call():
            parts = [_render_short(item, names) for item in value.arguments]
            parts += _render_options(
                value.options, lambda item, start: start + _render_short(item, names)
            )
            return f"{names.get(value.name, value.name)}({', '.join(parts)})"
        case Mapping():
            pairs = (f"{_quote(key)}: {_render_short(item, names)}" for key, item in value.items())
            return f"{{{', '.join(pairs)}}}"
        case str():
            return _quote(value)
        case Sequence():
            return f"[{', '.join(_render_short(item, names) for item in value)}]"
    return repr(value)


def _render_long(value: Any, indent: str, names: Mapping[str, str]) -> str:
    deeper = indent + _STEP

    def write(item: Any, start: str = "") -> str:
        # A comma follows each part.
        return start + render(item, deeper, names, taken=len(start) + 1)

    match value:
        case Call():
            parts = [write(item) for item in value.arguments]
            parts += _render_options(value.options, write)
            opening, closing = f"{names.get(value.name, value.name)}(", ")"
        case Mapping():
            parts = [write(item, f"{_quote(key)}: ") for key, item in value.items()]
            opening, closing = "{", "}"
        case str():
            return _render_text(value, indent)
        case Sequence():
            parts = [write(item) for item in value]
            opening, closing = "[", "]"
        case _:
            return _render_short(value, names)
    lines = "".join(f"{deeper}{part},\n" for part in parts)
    return f"{opening}\n{lines}{indent}{closing}"


def _render_options(options: Mapping[str, Any], write: Callable[[Any, str], str]) -> list[str]:
    """Write keyword arguments; a name that is no identifier goes into a mapping."""
    plain = {
        key: item for key, item in options.items() if key.isidentifier() and not iskeyword(key)
    }
    others = {key: item for key, item in options.items() if key not in plain}
    parts = [write(item, f"{key}=") for key, item in plain.items()]
    return [*parts, write(others, "**")] if others else parts


def _render_text(text: str, indent: str) -> str:
    """Write a long text as several that Python joins, broken after blanks and line ends."""
    deeper = indent + _STEP
    room = max(WIDTH - len(deeper) - 2, 20)
    pieces: list[str] = []
    for line in text.splitlines(keepends=True):
        words = line.split(" ")
        piece = words[0]
        for word in words[1:]:
            if len(_quote(f"{piece} {word} ")) > room:
                pieces.append(f"{piece} ")
                piece = word
            else:
                piece += f" {word}"
        pieces.append(piece)
    if len(pieces) < 2:  # noqa: PLR2004 - one piece is no improvement
        return _quote(text)
    return "(\n" + "".join(f"{deeper}{_quote(piece)}\n" for piece in pieces) + f"{indent})"


def _quote(text: str) -> str:
    """Write a text in double quotes where that needs no more escapes."""
    shown = repr(text)
    if shown.startswith("'") and '"' not in text:
        return f'"{shown[1:-1]}"' if "\\'" not in shown else shown
    return shown
