"""
Property values in the form of the checkpoint, whose secrets are encrypted.

Reading is lazy: a map from a file is decoded when something in it is looked at, a secret is
decrypted when its value is. Not to be confused with `interfaces.wire`, the form of SDKs and
plugins, whose secrets travel in clear.

Source: `pkg/resource/stack/deployment.go` and `sdk/go/common/apitype/property-values.json` of
Pulumi 3.260.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from itertools import chain, repeat
from typing import Any, Final, Protocol

from meta_prefect.engine.state.json_text import render
from meta_prefect.interfaces import wire
from meta_prefect.interfaces.values import (
    UNKNOWN,
    PropertyMap,
    PropertyValue,
    ResourceReference,
    Secret,
    without_secrets,
)

FLOAT: Final = "8ad145fe-0d11-4827-bfd7-1abcbf086f5c"
_WIRE_TAGS: Final = frozenset({wire.ASSET, wire.ARCHIVE, wire.RESOURCE})


class Crypter(Protocol):
    """Encrypts and decrypts the texts of one stack's secrets."""

    def encrypt(self, plaintext: str) -> str: ...

    def decrypt(self, ciphertext: str) -> str: ...


class UnreadSecrets:
    """A crypter for readers: every secret is null, and nothing can be encrypted."""

    def encrypt(self, plaintext: str) -> str:
        raise NotImplementedError("a reader of state encrypts nothing")

    def decrypt(self, ciphertext: str) -> str:  # noqa: ARG002 - the value stays unread
        return "null"


class StoredSecret(Secret):
    """A secret of a file, decrypted when its value is looked at."""

    __slots__ = ("_decoded", "crypter", "document")

    crypter: Crypter
    document: Mapping[str, Any]
    _decoded: PropertyValue

    def __init__(self, document: Mapping[str, Any], crypter: Crypter) -> None:
        object.__setattr__(self, "document", document)
        object.__setattr__(self, "crypter", crypter)

    @property
    def value(self) -> PropertyValue:
        """The value in clear."""
        try:
            return self._decoded
        except AttributeError:
            decoded = decode(json.loads(_read_plaintext(self.document, self.crypter)), self.crypter)
            object.__setattr__(self, "_decoded", decoded)
            return decoded

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and bool(self.value == other.value)

    def __hash__(self) -> int:
        return hash(Secret(self.value))

    def __deepcopy__(self, memo: object) -> StoredSecret:
        return self


class StoredMap(Mapping[str, PropertyValue]):
    """A property map of a file, decoded when a value in it is looked at."""

    __slots__ = ("_decoded", "crypter", "document")

    def __init__(self, document: Mapping[str, Any], crypter: Crypter) -> None:
        """Keep the JSON object; it must not change any more."""
        self.document = document
        self.crypter = crypter
        self._decoded: dict[str, PropertyValue] | None = None

    def __getitem__(self, key: str) -> PropertyValue:
        return self._decode()[key]

    def values(self) -> ValuesView[PropertyValue]:
        """Give the values without a look at each key."""
        return self._decode().values()

    def items(self) -> ItemsView[str, PropertyValue]:
        """Give keys and values without a look at each key."""
        return self._decode().items()

    def _decode(self) -> dict[str, PropertyValue]:
        if self._decoded is None:
            self._decoded = {
                name: decode(item, self.crypter) for name, item in self.document.items()
            }
        return self._decoded

    def __iter__(self) -> Iterator[str]:
        return iter(self.document)

    def __len__(self) -> int:
        return len(self.document)

    def __repr__(self) -> str:
        return f"StoredMap({dict(self)!r})"


