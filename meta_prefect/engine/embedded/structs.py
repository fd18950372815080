"""
Protobuf `Struct`s, read into property values and written from them.

The tags inside are those of `interfaces.wire`; this module only knows how a `Struct` holds JSON,
and reads one in a single walk. Used on both borders: the program's SDK and external plugins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2

from meta_prefect.interfaces import wire
from meta_prefect.interfaces.values import PropertyMap, PropertyValue


def read_struct(struct: struct_pb2.Struct) -> dict[str, PropertyValue]:
    """Read an object whose top is not tagged; keys are sorted, as a `Struct` has no order."""
    return {key: read_value(value) for key, value in sorted(struct.fields.items())}


def read_value(value: struct_pb2.Value) -> PropertyValue:
    """
    Read one value.

    Raises:
        ValueError: an object carries a tag nobody knows.
    """
    match value.WhichOneof("kind"):
        case "string_value":
            return wire.decode(value.string_value)
        case "number_value":
            return wire.whole(value.number_value)
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [read_value(item) for item in value.list_value.values]
        case "struct_value":
            if wire.SIGNATURE in value.struct_value.fields:
                return wire.decode(_read_json(value))
            return read_struct(value.struct_value)
    return None


def _read_json(value: struct_pb2.Value) -> Any:  # JSON as it is on the wire
    match value.WhichOneof("kind"):
        case "string_value":
            return value.string_value
        case "number_value":
            return value.number_value
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [_read_json(item) for item in value.list_value.values]
        case "struct_value":
            return {key: _read_json(item) for key, item in value.struct_value.fields.items()}
    return None


def build_struct(
    values: PropertyMap, *, keep_secrets: bool = True, keep_references: bool = True
) -> struct_pb2.Struct:
    """Write an object; the flags as in `interfaces.wire.encode`."""
    struct = struct_pb2.Struct()
    encoded = wire.encode_map(values, keep_secrets=keep_secrets, keep_references=keep_references)
    for key, item in encoded.items():
        _write(struct.fields[key], item)
    return struct


def _write(target: struct_pb2.Value, value: Any) -> None:  # JSON as it goes on the wire
    if value is None:
        target.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, int | float):
        target.number_value = value
    elif isinstance(value, Mapping):
        target.struct_value.SetInParent()
        for key, item in value.items():
            _write(target.struct_value.fields[key], item)
    else:
        target.list_value.SetInParent()
        for item in value:
            _write(target.list_value.values.add(), item)
