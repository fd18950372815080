"""
The Pulumi package schema of the provider, derived from the kinds' field tables.

Pure. Source of the form: `pkg/codegen/schema` of Pulumi 3.260, `pulumi package get-schema`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from meta_prefect.provider.fields import Change, Field, FieldType, Output, ResourceKind
from meta_prefect.provider.functions import Function

_ANY: Final = {"$ref": "pulumi.json#/Any"}
_STRING: Final = {"type": "string"}
_TYPES: Final[dict[FieldType, dict[str, Any]]] = {
    FieldType.STRING: _STRING,
    FieldType.INTEGER: {"type": "integer"},
    FieldType.NUMBER: {"type": "number"},
    FieldType.SECONDS: {"oneOf": [{"type": "number"}, _STRING]},
    FieldType.BOOLEAN: {"type": "boolean"},
    FieldType.ANY: _ANY,
    FieldType.JSON: _ANY,
    FieldType.OBJECT: {"type": "object", "additionalProperties": _ANY},
    FieldType.LIST: {"type": "array", "items": _ANY},
    FieldType.STRING_LIST: {"type": "array", "items": _STRING},
    FieldType.STRING_SET: {"type": "array", "items": _STRING},
    FieldType.STRING_MAP: {"type": "object", "additionalProperties": _STRING},
}
_CHANGES: Final = {
    Change.REPLACE: " Replaces.",
    Change.REPLACE_DELETE_FIRST: " Replaces, old one first.",
}


def build_schema(
    version: str,
    kinds: Iterable[ResourceKind],
    config: Iterable[Field],
    functions: Iterable[Function],
) -> dict[str, Any]:
    """
    Build the schema.

    config: the provider resource's inputs.
    """
    settings = {field.name: _input(field) for field in config}
    return {
        "name": "prefect",
        "displayName": "Prefect",
        "version": version,
        "description": "Prefect as it is: one resource for each kind its API holds.",
        "license": "Apache-2.0",
        "config": {"variables": settings},
        "provider": {"inputProperties": settings, "properties": _text_settings(settings)},
        "resources": {kind.token: _resource(kind) for kind in kinds},
        "functions": {function.token: _function(function) for function in functions},
    }


def render_schema(schema: dict[str, Any]) -> str:
    """Write the schema as JSON text."""
    return json.dumps(schema, sort_keys=True)


def _resource(kind: ResourceKind) -> dict[str, Any]:
    inputs = {field.name: _input(field) for field in kind.fields}
    outputs = {output.name: _output(output) for output in kind.outputs}
    required = [field.name for field in kind.fields if field.required]
    filled = [field.name for field in kind.fields if field.always_has_value]
    told = [output.name for output in kind.outputs if not output.optional]
    import_hint = f" Import id: {kind.import_id}." if kind.import_id else ""
    return {
        "description": f"{kind.doc}{import_hint}",
        "inputProperties": inputs,
        "requiredInputs": required,
        "properties": inputs | outputs,
        "required": sorted({*filled, *told}),
    }


def _function(function: Function) -> dict[str, Any]:
    arguments = {item.name: _input(item) for item in function.arguments}
    results = {result.name: _output(result) for result in function.results}
    required = [item.name for item in function.arguments if item.required]
    return {
        "description": function.doc,
        "inputs": {"type": "object", "properties": arguments, "required": required},
        "outputs": {"type": "object", "properties": results},
    }


def _input(field: Field) -> dict[str, Any]:
    change = _CHANGES.get(field.change, "")
    described = {**_TYPES[field.type], "description": f"{field.doc}{change}"}
    # A generated class would send the default, and what is left alone would be managed.
    if isinstance(field.default, str | int | float) and not field.left_alone:
        described["default"] = field.default
    if field.secret:
        described["secret"] = True
    if field.change.replaces:
        described["willReplaceOnChanges"] = True
    return described


def _output(output: Output) -> dict[str, Any]:
    described = {**_TYPES[output.type], "description": output.doc}
    return {**described, "secret": True} if output.secret else described


def _text_settings(settings: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    # Pulumi's protocol gives a provider's configuration as text, so outputs can only be text.
    return {key: item for key, item in settings.items() if item.get("type") == "string"}
