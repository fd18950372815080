"""Protobuf structs."""

import pytest
from google.protobuf import json_format, struct_pb2

from meta_prefect.engine.embedded.structs import build_struct, read_struct
from meta_prefect.interfaces import wire
from meta_prefect.interfaces.values import UNKNOWN, Asset, ResourceReference, Secret

VALUES = {
    "null": None,
    "bool": False,
    "whole": 3,
    "fraction": 1.5,
    "text": "ünï",
    "empty": {"list": [], "map": {}, "text": ""},
    "nested": [1, None, {"k": [True, {"d": "x"}]}],
    "secret": Secret({"pw": ["x", Secret("y")]}),
    "unknown": [UNKNOWN],
    "asset": Asset(text="hello", hash="h"),
    "reference": ResourceReference("urn", UNKNOWN),
}


def test_round_trip():
    """Every kind of value survives the way to a struct and back."""
    struct = struct_pb2.Struct.FromString(build_struct(VALUES).SerializeToString())

    assert read_struct(struct) == VALUES


def test_agrees_with_protobufs_own_reading():
    """A struct says in JSON what the wire form says."""
    plain = wire.encode_map(VALUES)

    assert json_format.MessageToDict(build_struct(VALUES)) == plain


def test_stripped_secrets():
    """For a receiver that knows no secrets they are sent in clear."""
    struct = build_struct({"a": Secret("x")}, keep_secrets=False)

    assert read_struct(struct) == {"a": "x"}


def test_unknown_tag():
    """A tag nobody knows is refused."""
    struct = struct_pb2.Struct()
    struct.update({"a": {wire.SIGNATURE: "nonsense"}})

    with pytest.raises(ValueError, match="unknown tag"):
        read_struct(struct)
