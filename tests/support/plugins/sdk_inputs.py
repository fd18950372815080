"""
What a Pulumi SDK's generated classes say about a resource's inputs and outputs.

An official plugin checks inputs against its own schema; the classes are made from that schema, so
they know every name, which ones are required, and the shapes. Values are in the form of
`interfaces.values`. Nothing here knows a package.

Source: `_types.py` of Pulumi's Python SDK 3.272, whose functions read the classes.
"""

from __future__ import annotations

import difflib
import inspect
import types
import typing
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pulumi
from pulumi import _types

from meta_prefect.interfaces.provider import CheckFailure
from meta_prefect.interfaces.values import PropertyMap, PropertyValue, Secret

_SCALARS = (bool, int, float, str)


@dataclass(frozen=True)
class SdkClass:
    """
    A resource class and the class of its arguments.

    resource: None for a function, which has arguments alone.
    """

    resource: type | None
    arguments: type

    @cached_property
    def inputs(self) -> dict[str, Any]:
        """Types of the inputs by the names of the wire."""
        return dict(_types.input_type_types(self.arguments))

    @cached_property
    def outputs(self) -> frozenset[str]:
        """Names of the outputs."""
        return frozenset(_types.resource_types(self.resource)) if self.resource else frozenset()

    def check(self, values: PropertyMap) -> tuple[CheckFailure, ...]:
        """Say what is wrong with the inputs, at any depth."""
        return tuple(_check_object(self.arguments, values, ""))


def find_class(module: types.ModuleType, name: str) -> SdkClass | None:
    """Find a resource class in a module; None when there is none of that name."""
    resource = getattr(module, name, None)
    arguments = getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args", None)
    if not isinstance(resource, type) or arguments is None:
        return None
    return SdkClass(resource, arguments)


def list_required(arguments: type) -> list[str]:
    """Name the inputs that must be there, as on the wire."""
    names = _types.input_type_py_to_pulumi_names(arguments)
    parameters = inspect.signature(arguments.__init__).parameters.values()
    return [
        names[parameter.name]
        for parameter in parameters
        if parameter.name in names and parameter.default is parameter.empty
    ]


def _check_object(arguments: type, values: PropertyMap, path: str) -> Iterator[CheckFailure]:
    known = _types.input_type_types(arguments)
    for name in list_required(arguments):
        if values.get(name) is None:
            yield CheckFailure(_join(path, name), "a required property is missing")
    for name, value in values.items():
        if name in known:
            yield from _check_value(known[name], value, _join(path, name))
        else:
            yield CheckFailure(_join(path, name), _describe_unexpected(name, known))


def _describe_unexpected(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"unexpected property{f': did you mean {near[0]}?' if near else ''}"


def _check_value(type_: Any, value: PropertyValue, path: str) -> Iterator[CheckFailure]:
    members = list(_list_members(type_))
    match value:
        case Secret():
            yield from _check_value(type_, value.value, path)
        case Mapping():
            yield from _check_mapping(members, value, path)
        case list():
            yield from _check_list(members, value, path)
        case bool() | int() | float() | str():
            if not any(_takes_scalar(member, value) for member in members):
                yield CheckFailure(path, f"expected {_describe(members)}, got {value!r}")
        case _:  # nothing, or known later, or a resource, or an asset
            return


def _check_mapping(members: list[Any], value: PropertyMap, path: str) -> Iterator[CheckFailure]:
    for member in members:
        if isinstance(member, type) and _types.is_input_type(member):
            yield from _check_object(member, value, path)
            return
        if typing.get_origin(member) in {dict, Mapping}:
            inner = typing.get_args(member)[1]
            for key, item in value.items():
                yield from _check_value(inner, item, _join(path, key))
            return
    if Any not in members:
        yield CheckFailure(path, f"expected {_describe(members)}, got an object")


def _check_list(members: list[Any], value: list[Any], path: str) -> Iterator[CheckFailure]:
    for member in members:
        if typing.get_origin(member) in {list, Sequence}:
            inner = typing.get_args(member)[0]
            for index, item in enumerate(value):
                yield from _check_value(inner, item, f"{path}[{index}]")
            return
    if Any not in members:
        yield CheckFailure(path, f"expected {_describe(members)}, got a list")


def _list_members(type_: Any) -> Iterator[Any]:
    """Give what a type allows, without the ways to give it later."""
    if typing.get_origin(type_) in {typing.Union, types.UnionType}:
        for member in typing.get_args(type_):
            yield from _list_members(member)
    elif typing.get_origin(type_) not in {Awaitable, pulumi.Output} and type_ is not type(None):
        yield type_


def _takes_scalar(member: Any, value: PropertyValue) -> bool:
    if typing.get_origin(member) is typing.Literal:
        return value in typing.get_args(member)
    return member is Any or (isinstance(member, type) and issubclass(member, _SCALARS))


def _describe(members: list[Any]) -> str:
    return " or ".join(sorted({_describe_member(member) for member in members}))


def _describe_member(member: Any) -> str:
    if typing.get_origin(member) is typing.Literal:
        return " or ".join(map(repr, typing.get_args(member)))
    if typing.get_origin(member) in {list, Sequence}:
        return "a list"
    is_object = typing.get_origin(member) in {dict, Mapping} or _types.is_input_type(member)
    return "an object" if is_object else "a value"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
