"""
The wire form of property values: tagged JSON, as Pulumi's SDKs and plugins exchange it.

Turns values of `interfaces.values` into plain JSON values and back. A protobuf `Struct` holds
exactly such a JSON value; turning one into the other is left to the rooms that speak gRPC. Not to
be confused with the checkpoint form (`engine.state.codec`), whose secrets are encrypted.

Source: `sdk/go/common/resource/plugin/rpc.go` of Pulumi 3.260.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from meta_prefect.interfaces.values import (
    UNKNOWN,
    Archive,
    Asset,
    PropertyMap,
    PropertyValue,
    ResourceReference,
    Secret,
    Unknown,
)

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a tag, not a password
ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"

UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWN_TEXTS: Final = frozenset(
    {
        UNKNOWN_TEXT,  # string, and what is sent for every kind
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
"""By its hash an archive without files is told from one whose contents are left out."""
_WHOLE_NUMBER_LIMIT: Final = 1e21


def decode(wire: Any) -> PropertyValue:
    """
    Read a JSON value of the wire.

    Raises:
        ValueError: an object carries the signature key with a tag nobody knows.
    """
    if isinstance(wire, str):
        return UNKNOWN if wire in _UNKNOWN_TEXTS else wire
    if isinstance(wire, float):
        return whole(wire)
    if isinstance(wire, Mapping):
        tag = wire.get(SIGNATURE)
        if tag is None:
            return {key: decode(item) for key, item in wire.items()}
        return _decode_tagged(tag, wire)
    if isinstance(wire, list):
        return [decode(item) for item in wire]
    return wire


def decode_map(wire: Mapping[str, Any]) -> dict[str, PropertyValue]:
    """Read a JSON object of the wire whose top is not tagged."""
    return {key: decode(item) for key, item in wire.items()}


def whole(number: float) -> int | float:
    """Give a whole number as `int`, as long as Go prints it without an exponent."""
    if number.is_integer() and abs(number) < _WHOLE_NUMBER_LIMIT:
        return int(number)
    return number


def _decode_tagged(tag: Any, wire: Mapping[str, Any]) -> PropertyValue:
    match tag:
        case _ if tag == SECRET:
            return Secret(decode(wire.get("value")))
        case _ if tag == OUTPUT:
            value = decode(wire["value"]) if "value" in wire else UNKNOWN
            return Secret(value) if wire.get("secret") and value is not UNKNOWN else value
        case _ if tag == RESOURCE:
            return _decode_reference(wire)
        case _ if tag == ASSET:
            return _decode_asset(wire)
        case _ if tag == ARCHIVE:
            return _decode_archive(wire)
    message = f"unknown tag {tag!r} in a property value"
    raise ValueError(message)


def _decode_reference(wire: Mapping[str, Any]) -> ResourceReference:
    id: str | Unknown | None = wire.get("id")
    if id in _UNKNOWN_TEXTS:
        id = UNKNOWN
    return ResourceReference(wire["urn"], id, wire.get("packageVersion", ""))


def _decode_asset(wire: Mapping[str, Any]) -> Asset:
    return Asset(
        wire.get("text", ""), wire.get("path", ""), wire.get("uri", ""), wire.get("hash", "")
    )


def _decode_archive(wire: Mapping[str, Any]) -> Archive:
    parts = wire.get("assets")
    assets = None if parts is None else {name: decode(item) for name, item in parts.items()}
    return Archive(assets, wire.get("path", ""), wire.get("uri", ""), wire.get("hash", ""))


def encode(value: PropertyValue, *, keep_secrets: bool = True, keep_references: bool = True) -> Any:
    """
    Write a value for the wire.

    keep_secrets: False strips the envelopes, for a receiver that does not understand them.
    keep_references: False writes a resource as its id, or its URN when it has none.
    """
    match value:
        case Secret():
            inner = encode(value.value, keep_secrets=keep_secrets, keep_references=keep_references)
            return {SIGNATURE: SECRET, "value": inner} if keep_secrets else inner
        case Unknown():
            return UNKNOWN_TEXT
        case ResourceReference():
            return _encode_reference(value, keep_references)
        case Asset():
            return _encode_asset(value)
        case Archive():
            return _encode_archive(value)
    if isinstance(value, Mapping):
        return encode_map(value, keep_secrets=keep_secrets, keep_references=keep_references)
    if isinstance(value, list | tuple):
        return [
            encode(item, keep_secrets=keep_secrets, keep_references=keep_references)
            for item in value
        ]
    return value


def encode_map(
    values: PropertyMap, *, keep_secrets: bool = True, keep_references: bool = True
) -> dict[str, Any]:
    """Write an object for the wire; the flags as in `encode`."""
    return {
        key: encode(item, keep_secrets=keep_secrets, keep_references=keep_references)
        for key, item in values.items()
    }


def _encode_reference(value: ResourceReference, keep: bool) -> Any:
    id = UNKNOWN_TEXT if value.id is UNKNOWN else value.id
    if not keep:
        return value.urn if id is None else id
    wire: dict[str, Any] = {SIGNATURE: RESOURCE, "urn": value.urn}
    if id is not None:
        wire["id"] = id
    if value.package_version:
        wire["packageVersion"] = value.package_version
    return wire


def _encode_asset(value: Asset) -> dict[str, Any]:
    parts = {"text": value.text, "path": value.path, "uri": value.uri, "hash": value.hash}
    return {SIGNATURE: ASSET, **{key: part for key, part in parts.items() if part}}


def _encode_archive(value: Archive) -> dict[str, Any]:
    parts: dict[str, Any] = {"path": value.path, "uri": value.uri, "hash": value.hash}
    wire = {SIGNATURE: ARCHIVE, **{key: part for key, part in parts.items() if part}}
    if value.assets is not None:
        wire["assets"] = {name: encode(item) for name, item in value.assets.items()}
    return wire
