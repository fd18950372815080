"""
Shapes: objects whose `type` says which further keys they have, as in triggers and actions.

The server drops keys that it does not know and fills in the others; here the first are refused and
the second filled in, so that what is stored is what the server answers. Parts that come later are
let through. Pure. Not to be confused with `fields`, the table of a whole resource.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, TypeAlias

from meta_prefect.interfaces.values import UNKNOWN, has_unknowns
from meta_prefect.provider.differences import Path
from meta_prefect.provider.fields import describe
from meta_prefect.provider.names import snake_case

Failure: TypeAlias = tuple[Path, str]
Reader: TypeAlias = Callable[[Any], Any]


class Misfit(ValueError):
    """A value will not do; the text is the reason, and does not repeat the value."""


@dataclass(frozen=True, slots=True)
class Part:
    """
    One key.

    read: brings a known value into canonical form, or raises `Misfit`.
    default: filled in; a key that may be left out without one is null.
    nested: the value is a list of objects of the same family.
    """

    read: Reader
    required: bool = False
    default: Any = None
    nested: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """
    The keys of one type.

    judge: finds what is wrong across keys of a whole object; may get unknown parts.
    finish: fills in what depends on other keys.
    cloud_only: there is none on a server that somebody hosts.
    """

    parts: Mapping[str, Part]
    judge: Callable[[Mapping[str, Any]], Iterable[Failure]] | None = None
    finish: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    cloud_only: bool = False


@dataclass(frozen=True, slots=True)
class Family:
    """
    Types that may stand in the same place.

    noun: for people. default: type of an object that does not say one; empty: it has to.
    """

    noun: str
    shapes: Mapping[str, Shape]
    default: str = ""

    def names(self, *, is_cloud: bool) -> list[str]:
        """List the types that a server has."""
        return [name for name, shape in self.shapes.items() if is_cloud or not shape.cloud_only]


@dataclass(frozen=True, slots=True)
class Read:
    """
    An object in canonical form, and all that is wrong with it.

    failures: path in the object, and reason.
    """

    value: Any
    failures: list[Failure] = field(default_factory=list)


def read_shaped(family: Family, value: Any, *, is_cloud: bool) -> Read:
    """Read an object of a family."""
    if value is UNKNOWN:
        return Read(value)
    if not isinstance(value, Mapping):
        return Read(value, [((), f"must be an object, not {describe(value)}")])
    type = value.get("type", family.default)
    shape = family.shapes.get(type) if isinstance(type, str) else None
    if type is UNKNOWN:
        return Read(value)
    if shape is None or (shape.cloud_only and not is_cloud):
        return Read(value, [(("type",), _no_type(family, type, is_cloud=is_cloud))])
    return _read_parts(family, shape, {**value, "type": type}, is_cloud=is_cloud)


def read_list(family: Family, values: Any, *, is_cloud: bool) -> Read:
    """Read a list of objects of a family."""
    if not isinstance(values, list):
        wrong = values is not UNKNOWN
        reason = f"must be a list, not {describe(values)}"
        return Read(values, [((), reason)] if wrong else [])
    found = [read_shaped(family, item, is_cloud=is_cloud) for item in values]
    failures = [
        ((at, *path), reason) for at, item in enumerate(found) for path, reason in item.failures
    ]
    return Read([item.value for item in found], failures)


def _no_type(family: Family, type: Any, *, is_cloud: bool) -> str:
    names = family.names(is_cloud=is_cloud)
    if isinstance(type, str) and type in family.shapes:
        return f"{type!r} is only in Prefect Cloud; here: {', '.join(names)}"
    close = get_close_matches(type, names, n=1) if isinstance(type, str) else []
    if close:
        return f"there is no {family.noun} of this type; did you mean {close[0]!r}?"
    return f"must be a type of {family.noun}: {', '.join(names)}"


def _read_parts(family: Family, shape: Shape, value: Mapping[str, Any], *, is_cloud: bool) -> Read:
    # Strangers stay, so that reading the outcome again says the same.
    read = {key: item for key, item in value.items() if key not in {"id", *shape.parts}}
    failures = [*_find_strangers(shape, value)]
    for key, part in shape.parts.items():
        found = _read_part(family, part, value.get(key), is_cloud=is_cloud)
        read[key] = found.value
        failures += [((key, *path), reason) for path, reason in found.failures]
    if not failures and shape.finish is not None:
        read = shape.finish(read)
    if not failures and shape.judge is not None:
        failures += shape.judge(read)
    return Read(read, failures)


def _read_part(family: Family, part: Part, value: Any, *, is_cloud: bool) -> Read:
    if value is None:
        return Read(part.default, [((), "is required")] if part.required else [])
    if part.nested:
        return read_list(family, value, is_cloud=is_cloud)
    if has_unknowns(value):
        return Read(value)
    try:
        return Read(part.read(value))
    except Misfit as error:
        return Read(value, [((), str(error))])


def _find_strangers(shape: Shape, value: Mapping[str, Any]) -> Iterator[Failure]:
    # `id` is the server's own and renewed by every write.
    known = {"type", "id", *shape.parts}
    for key in value:
        if key not in known:
            close = get_close_matches(snake_case(key), sorted(known), n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            yield (key,), f"is no key of type {value['type']!r}, and would be dropped{hint}"
