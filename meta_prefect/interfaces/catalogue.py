"""
The register of requirement records: how each type of them becomes a component.

Free of Pulumi, so that a team registers its own records beside the builders that require them, in
modules that workers import too: what an entry's functions need they import themselves. The
components of our own records are in `components.catalogue`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol


class Sharing(Protocol):
    """
    The shared part of a running program.

    surroundings: project, stack, root, and the provider for resources of Prefect (`prefect`).
    """

    surroundings: Any  # Pulumi's types are not known in this room

    def find(self, record: Hashable) -> Any:
        """Give the component that stands for another record."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """
    How records of one type become components.

    build_name: gives the component's logical name, `KIND/NAME`; its children's begin with it.
    declare: makes the component under that name; may ask for those of the records in `list_needs`.
    list_needs: gives the records that a record needs in turn.
    """

    build_name: Callable[[Any], str]
    declare: Callable[[Any, Sharing], Any]
    list_needs: Callable[[Any], Iterable[Hashable]] = lambda _: ()


def register(record_type: type, entry: Entry) -> None:
    """Say how records of a type become components; a later call for the same type wins."""
    _ENTRIES[record_type] = entry


def find_registered(record_type: type) -> Entry | None:
    """Give what was registered for a type of records."""
    return _ENTRIES.get(record_type)


_ENTRIES: Final[dict[type, Entry]] = {}
