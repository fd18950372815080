"""
Assets: the hashes of what files and texts hold, so that a change of content is a change of value.

The program's SDK sends assets without hashes; everything behind the monitor sees them with one. The
hash of an archive is this engine's own: over names and hashes, not over packed bytes.

Source: `sdk/go/common/resource/asset` of Pulumi 3.260 (hashes of single assets).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from meta_prefect.interfaces.values import Archive, Asset, PropertyMap, PropertyValue, Secret, walk


def add_hashes(values: PropertyMap) -> PropertyMap:
    """Give the same values with a hash in every asset; without any, the same object."""
    if any(isinstance(item, Asset | Archive) for item in walk(values)):
        return {key: _add_hashes(value) for key, value in values.items()}
    return values


def _add_hashes(value: PropertyValue) -> PropertyValue:
    match value:
        case Asset() | Archive():
            return value if value.hash else replace(value, hash=_hash(value))
        case Secret():
            return Secret(_add_hashes(value.value))
    if isinstance(value, Mapping):
        return {key: _add_hashes(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_add_hashes(item) for item in value]
    return value


def _hash(value: Asset | Archive) -> str:
    if isinstance(value, Archive):
        return hashlib.sha256("\n".join(_list_parts(value)).encode()).hexdigest()
    if value.path:
        return hashlib.sha256(Path(value.path).read_bytes()).hexdigest()
    return hashlib.sha256((value.text or value.uri).encode()).hexdigest()


def _list_parts(archive: Archive) -> Iterator[str]:
    yield from (
        f"{name} {item.hash or _hash(item)}" for name, item in sorted(archive.assets.items())
    )
    if archive.uri:
        yield archive.uri
    root = Path(archive.path) if archive.path else None
    if root is not None and root.is_file():
        yield hashlib.sha256(root.read_bytes()).hexdigest()
    elif root is not None:
        for path in sorted(root.rglob("*")):
            if path.is_file():
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                yield f"{path.relative_to(root)} {digest}"
