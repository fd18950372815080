"""
What a block's schema says about its data: which leaves are secret, and what will not load.

The server stores any data and checks none of it; a flow that loads the block then fails. Pure. Not
to be confused with `block_catalogue`, which asks the server for the schemas.

Source: `prefect/server/models/block_documents.py` and `prefect/blocks/core.py` of Prefect 3.8.8.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from meta_prefect.interfaces.values import has_unknowns
from meta_prefect.provider.differences import Path, render_path

_HIDDEN: Final = "********"
"""What the server shows of a secret to who may not see it."""

_REFERENCE: Final = "$ref"
_TARGET: Final = "block_document_id"
_ALWAYS_KNOWN: Final = frozenset({"block_type_slug"})
"""Written into the data by Prefect's own `save`, beside the fields."""


def find_secret_paths(fields: Mapping[str, Any]) -> frozenset[Path]:
    """Give the paths in `data` that a schema calls secret; `*` stands for all that is below."""
    return frozenset(_until_wildcard(name) for name in fields.get("secret_fields") or ())


def _until_wildcard(name: str) -> Path:
    return ("data", *(part for part in name.partition("*")[0].split(".") if part))


def choose_schema(
    schemas: Iterable[Mapping[str, Any]], version: str | None = None
) -> Mapping[str, Any] | None:
    """Find the schema of a version, or that of the highest one; of equal ones the newest."""
    fitting = [row for row in schemas if version is None or row["version"] == version]
    return max(fitting, key=_rank, default=None)


def _rank(row: Mapping[str, Any]) -> tuple[tuple[int, ...], str]:
    # The newest is not the highest: servers register old versions of some types later.
    return tuple(int(part) for part in re.findall(r"\d+", row["version"])), str(row["created"])


def read_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """
    Give the data of a block.

    Raises:
        ValueError: a reference to another block is where the server does not follow it.
    """
    for key, value in data.items():
        if is_reference(value):
            continue
        if isinstance(value, Mapping) and _REFERENCE in value:
            raise ValueError(
                f"must refer to another block as {{{_REFERENCE!r}: {{{_TARGET!r}: …}}}}"
            )
        if _holds_reference(value):
            raise ValueError(f"refers to another block inside of {key!r}: only a whole value can")
    return dict(data)


def is_reference(value: Any) -> bool:
    """Say whether a value stands for another block."""
    target = value.get(_REFERENCE) if isinstance(value, Mapping) else None
    return isinstance(target, Mapping) and _TARGET in target


def _holds_reference(value: Any) -> bool:
    if isinstance(value, Mapping):
        return is_reference(value) or any(_holds_reference(item) for item in value.values())
    return isinstance(value, list) and any(_holds_reference(item) for item in value)


def holds_stars(value: Any) -> bool:
    """Say whether some part of an answer is hidden from the key that asked."""
    if isinstance(value, Mapping):
        return any(holds_stars(item) for item in value.values())
    return bool(value == _HIDDEN)


def restore_data(row: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """
    Give a document's data as it was written.

    References come back from the server as the other block's data; secrets that the key may not
    see come back as stars and count as what is stored.
    """
    references = row.get("block_document_references") or {}
    data = dict(row.get("data") or {})
    for key, reference in references.items():
        data[key] = {_REFERENCE: {_TARGET: reference["block_document"]["id"]}}
    shown: dict[str, Any] = _uncover(data, stored)
    return shown


def _uncover(value: Any, stored: Any) -> Any:
    if value == _HIDDEN and stored is not None:
        return stored
    if isinstance(value, Mapping) and isinstance(stored, Mapping):
        return {key: _uncover(item, stored.get(key)) for key, item in value.items()}
    return value


def find_data_failures(
    data: Mapping[str, Any], fields: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Give path and reason of each part of the data that a schema does not allow."""
    known = set(fields.get("properties") or ()) | _ALWAYS_KNOWN
    if not fields.get("additionalProperties"):
        for key in sorted(data.keys() - known):
            yield render_path(("data", key)), f"is no field of this block type{_hint(key, known)}"
    for key in fields.get("required") or ():
        if data.get(key) is None:
            yield render_path(("data", key)), "is required by this block type"
    yield from _find_misfits(data, fields)


def _hint(key: str, known: Iterable[str]) -> str:
    close = get_close_matches(key, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _find_misfits(data: Mapping[str, Any], fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    from jsonschema import Draft202012Validator

    checked = {
        key: value
        for key, value in data.items()
        if value is not None and not is_reference(value) and not has_unknowns(value)
    }
    properties = {key: (fields.get("properties") or {}).get(key, {}) for key in checked}
    schema = {"properties": properties, "definitions": fields.get("definitions") or {}}
    validator = Draft202012Validator(_without_dangling(schema, frozenset(schema["definitions"])))
    for error in validator.iter_errors(checked):
        if error.instance is not None:
            path = render_path(("data", *error.absolute_path))
            yield path, _reason(error.validator, error.validator_value)


def _reason(rule: str, wanted: Any) -> str:
    # The validator's own message repeats the value, which may be secret.
    if isinstance(wanted, str | int | float):
        return f"does not fit the block type's schema: {rule} must be {wanted}"
    return f"does not fit the block type's schema: {rule}"


def _without_dangling(schema: Any, definitions: frozenset[str]) -> Any:
    """Let anything pass where a schema refers to a definition that is missing, as `secret` does."""
    if isinstance(schema, Mapping):
        target = schema.get(_REFERENCE)
        if isinstance(target, str) and target.rpartition("/")[2] not in definitions:
            return {}
        return {key: _without_dangling(value, definitions) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_without_dangling(item, definitions) for item in schema]
    return schema
