"""
Parameters of a deployment against the JSON schema of its flow.

The server checks this late: a deployment can be made with parameters that every later change is
refused for. Pure. Source: `prefect/utilities/schema_tools/validation.py` of Prefect 3.8.8.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from meta_prefect.interfaces.values import has_unknowns
from meta_prefect.provider.differences import render_path

_TEMPLATE_KEY: Final = "__prefect_kind"


def has_templates(value: Any) -> bool:
    """Say whether a value has parts that Prefect resolves by itself."""
    if isinstance(value, Mapping):
        return _TEMPLATE_KEY in value or any(has_templates(item) for item in value.values())
    return isinstance(value, list) and any(has_templates(item) for item in value)


def find_misfits(
    parameters: Mapping[str, Any], schema: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """
    Give path and reason of each parameter that does not fit.

    What comes later, is resolved by Prefect or is null is not looked at; nothing is required, as a
    run may give it.
    """
    from jsonschema import Draft202012Validator

    checked = {
        key: value
        for key, value in parameters.items()
        if value is not None and not has_templates(value) and not has_unknowns(value)
    }
    validator = Draft202012Validator(_without_required(schema))
    for error in validator.iter_errors(checked):
        yield (
            render_path(tuple(error.absolute_path)),
            _reason(error.validator, error.validator_value),
        )


def _reason(rule: str, wanted: Any) -> str:
    # The validator's own message repeats the value, which may be secret.
    if isinstance(wanted, str | int | float):
        return f"does not fit the flow's schema: {rule} must be {wanted}"
    return f"does not fit the flow's schema: {rule}"


def _without_required(schema: Any) -> Any:
    if isinstance(schema, Mapping):
        return {
            key: _without_required(value)
            for key, value in schema.items()
            if not (key == "required" and isinstance(value, list))
        }
    if isinstance(schema, list):
        return [_without_required(item) for item in schema]
    return schema
