"""
Masking: property values as events show them.

Both engines use it, so that a secret looks the same whoever ran the step. Not to be confused with
encryption (`engine.state.secrets`): what is masked cannot be had back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from meta_prefect.interfaces.values import (
    UNKNOWN,
    PropertyMap,
    PropertyValue,
    Secret,
    Unknown,
    contains,
)

SECRET_TEXT: Final = "[secret]"  # noqa: S105 - what is shown in a secret's place
_UNKNOWN_TEXT: Final = "[unknown]"


def mask(values: PropertyMap) -> PropertyMap:
    """Put texts in the place of secrets and unknowns."""
    if contains(values, Secret, Unknown):
        return {key: _mask(value) for key, value in values.items()}
    return values


def _mask(value: PropertyValue) -> PropertyValue:
    if isinstance(value, Secret):
        return SECRET_TEXT
    if value is UNKNOWN:
        return _UNKNOWN_TEXT
    if isinstance(value, Mapping):
        return {key: _mask(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_mask(item) for item in value]
    return value
