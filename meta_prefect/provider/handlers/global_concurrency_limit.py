"""Global concurrency limits: slots by name that code takes, or that deployments share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from meta_prefect.provider.adoption import allow_adoption
from meta_prefect.provider.fields import Field, FieldType, Output, ResourceKind
from meta_prefect.provider.handler import Found, Handler, Inputs, Made, Stored, Values
from meta_prefect.provider.names import read_name
from meta_prefect.provider.world import path_of, read_created, read_limit

_PATH: Final = "/v2/concurrency_limits/"
_BODY_KEYS: Final = {
    "name": "name",
    "limit": "limit",
    "active": "active",
    "slotDecayPerSecond": "slot_decay_per_second",
}
_DISGUISED: Final = {
    "tag:": "is a tag's limit: use TagConcurrencyLimit",
    "deployment:": "is a deployment's own limit: use its concurrencyLimit",
}


def _read_limit_name(name: str) -> str:
    for prefix, reason in _DISGUISED.items():
        if name.startswith(prefix):
            raise ValueError(f"beginning with {prefix!r} {reason}")
    return read_name(name)


def _read_decay(value: float) -> float:
    if value < 0:
        raise ValueError("must be 0 or more")
    return float(value)


GLOBAL_CONCURRENCY_LIMIT: Final = ResourceKind(
    token="prefect:index:GlobalConcurrencyLimit",  # noqa: S106 - a type's name
    doc="A number of slots by name, for code and for deployments that share it. Deleting it leaves "
    "these deployments without a limit.",
    fields=(
        Field(
            "name",
            FieldType.STRING,
            "Name of the limit, not beginning with `tag:` or `deployment:`.",
            required=True,
            canonical=_read_limit_name,
        ),
        Field(
            "limit",
            FieldType.INTEGER,
            "Slots, 0 or more.",
            required=True,
            canonical=read_limit,
        ),
        Field("active", FieldType.BOOLEAN, "Whether it limits anything.", default=True),
        Field(
            "slotDecayPerSecond",
            FieldType.NUMBER,
            "Slots that become free per second, for a rate limit; 0: none by itself.",
            default=0.0,
            canonical=_read_decay,
        ),
    ),
    outputs=(Output("created", FieldType.STRING, "When the limit was made, UTC."),),
    import_id="NAME or uuid",
)


class GlobalConcurrencyLimitHandler(Handler):
    """
    Manages global limits; the Pulumi id is the limit's uuid.

    The number of slots in use is nobody's input and never sent.
    """

    kind: ClassVar[ResourceKind] = GLOBAL_CONCURRENCY_LIMIT

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Make the limit; one of this name is an error, or is taken over."""
        name = inputs["name"]
        row = await self._find(name)
        if row is not None:
            allow_adoption(self, urn, f"global concurrency limit {name!r}", name)
            await self._change(
                row["id"], name, _body(inputs.values, frozenset(_BODY_KEYS) - {"name"})
            )
        else:
            row = await self.client.post(
                _PATH,
                _body(inputs.values, frozenset(_BODY_KEYS)),
                doing=f"create global concurrency limit {name!r}",
                find=lambda: self._find(name),
            )
        return Made(row["id"], _outputs(row))

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look at it by id, or by name for an import."""
        row = await self._find(id)
        return None if row is None else _found(row)

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Send what changed."""
        await self._change(old.id, old.inputs["name"], _body(new.values, changed))
        return old.outputs

    async def delete(self, old: Stored) -> None:
        """Delete the limit; deployments that use it are then without one."""
        doing = f"delete global concurrency limit {old.inputs['name']!r}"
        await self.client.delete(_path(old.id), doing=doing)

    async def find_created(self, urn: str, inputs: Inputs) -> Found | bool:
        """Look for a limit of this name."""
        row = await self._find(inputs["name"])
        return False if row is None else _found(row)

    async def _find(self, id: str) -> Mapping[str, Any] | None:
        doing = f"look for global concurrency limit {id!r}"
        return await self.client.find(_path(id), doing=doing)

    async def _change(self, id: str, name: str, body: Mapping[str, Any]) -> None:
        doing = f"change global concurrency limit {name!r}"
        await self.client.patch(_path(id), body, doing=doing)


def _path(id: str) -> str:
    return path_of("v2", "concurrency_limits", id)


def _body(values: Values, keys: frozenset[str]) -> dict[str, Any]:
    return {sent: values.get(key) for key, sent in _BODY_KEYS.items() if key in keys}


def _outputs(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"created": read_created(row)}


def _found(row: Mapping[str, Any]) -> Found:
    inputs = {key: row.get(sent) for key, sent in _BODY_KEYS.items()}
    return Found(row["id"], inputs, _outputs(row))
