"""
YAML with places: every value of a mapping or list knows its line.

Anchors and merge keys are resolved as by PyYAML's safe loader; a merged value has the line at which
it is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError


class MarkedMap(dict[str, Any]):
    """
    A mapping.

    line: where it begins; lines: of the values, by key.
    """

    def __init__(self, line: int) -> None:
        """Begin without values."""
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


class MarkedList(list[Any]):
    """
    A list.

    line: where it begins; lines: of the items.
    """

    def __init__(self, line: int) -> None:
        """Begin without items."""
        super().__init__()
        self.line = line
        self.lines: list[int] = []


class _Loader(yaml.SafeLoader):
    """Makes marked mappings and lists, and leaves dates as the text that they are."""


def _construct_map(loader: _Loader, node: yaml.MappingNode) -> Iterator[MarkedMap]:
    made = MarkedMap(_line_of(node))
    yield made
    loader.flatten_mapping(node)
    for key_node, value_node in node.value:
        key = str(loader.construct_object(key_node, deep=True))
        made[key] = loader.construct_object(value_node, deep=True)
        made.lines[key] = _line_of(key_node)


def _construct_list(loader: _Loader, node: yaml.SequenceNode) -> Iterator[MarkedList]:
    made = MarkedList(_line_of(node))
    yield made
    for item in node.value:
        made.append(loader.construct_object(item, deep=True))
        made.lines.append(_line_of(item))


def _construct_text(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:map", _construct_map)
_Loader.add_constructor("tag:yaml.org,2002:seq", _construct_list)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _construct_text)


def read_yaml(path: Path) -> MarkedMap:
    """
    Read a file that holds one mapping.

    Raises:
        MetaPrefectError: it cannot be read, is no YAML or holds something else.
    """
    try:
        found = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 - a safe loader's child
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, str(error), 0) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or str(error)
        raise _unreadable(path, str(why), mark.line + 1 if mark else 0) from error
    if not isinstance(found, MarkedMap):
        raise _unreadable(path, "it holds no mapping", 1)
    return found


def _line_of(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _unreadable(path: Path, why: str, line: int) -> MetaPrefectError:
    return MetaPrefectError(
        "MP1501",
        f"{path.name} cannot be read",
        where=f"{path} line {line}" if line else str(path),
        why=why,
        exit_code=ExitCode.USAGE,
    )
