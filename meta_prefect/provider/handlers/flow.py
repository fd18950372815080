"""Flows: made or taken over by name, and kept on delete as long as they carry history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.provider.adoption import refuse_itself
from meta_prefect.provider.batches import FLOWS, FilterRoute
from meta_prefect.provider.fields import Change, Field, FieldType, Output, ResourceKind
from meta_prefect.provider.flow_book import find_flow
from meta_prefect.provider.handler import Found, Handler, Inputs, Made, Stored, Values
from meta_prefect.provider.names import read_name
from meta_prefect.provider.world import is_uuid, path_of, read_created

FLOW: Final = ResourceKind(
    token="prefect:index:Flow",  # noqa: S106 - a type's name
    doc="A flow; one that exists is taken over, as flows carry history. Deleting it keeps the flow "
    "as long as it has runs or other deployments.",
    fields=(
        Field(
            "name",
            FieldType.STRING,
            "Name of the flow.",
            required=True,
            change=Change.REPLACE,
            canonical=read_name,
        ),
        Field("tags", FieldType.STRING_SET, "Set of tags.", identity=str),
        Field(
            "labels",
            FieldType.OBJECT,
            "Text, numbers or booleans by name; only set when the flow is made, later changes are "
            "ignored with a warning.",
            change=Change.CREATE_ONLY,
        ),
        Field(
            "deleteHistory",
            FieldType.BOOLEAN,
            "Delete the flow with its runs and deployments.",
            default=False,
            change=Change.NONE,
        ),
    ),
    outputs=(Output("created", FieldType.STRING, "When the flow was made, UTC."),),
    import_id="NAME or uuid",
)


class FlowHandler(Handler):
    """Manages flows; the Pulumi id is the flow's uuid."""

    kind: ClassVar[ResourceKind] = FLOW
    batch: ClassVar[FilterRoute | None] = FLOWS

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Make the flow or take it over; the server ignores tags of one that exists."""
        if urn in self.in_state and await find_flow(self.client, inputs["name"]) is not None:
            refuse_itself(self, urn, f"flow {inputs['name']!r}")
        row = await self.flows.make(inputs.values)
        tags = inputs.get("tags")
        if tags is not None and sorted(row.get("tags") or ()) != tags:
            await self._set_tags(row["id"], inputs)
        return Made(row["id"], _outputs(row))

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look at it by id, or by name for an import."""
        if is_uuid(id):
            row = await self.client.find_in_batch(FLOWS, id)
        else:
            row = await find_flow(self.client, id)
        if row is None:
            return None
        self.flows.note(row)
        return _found(row)

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Set the tags; nothing else of a flow can be changed."""
        if "tags" in changed:
            await self._set_tags(old.id, new)
        return old.outputs

    async def delete(self, old: Stored) -> None:
        """Delete the flow, unless that would take runs or others' deployments along."""
        name = old.inputs["name"]
        if not old.inputs.get("deleteHistory"):
            kept = await self._count_history(old.id, name)
            if kept:
                self.log(Severity.INFO, old.urn, f"flow {name} keeps its history: {kept}")
                return
        self.flows.forget(old.id)
        await self.client.delete(path_of("flows", old.id), doing=f"delete flow {name!r}")

    async def find_created(self, urn: str, inputs: Inputs) -> Found | bool:
        """Look for a flow of this name."""
        row = await find_flow(self.client, inputs["name"])
        return False if row is None else _found(row)

    async def _set_tags(self, id: str, inputs: Inputs) -> None:
        body = {"tags": inputs.get("tags") or []}
        doing = f"change flow {inputs['name']!r}"
        await self.client.patch(path_of("flows", id), body, doing=doing)

    async def _count_history(self, id: str, name: str) -> str:
        """Say what hangs on the flow; empty when nothing does."""
        body = {"flows": {"id": {"any_": [id]}}}
        doing = f"count what belongs to flow {name!r}"
        counts = {
            "run": await self.client.query("/flow_runs/count", body, doing=doing),
            "deployment": await self.client.query("/deployments/count", body, doing=doing),
        }
        return ", ".join(
            f"{count} {noun}{'' if count == 1 else 's'}" for noun, count in counts.items() if count
        )


def _outputs(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"created": read_created(row)}


def _found(row: Mapping[str, Any]) -> Found:
    # Labels are left out: they cannot be changed, so a difference would only warn for ever.
    inputs = {"name": row["name"], "tags": sorted(row.get("tags") or ()) or None}
    return Found(row["id"], inputs, _outputs(row))
