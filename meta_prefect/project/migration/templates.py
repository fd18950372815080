"""
Templates of prefect.yaml: what stands between `{{` and `}}`, and what becomes of it.

`prefect deploy` puts in values of the environment, of blocks and variables, and what build steps
gave; the rest it takes out. Source: `prefect.utilities.templating` of Prefect 3.8.8.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from meta_prefect.project.migration.expressions import Code
from meta_prefect.project.migration.marked_yaml import MarkedMap

_PLACEHOLDER: Final = re.compile(r"\{\{\s*([\w.\-\[\]$]+)\s*\}\}")
_KEPT: Final = ("ctx.", "prefect.blocks.", "prefect.variables.")
MISSING: Final = object()

Say = Callable[[int, str], None]


def has_template(value: Any) -> bool:
    """Say whether a text holds a placeholder."""
    return isinstance(value, str) and _PLACEHOLDER.search(value) is not None


def convert_value(value: Any, deployed: Any, say: Say, line: int) -> Any:
    """
    Turn a value with its templates into Python.

    Texts of the environment become code that reads it. What a worker resolves stays text. What only
    a build step knows is taken from what is deployed, or left out.

    deployed: the same value in Prefect; `MISSING`: there is none.
    say: told a line and what cannot be converted. line: of the value, where it knows none itself.
    """
    match value:
        case Mapping():
            known = deployed if isinstance(deployed, Mapping) else {}
            lines = value.lines if isinstance(value, MarkedMap) else {}
            pairs = (
                (key, convert_value(item, known.get(key, MISSING), say, lines.get(key, line)))
                for key, item in value.items()
            )
            return {key: item for key, item in pairs if item is not MISSING}
        case list():
            same = isinstance(deployed, list) and len(deployed) == len(value)
            others = deployed if same else [MISSING] * len(value)
            items = [
                convert_value(item, other, say, line)
                for item, other in zip(value, others, strict=True)
            ]
            return [item for item in items if item is not MISSING]
        case str():
            return _convert_text(value, deployed, lambda text: say(line, text))
    return value


def _convert_text(text: str, deployed: Any, say: Callable[[str], None]) -> Any:
    names = [found.group(1) for found in _PLACEHOLDER.finditer(text)]
    unknown = [name for name in names if not name.startswith(("$", *_KEPT))]
    if unknown:
        told = f"{{{{ {unknown[0]} }}}} is known to a build step only"
        if deployed is MISSING:
            say(f"{told}: left out")
            return MISSING
        say(f"{told}: the value that is deployed now was written")
        return deployed
    if any(name.startswith("$") for name in names):
        return _read_environment(text)
    return text


def _read_environment(text: str) -> Code:
    """Read variables where `up` is typed, as `prefect deploy` does; missing ones are empty."""
    parts = list(_split(text))
    pieces = [
        f'os.environ.get("{part}", "")' if is_name else _quote(part) for part, is_name in parts
    ]
    value = "".join(os.environ.get(part, "") if is_name else part for part, is_name in parts)
    return Code(" + ".join(pieces), "os", value)


def _split(text: str) -> Iterator[tuple[str, bool]]:
    """Give a text's parts, each with whether it is the name of a variable."""
    end = 0
    for found in _PLACEHOLDER.finditer(text):
        if not found.group(1).startswith("$"):
            continue
        if found.start() > end:
            yield text[end : found.start()], False
        yield found.group(1)[1:], True
        end = found.end()
    if end < len(text):
        yield text[end:], False


def _quote(text: str) -> str:
    return repr(text) if '"' in text else f'"{repr(text)[1:-1]}"'
