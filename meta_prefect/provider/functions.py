"""
Functions: what a program may ask Prefect without managing it.

Reads only. `lookups` finds one thing, `searches` finds many; here is what a function is, how its
arguments are checked, and which there are. Not to be confused with the handlers' `read`, which is
about a resource that is managed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from meta_prefect.interfaces.provider import CheckFailure, InvokeResponse
from meta_prefect.interfaces.values import UNKNOWN, PropertyMap, has_unknowns
from meta_prefect.provider.fields import Field, FieldType, Output
from meta_prefect.provider.handler import Context, Inputs, Values

Answer: TypeAlias = Callable[[Context, Values], Awaitable[PropertyMap]]


@dataclass(frozen=True, slots=True)
class Function:
    """
    A function.

    token: `prefect:index:getThing`.
    results: what it gives; a thing that is not there and `optional` gives nothing.
    answer: asks with checked arguments, none of them unknown.
    """

    token: str
    doc: str
    arguments: tuple[Field, ...]
    results: tuple[Output, ...]
    answer: Answer


def result_of(field: Field) -> Output:
    """Take an input of a kind for a result."""
    return Output(field.name, field.type, field.doc, secret=field.secret)


def argument(name: str, doc: str, *, required: bool = False, default: Any = None) -> Field:
    """Make an argument that is text."""
    return Field(name, FieldType.STRING, doc, required=required, default=default)


OPTIONAL = Field("optional", FieldType.BOOLEAN, "Give nothing when it is not there.")


async def call_function(function: Function, context: Context, arguments: Inputs) -> InvokeResponse:
    """Check the arguments and ask; unknown ones make every result unknown."""
    failures = tuple(_check(function, arguments.values))
    if failures:
        return InvokeResponse({}, failures)
    if has_unknowns(arguments.values) or context.settings.url_unknown:
        return InvokeResponse({result.name: UNKNOWN for result in function.results})
    values = {
        item.name: item.read(arguments.get(item.name, item.default)) for item in function.arguments
    }
    return InvokeResponse(await function.answer(context, values))


def _check(function: Function, values: Mapping[str, Any]) -> Iterator[CheckFailure]:
    known = {item.name: item for item in function.arguments}
    for name in values.keys() - known.keys():
        yield CheckFailure(name, f"{function.token} has no argument of this name")
    for name, item in known.items():
        if values.get(name) is None and item.required:
            yield CheckFailure(name, "is required")
        try:
            item.read(values.get(name))
        except ValueError as error:
            yield CheckFailure(name, str(error))
