"""Variables: values by name, which the server keeps in clear."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.provider.adoption import allow_adoption
from meta_prefect.provider.batches import VARIABLES, FilterRoute
from meta_prefect.provider.fields import DECLARED, Field, FieldType, Output, ResourceKind
from meta_prefect.provider.handler import Found, Handler, Inputs, Made, Stored, Values
from meta_prefect.provider.names import read_slug
from meta_prefect.provider.world import is_uuid, path_of, read_created

_LONGEST_NAME: Final = 255
_LONGEST_VALUE: Final = 5000
_FIELDS: Final = ("name", "value", "tags")


def _read_variable_name(name: str) -> str:
    if len(name) > _LONGEST_NAME:
        raise ValueError(f"must have {_LONGEST_NAME} characters or fewer")
    return read_slug(name, "-_")


def _read_value(value: Any) -> Any:
    if len(json.dumps(value)) > _LONGEST_VALUE:
        raise ValueError(f"must be {_LONGEST_VALUE} characters of JSON or fewer")
    return value


VARIABLE: Final = ResourceKind(
    token="prefect:index:Variable",  # noqa: S106 - a type's name
    doc="A value that flows and deployments look up by name. The server keeps it in clear: a "
    "secret belongs in a block.",
    fields=(
        Field(
            "name",
            FieldType.STRING,
            "Name: lower-case letters, digits, `-` and `_`.",
            required=True,
            canonical=_read_variable_name,
        ),
        Field(
            "value",
            FieldType.ANY,
            "Any JSON value, 5,000 characters of JSON at most; not given: null.",
            canonical=_read_value,
        ),
        Field("tags", FieldType.STRING_SET, "Set of tags.", identity=str),
    ),
    outputs=(Output("created", FieldType.STRING, "When the variable was made, UTC."),),
    import_id="NAME or uuid",
)


class VariableHandler(Handler):
    """Manages variables; the Pulumi id is the variable's uuid."""

    kind: ClassVar[ResourceKind] = VARIABLE
    batch: ClassVar[FilterRoute | None] = VARIABLES

    async def complete(self, urn: str, values: dict[str, Any]) -> dict[str, Any]:
        """Declare the value always: null is one, too."""
        return {**values, DECLARED: sorted({*values[DECLARED], "value"})}

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Make the variable; one of this name is an error, or is taken over."""
        name = inputs["name"]
        self._warn_of_secret(urn, inputs)
        row = await self._find(name)
        if row is not None:
            allow_adoption(self, urn, f"variable {name!r}", name)
            await self._change(row["id"], name, _body(inputs.values, frozenset({"value", "tags"})))
        else:
            row = await self.client.post(
                "/variables/",
                _body(inputs.values, frozenset(_FIELDS)),
                doing=f"create variable {name!r}",
                find=lambda: self._find(name),
            )
        return Made(row["id"], _outputs(row))

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look at it by id, or by name for an import."""
        if is_uuid(id):
            row = await self.client.find_in_batch(VARIABLES, id)
        else:
            row = await self._find(id)
        return None if row is None else _found(row)

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Send what changed."""
        self._warn_of_secret(old.urn, new)
        await self._change(old.id, old.inputs["name"], _body(new.values, changed))
        return old.outputs

    async def delete(self, old: Stored) -> None:
        """Delete the variable."""
        doing = f"delete variable {old.inputs['name']!r}"
        await self.client.delete(path_of("variables", old.id), doing=doing)

    async def find_created(self, urn: str, inputs: Inputs) -> Found | bool:
        """Look for a variable of this name."""
        row = await self._find(inputs["name"])
        return False if row is None else _found(row)

    async def _find(self, name: str) -> Mapping[str, Any] | None:
        path = path_of("variables", "name", name)
        return await self.client.find(path, doing=f"look for variable {name!r}")

    async def _change(self, id: str, name: str, body: Mapping[str, Any]) -> None:
        await self.client.patch(path_of("variables", id), body, doing=f"change variable {name!r}")

    def _warn_of_secret(self, urn: str, inputs: Inputs) -> None:
        if any(path[0] == "value" for path in inputs.secrets):
            text = f"variable {inputs['name']} holds a secret, which the server keeps in clear"
            self.log(Severity.WARNING, urn, f"{text}: a Secret block keeps it encrypted")


def _body(values: Values, keys: frozenset[str]) -> dict[str, Any]:
    """Build what is sent for some keys; the server takes no null tags."""
    body: dict[str, Any] = {key: values.get(key) for key in _FIELDS if key in keys}
    if "tags" in body:
        body["tags"] = body["tags"] or []
    return body


def _outputs(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"created": read_created(row)}


def _found(row: Mapping[str, Any]) -> Found:
    tags = sorted(set(row.get("tags") or ())) or None
    inputs = {"name": row["name"], "value": row.get("value"), "tags": tags}
    return Found(row["id"], inputs, _outputs(row))
