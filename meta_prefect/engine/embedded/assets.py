"""
Assets: what files and texts hold gets a hash, so that a change of content is a change of value.

The program's SDK sends assets without hashes; everything behind the monitor sees them with one.
Finds assets and archives among values; what their hashes are is the business of `contents`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from meta_prefect.engine.embedded.contents import compute_hash
from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.interfaces.values import (
    Archive,
    Asset,
    PropertyMap,
    PropertyValue,
    Secret,
    contains,
)


async def add_hashes(values: PropertyMap, root: str = "") -> PropertyMap:
    """
    Give the same values with a hash in every asset; without any, the same object.

    Reads in another thread. Relative paths begin at `root`, or where the process works.

    Raises:
        ProviderError: a content cannot be read.
    """
    if contains(values, Asset, Archive):
        return await asyncio.to_thread(_add_to_map, values, Path(root))
    return values


def _add_to_map(values: PropertyMap, root: Path) -> dict[str, PropertyValue]:
    try:
        return {key: _add_hashes(value, root) for key, value in values.items()}
    except (OSError, ValueError) as error:
        raise ProviderError(f"failed to compute asset hash: {error}") from error


def _add_hashes(value: PropertyValue, root: Path) -> PropertyValue:
    match value:
        case Asset() | Archive():
            return _add_hash(value, root)
        case Secret():
            return Secret(_add_hashes(value.value, root))
    if isinstance(value, Mapping):
        return {key: _add_hashes(item, root) for key, item in value.items()}
    if isinstance(value, list):
        return [_add_hashes(item, root) for item in value]
    return value


def _add_hash(value: Asset | Archive, root: Path) -> Asset | Archive:
    if isinstance(value, Archive) and value.assets:
        parts = {name: _add_hash(item, root) for name, item in value.assets.items()}
        value = replace(value, assets=parts)
    return value if value.hash else replace(value, hash=compute_hash(value, root))
