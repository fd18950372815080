"""Work pools: by name, with the type's default template filled in so that no worker does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from meta_prefect.interfaces.provider import CheckFailure, ProviderError
from meta_prefect.interfaces.values import UNKNOWN, has_unknowns
from meta_prefect.provider.adoption import allow_adoption, is_of_same_stack
from meta_prefect.provider.batches import WORK_POOLS, FilterRoute
from meta_prefect.provider.differences import Path
from meta_prefect.provider.fields import DECLARED, Change, Field, FieldType, Output, ResourceKind
from meta_prefect.provider.handler import Found, Handler, Inputs, Made, Stored, Values
from meta_prefect.provider.names import read_unreserved_name
from meta_prefect.provider.templates import (
    find_faults,
    find_template,
    hash_template,
    lay_over,
    place_of_overlay,
    read_packaged_metadata,
)
from meta_prefect.provider.world import empty_to_none, path_of, read_created, read_limit

_METADATA_PATH: Final = "/collections/views/aggregate-worker-metadata"
_BODY_KEYS: Final = {
    "name": "name",
    "type": "type",
    "baseJobTemplate": "base_job_template",
    "description": "description",
    "paused": "is_paused",
    "concurrencyLimit": "concurrency_limit",
}
_FIXED: Final = frozenset({"name", "type"})  # the server refuses them in a change
_STORAGE_KEYS: Final = {
    "resultStorageBlockId": "default_result_storage_block_id",
    "bundleUploadStep": "bundle_upload_step",
    "bundleExecutionStep": "bundle_execution_step",
}


WORK_POOL: Final = ResourceKind(
    token="prefect:index:WorkPool",  # noqa: S106 - a type's name
    doc="A work pool: where deployments send their runs, and how these are started. Its Pulumi id "
    "is its name. Deleting it is refused while deployments outside the stack use it, unless "
    "`forceDelete` is set.",
    fields=(
        Field(
            "name",
            FieldType.STRING,
            "Name of the pool, not beginning with `prefect`.",
            required=True,
            change=Change.REPLACE,
            canonical=read_unreserved_name,
        ),
        Field(
            "type",
            FieldType.STRING,
            "Worker type, such as `process` or `kubernetes`.",
            required=True,
            change=Change.REPLACE_DELETE_FIRST,
        ),
        Field(
            "baseJobTemplate",
            FieldType.OBJECT,
            "`job_configuration` and `variables`; default: the type's template.",
            filled=True,
        ),
        Field(
            "templateOverlay",
            FieldType.OBJECT,
            '`{"variables": {name: {"default": ...}}, "jobConfiguration": {...}}`, laid over the '
            "template.",
        ),
        Field("description", FieldType.STRING, "For people.", canonical=empty_to_none),
        Field(
            "paused",
            FieldType.BOOLEAN,
            "Start no runs; not given: left as it is.",
            default=False,
            left_alone=True,
        ),
        Field(
            "concurrencyLimit",
            FieldType.INTEGER,
            "Runs at once, 0 or more; default: no limit.",
            canonical=read_limit,
        ),
        Field("resultStorageBlockId", FieldType.STRING, "Block in which results are stored."),
        Field("bundleUploadStep", FieldType.OBJECT, "Step that uploads a bundle."),
        Field("bundleExecutionStep", FieldType.OBJECT, "Step that runs a bundle."),
        Field(
            "forceDelete",
            FieldType.BOOLEAN,
            "Delete the pool although deployments of others use it.",
            default=False,
            change=Change.NONE,
        ),
    ),
    outputs=(
        Output("workPoolId", FieldType.STRING, "The pool's uuid; another one after a new make."),
        Output("defaultQueueId", FieldType.STRING, "Uuid of the queue `default`."),
        Output("templateHash", FieldType.STRING, "Hash of the template.", stable=False),
        Output("created", FieldType.STRING, "When the pool was made, UTC."),
    ),
    import_id="NAME",
)


class WorkPoolHandler(Handler):
    """Manages work pools; the Pulumi id is the pool's name, as the API speaks names."""

    kind: ClassVar[ResourceKind] = WORK_POOL
    batch: ClassVar[FilterRoute | None] = WORK_POOLS

    async def complete(self, urn: str, values: dict[str, Any]) -> dict[str, Any]:
        """Fill in the type's template and lay the overlay over it."""
        template, overlay = values.get("baseJobTemplate"), values.get("templateOverlay")
        if not template and values["type"] is not UNKNOWN:
            template = await self.find_default_template(values["type"])
            if template is None and self.client.has_url:
                kind = values["type"]
                raise ProviderError(f"no default template of type {kind!r}: give baseJobTemplate")
        if overlay is None or not isinstance(template, Mapping):
            return values if template is None else {**values, "baseJobTemplate": template}
        # Whoever lays something over a template wants it to stay there.
        declared = sorted({*values[DECLARED], "baseJobTemplate"})
        merged = UNKNOWN if overlay is UNKNOWN else lay_over(template, overlay)
        return {**values, "baseJobTemplate": merged, DECLARED: declared}

    def spread_secrets(self, secrets: frozenset[Path]) -> frozenset[Path]:
        """What is secret in the overlay is so in the template, too."""
        return frozenset(place_of_overlay(path) for path in secrets if path[0] == "templateOverlay")

    def judge(self, urn: str, values: Values) -> Iterator[CheckFailure]:
        """Find what is wrong with the template."""
        template = values.get("baseJobTemplate")
        if isinstance(template, Mapping) and not has_unknowns(template):
            for fault in find_faults(template):
                yield CheckFailure("baseJobTemplate", fault)

    def foresee_create(self, urn: str, inputs: Inputs) -> Values:
        """Foresee the hash; ids are unknown."""
        return {**super().foresee_create(urn, inputs), "templateHash": _hash(inputs)}

    def foresee_update(self, old: Stored, new: Inputs) -> Values:
        """Foresee the hash; ids stay."""
        return {**old.outputs, "templateHash": _hash(new)}

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Make the pool; one of this name is an error, or is taken over with `adopt: always`."""
        name = inputs["name"]
        row = await self._find(name)
        if row is not None:
            await self._take_over(urn, row, inputs)
        else:
            body = _body(inputs.values, frozenset(inputs.values))
            doing = f"create work pool {name!r}"
            await self.client.post("/work_pools/", body, doing=doing, find=lambda: self._find(name))
        return Made(name, _outputs(await self._expect(name), inputs))

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look at it by name."""
        row = await self.client.find_in_batch(WORK_POOLS, id)
        return None if row is None else _found(row)

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Send what changed; null clears description and limit."""
        body = _body(new.values, changed)
        if body:
            doing = f"change work pool {old.id!r}"
            await self.client.patch(path_of("work_pools", old.id), body, doing=doing)
        return {**old.outputs, "templateHash": _hash(new)}

    async def delete(self, old: Stored) -> None:
        """Delete the pool, unless deployments that this stack does not own would lose it."""
        if not old.inputs.get("forceDelete"):
            await self._refuse_for_others(old)
        path = path_of("work_pools", old.id)
        await self.client.delete(path, doing=f"delete work pool {old.id!r}")

    async def find_created(self, urn: str, inputs: Inputs) -> Found | bool:
        """Look for a pool of this name."""
        row = await self._find(inputs["name"])
        return False if row is None else _found(row)

    async def find_default_template(self, type: str) -> Mapping[str, Any] | None:
        """Find a type's template in the installed Prefect, then on the server."""
        template = find_template(read_packaged_metadata(), type)
        if template is None and self.client.has_url:
            doing = f"look for the template of {type!r} workers"
            metadata = await self.client.find(_METADATA_PATH, doing=doing)
            template = find_template(metadata or {}, type)
        return template

    async def _find(self, name: str) -> Mapping[str, Any] | None:
        return await self.client.find(
            path_of("work_pools", name), doing=f"look for work pool {name!r}"
        )

    async def _expect(self, name: str) -> Mapping[str, Any]:
        row = await self._find(name)
        if row is None:
            raise ProviderError(f"work pool {name!r} was deleted right after it was made")
        return row

    async def _take_over(self, urn: str, row: Mapping[str, Any], inputs: Inputs) -> None:
        name = inputs["name"]
        if row["type"] != inputs["type"]:
            raise ProviderError(f"work pool {name!r} exists already, with type {row['type']!r}")
        allow_adoption(self, urn, f"work pool {name!r}", name)
        body = _body(inputs.values, frozenset(inputs.values) - _FIXED)
        doing = f"take over work pool {name!r}"
        await self.client.patch(path_of("work_pools", name), body, doing=doing)

    async def _refuse_for_others(self, old: Stored) -> None:
        rows = await self.client.list_all(
            "/deployments/filter",
            {"work_pools": {"name": {"any_": [old.id]}}},
            doing=f"look for deployments of work pool {old.id!r}",
        )
        label = self.settings.owner_label
        others = [row for row in rows if not is_of_same_stack(row, label, old.urn)]
        if others:
            raise ProviderError(
                f"work pool {old.id!r} is used by {len(others)} deployments that this stack does "
                f"not own, such as {others[0]['name']!r}; they would lose it for good: move them, "
                "or set forceDelete"
            )


