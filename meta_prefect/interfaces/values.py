"""
Property values: what resources take and give, in the form every room shares.

A property value is a plain Python value (`None`, `bool`, `int`, `float`, `str`, `list`, `dict` with
string keys) or one of the records below, at any depth. Whole numbers are `int`, whatever the wire
said. Not to be confused with the wire form (tagged JSON, `interfaces.wire`) or the checkpoint form
(`engine.state.codec`).

Source: `sdk/go/common/resource/properties.go` of Pulumi 3.260.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

PropertyValue: TypeAlias = Any  # recursive: see the module docstring
PropertyMap: TypeAlias = Mapping[str, PropertyValue]


class Unknown:
    """A value that is only known while applying; there is one instance, `UNKNOWN`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __deepcopy__(self, memo: object) -> Unknown:
        return self

    def __reduce__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()
_ATOMS: Final = frozenset({str, int, float, bool, type(None)})


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that is stored encrypted and shown masked."""

    value: PropertyValue

    def __repr__(self) -> str:
        return "Secret([secret])"


@dataclass(frozen=True, slots=True)
class Asset:
    """
    A file's content.

    text, path, uri: where the content is; at most one is set, none when only the hash travels.
    hash: SHA-256 of the content in hex; empty when not computed yet.
    """

    text: str = ""
    path: str = ""
    uri: str = ""
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Archive:
    """
    A folder or several assets.

    assets: by name; each an `Asset` or an `Archive`. None: it is no collection, or what is in it
        was left out.
    path, uri: as for `Asset`.
    hash: SHA-256 of the content in hex; empty when not computed yet.
    """

    assets: Mapping[str, Asset | Archive] | None = None
    path: str = ""
    uri: str = ""
    hash: str = ""


@dataclass(frozen=True, slots=True)
class ResourceReference:
    """
    A resource as a value.

    id: the provider's id; `UNKNOWN` in a preview, None for a component.
    """

    urn: str
    id: str | Unknown | None = None
    package_version: str = ""


def without_secrets(value: PropertyValue) -> PropertyValue:
    """Strip every secret envelope; unknowns stay."""
    if isinstance(value, Secret):
        return without_secrets(value.value)
    if isinstance(value, Mapping):
        return {key: without_secrets(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    return value


def walk(value: PropertyValue) -> Iterator[PropertyValue]:
    """Give the value and everything in it, the outer before the inner; enters secrets."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        yield item
        if type(item) not in _ATOMS:
            waiting.extend(_list_parts(item))


def contains(value: PropertyValue, *kinds: type) -> bool:
    """Say whether the value, or anything in it, is of one of some kinds of records."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if type(item) in _ATOMS:  # most are, and to ask for an abstract class takes long
            continue
        if isinstance(item, kinds):
            return True
        waiting.extend(_list_parts(item))
    return False


def _list_parts(value: PropertyValue) -> Iterable[PropertyValue]:
    if type(value) is dict or isinstance(value, Mapping):
        return value.values()
    if isinstance(value, Secret):
        return (value.value,)
    return value if isinstance(value, list) else ()


def has_unknowns(value: PropertyValue) -> bool:
    """Say whether any part is unknown."""
    return contains(value, Unknown)


def has_secrets(value: PropertyValue) -> bool:
    """Say whether any part is secret."""
    return contains(value, Secret)
