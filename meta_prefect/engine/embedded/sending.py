"""
What is left out of property values before a provider sees them.

Pure. Masking for events is in `reports`, and the form on the wire is `interfaces.wire`'s business.
"""

from __future__ import annotations

from collections.abc import Mapping

from meta_prefect.interfaces.values import (
    UNKNOWN,
    Archive,
    Asset,
    PropertyMap,
    PropertyValue,
    Secret,
    contains,
    has_unknowns,
)


def drop_unknowns(values: PropertyMap) -> PropertyMap:
    """Leave out what will never be known: outputs of a resource that failed or was not made."""
    if not has_unknowns(values):
        return values
    return {key: _drop_unknowns(item) for key, item in values.items() if item is not UNKNOWN}


def _drop_unknowns(value: PropertyValue) -> PropertyValue:
    if isinstance(value, Secret):
        return Secret(_drop_unknowns(value.value))
    if isinstance(value, Mapping):
        return drop_unknowns(value)
    if isinstance(value, list):
        return [_drop_unknowns(item) for item in value if item is not UNKNOWN]
    return value


def drop_contents(values: PropertyMap) -> PropertyMap:
    """Leave of assets and archives only their hashes, as comparing needs no more."""
    if contains(values, Asset, Archive):
        return {key: _drop_contents(value) for key, value in values.items()}
    return values


def _drop_contents(value: PropertyValue) -> PropertyValue:
    match value:
        case Asset(hash=hash) if hash:
            return Asset(hash=hash)
        case Archive(hash=hash) if hash:
            return Archive(hash=hash)
        case Secret():
            return Secret(_drop_contents(value.value))
    if isinstance(value, Mapping):
        return {key: _drop_contents(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_drop_contents(item) for item in value]
    return value
