"""
The boundary between property values and plain ones.

Opens secrets for the handlers and closes them again in what they give back, so that no handler sees
an envelope and no secret leaves without one. Pure. Not to be confused with `interfaces.wire`, which
is about the JSON on the wire.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from meta_prefect.interfaces.values import (
    UNKNOWN,
    PropertyMap,
    PropertyValue,
    ResourceReference,
    Secret,
)
from meta_prefect.provider.differences import Path
from meta_prefect.provider.fields import ResourceKind
from meta_prefect.provider.handler import Inputs


def open_inputs(values: PropertyMap) -> Inputs:
    """Strip the envelopes, and note where secrets and unknown parts are."""
    secrets: set[Path] = set()
    unknowns: set[Path] = set()
    plain = {key: _open(value, (key,), secrets, unknowns) for key, value in values.items()}
    return Inputs(plain, frozenset(secrets), frozenset(unknowns))


def _open(value: PropertyValue, path: Path, secrets: set[Path], unknowns: set[Path]) -> Any:
    match value:
        case Secret():
            secrets.add(path)
            return _open(value.value, path, secrets, unknowns)
        case ResourceReference():
            return _open(value.urn if value.id is None else value.id, path, secrets, unknowns)
        case list():
            return [_open(item, (*path, at), secrets, unknowns) for at, item in enumerate(value)]
    if isinstance(value, Mapping):
        return {key: _open(item, (*path, key), secrets, unknowns) for key, item in value.items()}
    if value is UNKNOWN:
        unknowns.add(path)
    return value


def close_values(
    values: Mapping[str, Any], kind: ResourceKind, secrets: Iterable[Path] = ()
) -> dict[str, PropertyValue]:
    """
    Put envelopes around what is secret by the kind's tables or by the given paths.

    A path is cut before its first list index, as a canonical list may have another order.
    """
    paths = {_stable(path) for path in secrets}
    paths |= {(field.name,) for field in kind.fields if field.secret}
    paths |= {(output.name,) for output in kind.outputs if output.secret}
    closed = dict(values)
    # Longest first: what is in a secret needs no envelope of its own, but may have one.
    for path in sorted(paths, key=len, reverse=True):
        closed = _close(closed, path)
    return closed


def _stable(path: Path) -> tuple[str, ...]:
    keys: list[str] = []
    for part in path:
        if isinstance(part, int):
            break
        keys.append(part)
    return tuple(keys)


def _close(values: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    key, *rest = path
    inner = values.get(key)
    if inner is None or isinstance(inner, Secret):
        return dict(values)
    closed = _close(inner, tuple(rest)) if rest and isinstance(inner, Mapping) else Secret(inner)
    return {**values, key: closed}