def _body(values: Values, keys: frozenset[str]) -> dict[str, Any]:
    """
    Build what is sent for some keys of the inputs.

    A pool is created and changed under its name in the path, so name and type go along only when
    they are in `keys`. The storage configuration goes whole.
    """
    body = {
        sent: values.get(key)
        for key, sent in _BODY_KEYS.items()
        if key in keys and (key != "paused" or values.get(key) is not None)
    }
    if keys & _STORAGE_KEYS.keys():
        body["storage_configuration"] = {
            sent: values.get(key) for key, sent in _STORAGE_KEYS.items()
        }
    return body


def _hash(inputs: Inputs) -> Any:
    if "baseJobTemplate" in inputs.values and inputs.knows("baseJobTemplate"):
        return hash_template(inputs["baseJobTemplate"])
    return UNKNOWN


def _outputs(row: Mapping[str, Any], inputs: Inputs) -> dict[str, Any]:
    return {
        "workPoolId": row["id"],
        "defaultQueueId": row["default_queue_id"],
        "templateHash": hash_template(inputs.get("baseJobTemplate") or row["base_job_template"]),
        "created": read_created(row),
    }


def _found(row: Mapping[str, Any]) -> Found:
    inputs = {key: row.get(sent) for key, sent in _BODY_KEYS.items()}
    storage = row.get("storage_configuration") or {}
    inputs |= {key: storage.get(sent) for key, sent in _STORAGE_KEYS.items()}
    inputs["description"] = empty_to_none(inputs["description"])
    return Found(row["name"], inputs, _outputs(row, Inputs(inputs)))