def decode(document: Any, crypter: Crypter) -> PropertyValue:
    """Read a JSON value; an object with a tag nobody knows stays a plain object with that tag."""
    if isinstance(document, str):
        return UNKNOWN if document == wire.UNKNOWN_TEXT else document
    if isinstance(document, float):
        return wire.whole(document)
    if isinstance(document, list):
        return [decode(item, crypter) for item in document]
    if not isinstance(document, Mapping):
        return document
    tag = document.get(wire.SIGNATURE)
    if tag == wire.SECRET:
        return StoredSecret(document, crypter)
    if tag == FLOAT:
        return struct.unpack(">d", bytes.fromhex(document["value"]))[0]
    if tag in _WIRE_TAGS:
        return wire.decode(document)
    return {key: decode(item, crypter) for key, item in document.items()}


def encode(value: PropertyValue, crypter: Crypter, previous: Any = None) -> Any:
    """
    Write a value as JSON.

    `previous` is what stood at the same place in the file: a secret in it whose value is still the
    same keeps its ciphertext.
    """
    match value:
        case None | bool() | str() | int():
            return value
        case float():
            return _encode_float(value)
        case Secret():
            return _encode_secret(value, crypter, previous)
        case ResourceReference():
            return _sort({"packageVersion": value.package_version} | wire.encode(value))
        case Mapping():
            return encode_map(value, crypter, previous)
        case list() | tuple():
            olds = chain(previous if isinstance(previous, list) else (), repeat(None))
            return [encode(item, crypter, old) for item, old in zip(value, olds, strict=False)]
    return _sort(wire.encode(value))


def encode_map(values: PropertyMap, crypter: Crypter, previous: Any = None) -> Any:
    """Write an object as JSON, its keys sorted; `previous` as for `encode`."""
    if isinstance(values, StoredMap) and values.crypter is crypter:
        return values.document
    olds = previous if isinstance(previous, Mapping) else {}
    return {key: encode(values[key], crypter, olds.get(key)) for key in sorted(values)}


def reveal(document: Any, crypter: Crypter) -> Any:
    """Copy a JSON value with every secret in it in clear, as an export shows it."""
    if isinstance(document, list):
        return [reveal(item, crypter) for item in document]
    if not isinstance(document, Mapping):
        return document
    if _is_secret(document):
        plaintext = _read_plaintext(document, crypter)
        return {wire.SIGNATURE: wire.SECRET, "plaintext": plaintext}
    return {key: reveal(item, crypter) for key, item in document.items()}


def conceal(document: Any, crypter: Crypter) -> Any:
    """Copy a JSON value with every secret that is in clear encrypted."""
    if isinstance(document, list):
        return [conceal(item, crypter) for item in document]
    if not isinstance(document, Mapping):
        return document
    if _is_secret(document) and "plaintext" in document:
        ciphertext = crypter.encrypt(document["plaintext"])
        return {wire.SIGNATURE: wire.SECRET, "ciphertext": ciphertext}
    return {key: conceal(item, crypter) for key, item in document.items()}


def _sort(document: Any) -> Any:
    """Put keys in order; what is encrypted is the text, in which order can be seen."""
    if isinstance(document, Mapping):
        return {key: _sort(document[key]) for key in sorted(document)}
    return document


def _encode_float(number: float) -> Any:
    if math.isfinite(number):
        return number
    return {wire.SIGNATURE: FLOAT, "value": struct.pack(">d", number).hex()}


def _encode_secret(secret: Secret, crypter: Crypter, previous: Any) -> Any:
    if isinstance(secret, StoredSecret) and secret.crypter is crypter:
        return secret.document
    plain = encode(without_secrets(secret.value), crypter)
    if _is_secret(previous) and json.loads(_read_plaintext(previous, crypter)) == plain:
        return previous
    return {wire.SIGNATURE: wire.SECRET, "ciphertext": crypter.encrypt(render(plain))}


def _is_secret(document: Any) -> bool:
    return isinstance(document, Mapping) and document.get(wire.SIGNATURE) == wire.SECRET


def _read_plaintext(document: Mapping[str, Any], crypter: Crypter) -> str:
    """Give a stored secret's JSON text; an export may hold it in clear."""
    if "ciphertext" in document:
        return crypter.decrypt(document["ciphertext"])
    text: str = document["plaintext"]
    return text
