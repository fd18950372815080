"""
Automations: actions that the server takes when events come, or fail to come.

Names are not unique and each POST makes another one, so that a tag says which resource an
automation belongs to. `automation_table` says what the fields are, `automation_shapes` which
triggers and actions there are.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.provider import CheckFailure, ProviderError
from meta_prefect.provider.answers import LostAnswer, Unreachable
from meta_prefect.provider.automation_shapes import (
    ACTIONS,
    TRIGGERS,
    list_references,
    matches_everything,
)
from meta_prefect.provider.batches import (
    AUTOMATIONS,
    BLOCK_DOCUMENTS,
    DEPLOYMENTS,
    WORK_POOLS_BY_ID,
    WORK_QUEUES,
    FilterRoute,
)
from meta_prefect.provider.differences import render_path
from meta_prefect.provider.fields import ResourceKind
from meta_prefect.provider.handler import (
    Found,
    Handler,
    Inputs,
    Inspection,
    Made,
    Stored,
    Values,
)
from meta_prefect.provider.handlers.automation_table import AUTOMATION
from meta_prefect.provider.settings import Adoption
from meta_prefect.provider.shapes import Read, read_list, read_shaped
from meta_prefect.provider.world import empty_to_none, is_uuid, path_of, read_created

_MARK: Final = "meta-prefect:"
_ACTION_KEYS: Final = {
    "actions": "actions",
    "actionsOnTrigger": "actions_on_trigger",
    "actionsOnResolve": "actions_on_resolve",
}
_THINGS: Final = {
    "deployment_id": DEPLOYMENTS,
    "block_document_id": BLOCK_DOCUMENTS,
    "work_pool_id": WORK_POOLS_BY_ID,
    "work_queue_id": WORK_QUEUES,
    "automation_id": AUTOMATIONS,
}


class AutomationHandler(Handler):
    """Manages automations; the Pulumi id is the automation's uuid."""

    kind: ClassVar[ResourceKind] = AUTOMATION
    batch: ClassVar[FilterRoute | None] = AUTOMATIONS

    async def complete(self, urn: str, values: dict[str, Any]) -> dict[str, Any]:
        """Fill in what the server would, and give sets and seconds one form."""
        return {**values, **{key: read.value for key, read in self._read(values)}}

    def judge(self, urn: str, values: Values) -> Iterator[CheckFailure]:
        """Find what the server drops without a word, refuses, or fails on when it fires."""
        for key, read in self._read(values):
            for path, reason in read.failures:
                yield CheckFailure(render_path((key, *path)), reason)

    async def inspect(self, urn: str, values: Values) -> Inspection:
        """Find actions on things that do not exist; the server would only fail when it fires."""
        if matches_everything(values.get("trigger")) and values.get("enabled", True):
            text = "the trigger fires for every event, those of this automation among them"
            self.log(Severity.WARNING, urn, f"{text}: say what to expect, or what to match")
        if not self.client.has_url:
            return Inspection()
        try:
            return Inspection(await self._find_missing(values))
        except (LostAnswer, Unreachable):
            return Inspection()

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """
        Make the automation, or take over the one that this resource has made before.

        One that is replaced stands beside the new one for a while: names are not unique.
        """
        row = await self._find_own(urn, inputs)
        if row is None or urn in self.in_state:
            replaced = None if row is None else row["id"]
            row = await self.client.post(
                "/automations/",
                self._body(urn, inputs, is_new=True),
                doing=f"create {_name(inputs)}",
                find=lambda: self._find_own(urn, inputs, replaced),
            )
            return Made(row["id"], _outputs(row))
        if self.settings.adopt is Adoption.NEVER:
            raise ProviderError(f"{_name(inputs)} exists already: import it as {row['id']}")
        self.log(Severity.WARNING, urn, f"{_name(inputs)} existed and is managed from now on")
        await self._put(row["id"], urn, inputs)
        return Made(row["id"], _outputs(row))

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look at it by id, or by name for an import."""
        if is_uuid(id):
            row = await self.client.find_in_batch(AUTOMATIONS, id)
        else:
            row = await self._find_named(id)
        return None if row is None else self._found(row)

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Send all of it, or only whether it is enabled."""
        if changed == {"enabled"}:
            body = {"enabled": new["enabled"]}
            await self.client.patch(_path(old.id), body, doing=f"change {_name(new)}")
        else:
            await self._put(old.id, old.urn, new)
        return old.outputs

    async def delete(self, old: Stored) -> None:
        """Delete the automation."""
        await self.client.delete(_path(old.id), doing=f"delete {_name(old.inputs)}")

    async def find_created(self, urn: str, inputs: Inputs) -> Found | bool:
        """Look for the automation with this resource's tag; without tags nobody can say."""
        if not self.settings.owner_label:
            return True
        row = await self._find_own(urn, inputs)
        return False if row is None else self._found(row)

    def _read(self, values: Values) -> Iterator[tuple[str, Read]]:
        # Which API it is may not be known yet; then everything may be there.
        is_cloud = self.settings.is_cloud or not self.client.has_url
        if "trigger" in values:
            yield "trigger", read_shaped(TRIGGERS, values["trigger"], is_cloud=is_cloud)
        for key in _ACTION_KEYS:
            if key in values:
                yield key, read_list(ACTIONS, values[key], is_cloud=is_cloud)

    async def _find_missing(self, values: Values) -> tuple[CheckFailure, ...]:
        references = [
            ((key, at, name), _THINGS[name], id)
            for key in _ACTION_KEYS
            for at, name, id in list_references(values.get(key))
            if name in _THINGS
        ]
        rows = await asyncio.gather(
            *(self.client.find_in_batch(route, id) for _, route, id in references)
        )
        return tuple(
            CheckFailure(render_path(path), f"names something that is not among the {route.noun}")
            for (path, route, _), row in zip(references, rows, strict=True)
            if row is None
        )

    async def _find_own(
        self, urn: str, inputs: Inputs, replaced: str | None = None
    ) -> Mapping[str, Any] | None:
        """Find the automation that this resource has made; `replaced`: id of one to pass over."""
        if not self.settings.owner_label:
            return None
        criteria = {"name": {"any_": [inputs["name"]]}, "tags": {"all_": [_mark(urn)]}}
        rows = await self._list(criteria)
        return next((row for row in rows if row["id"] != replaced), None)

    async def _find_named(self, name: str) -> Mapping[str, Any] | None:
        rows = await self._list({"name": {"any_": [name]}})
        if len(rows) > 1:
            ids = ", ".join(row["id"] for row in rows)
            raise ProviderError(f"{len(rows)} automations are named {name!r}: import one of {ids}")
        return rows[0] if rows else None

    async def _list(self, criteria: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        body = {"automations": criteria}
        return await self.client.list_all("/automations/filter", body, doing="look for automations")

    async def _put(self, id: str, urn: str, inputs: Inputs) -> None:
        body = self._body(urn, inputs, is_new=False)
        await self.client.put(_path(id), body, doing=f"change {_name(inputs)}")

    def _body(self, urn: str, inputs: Inputs, *, is_new: bool) -> dict[str, Any]:
        """Build the whole body: what is left out would stay as it is."""
        marks = [_mark(urn)] if self.settings.owner_label else []
        body = {
            "name": inputs["name"],
            "description": inputs.get("description") or "",
            "tags": [*(inputs.get("tags") or ()), *marks],
            "trigger": inputs["trigger"],
            **{sent: inputs.get(key) or [] for key, sent in _ACTION_KEYS.items()},
        }
        if inputs.get("enabled") is not None:
            body["enabled"] = inputs["enabled"]
        if is_new and inputs.get("ownerResource"):
            body["owner_resource"] = inputs["ownerResource"]
        return body

    def _found(self, row: Mapping[str, Any]) -> Found:
        tags = {tag for tag in row.get("tags") or () if not tag.startswith(_MARK)}
        given = {"trigger": row["trigger"]}
        given |= {key: row.get(sent) or [] for key, sent in _ACTION_KEYS.items()}
        inputs = {
            "name": row["name"],
            "description": empty_to_none(row.get("description")),
            "enabled": row["enabled"],
            "tags": sorted(tags) or None,
            **{key: read.value for key, read in self._read(given)},
        }
        return Found(row["id"], inputs, _outputs(row))


def _mark(urn: str) -> str:
    """Build the tag that says which resource an automation belongs to."""
    return _MARK + hashlib.sha256(urn.encode()).hexdigest()[:16]


def _path(id: str) -> str:
    return path_of("automations", id)


def _name(inputs: Inputs) -> str:
    return f"automation {inputs['name']!r}"


def _outputs(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"created": read_created(row)}
