"""Work queues: lanes of a work pool, whose priorities the server keeps unique by shifting."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from meta_prefect.provider.adoption import allow_adoption
from meta_prefect.provider.batches import WORK_QUEUES, FilterRoute
from meta_prefect.provider.fields import Change, Field, FieldType, Output, ResourceKind
from meta_prefect.provider.handler import Context, Found, Handler, Inputs, Made, Stored, Values
from meta_prefect.provider.names import read_name
from meta_prefect.provider.world import (
    empty_to_none,
    is_uuid,
    path_of,
    read_created,
    read_limit,
)

_DEFAULT: Final = "default"
_DEFAULT_BODY: Final = {
    "description": "The work pool's default queue.",
    "priority": 1,
    "concurrency_limit": None,
    "is_paused": False,
}
_BODY_KEYS: Final = {
    "name": "name",
    "priority": "priority",
    "concurrencyLimit": "concurrency_limit",
    "description": "description",
    "paused": "is_paused",
}


def _read_priority(value: int) -> int:
    if value < 1:
        raise ValueError("must be 1 or more; 1 is first")
    return value


WORK_QUEUE: Final = ResourceKind(
    token="prefect:index:WorkQueue",  # noqa: S106 - a type's name
    doc="A lane of a work pool with a priority and a limit of its own. The queue `default` comes "
    "with its pool: declaring it manages that one, deleting it puts its defaults back.",
    fields=(
        Field(
            "workPoolName",
            FieldType.STRING,
            "Name of the pool.",
            required=True,
            change=Change.REPLACE,
        ),
        Field("name", FieldType.STRING, "Name of the queue.", required=True, canonical=read_name),
        Field(
            "priority",
            FieldType.INTEGER,
            "Rank in the pool, 1 is first; not given: the server's next free one.",
            left_alone=True,
            canonical=_read_priority,
        ),
        Field(
            "concurrencyLimit",
            FieldType.INTEGER,
            "Runs at once, 0 or more; default: no limit.",
            canonical=read_limit,
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
            "workPoolId",
            FieldType.STRING,
            "The pool's `workPoolId`: a pool made anew gets its queue again.",
            left_alone=True,
            change=Change.REPLACE_DELETE_FIRST,
        ),
    ),
    outputs=(
        Output("queueId", FieldType.STRING, "The queue's uuid."),
        Output("created", FieldType.STRING, "When the queue was made, UTC."),
    ),
    import_id="POOL/QUEUE or uuid",
)


class WorkQueueHandler(Handler):
    """
    Manages work queues; the Pulumi id is the queue's uuid.

    The queue `default` comes and goes with its pool: creating it changes it, deleting it puts its
    defaults back.
    """

    kind: ClassVar[ResourceKind] = WORK_QUEUE
    batch: ClassVar[FilterRoute | None] = WORK_QUEUES

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._ranks: defaultdict[str, dict[str, int]] = defaultdict(dict)

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Make the queue; one of this name is an error, or is taken over with `adopt: always`."""
        pool, name = inputs["workPoolName"], inputs["name"]
        async with self._locks[pool]:
            row = await self._find(pool, name)
            if row is None:
                row = await self.client.post(
                    path_of("work_pools", pool, "queues"),
                    _body(inputs.values, frozenset(inputs.values)),
                    doing=f"create work queue {pool}/{name}",
                    find=lambda: self._find(pool, name),
                )
            else:
                await self._take_over(urn, inputs)
            await self._settle(pool, inputs)
        return Made(row["id"], _outputs(row))

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look at it by id, or by pool and name for an import."""
        if is_uuid(id):
            row = await self.client.find_in_batch(WORK_QUEUES, id)
        else:
            pool, _, name = id.partition("/")
            row = await self._find(pool, name)
        if row is None:
            return None
        found = _found(row)
        if stored is not None and await self._was_pushed(row, stored.inputs.get("priority")):
            inputs = {**found.inputs, "priority": stored.inputs["priority"]}
            return dataclasses.replace(found, inputs=inputs)
        return found

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Send what changed, under the old name."""
        pool = old.inputs["workPoolName"]
        body = _body(new.values, changed)
        async with self._locks[pool]:
            await self._rename_or_change(old, new["name"], body)
            await self._settle(pool, new)
        return old.outputs

    async def _rename_or_change(self, old: Stored, name: str, body: Mapping[str, Any]) -> None:
        """Send a change under the old name; one of the name is found again under the new one."""
        pool, before = old.inputs["workPoolName"], old.inputs["name"]

        async def find_renamed() -> Mapping[str, Any] | None:
            row = await self._find(pool, name)
            return row if row is not None and row["id"] == old.id else None

        if body:
            await self.client.patch(
                path_of("work_pools", pool, "queues", before),
                body,
                doing=f"change work queue {pool}/{before}",
                find=None if name == before else find_renamed,
            )

    async def delete(self, old: Stored) -> None:
        """Delete the queue; `default` gets its defaults back, as the server keeps it."""
        pool, name = old.inputs["workPoolName"], old.inputs["name"]
        async with self._locks[pool]:
            self._ranks[pool].pop(name, None)
            if name != _DEFAULT:
                path = path_of("work_pools", pool, "queues", name)
                await self.client.delete(path, doing=f"delete work queue {pool}/{name}")
            elif await self._find(pool, name) is not None:
                await self._change(pool, name, _DEFAULT_BODY, f"reset work queue {pool}/{name}")

    async def find_created(self, urn: str, inputs: Inputs) -> Found | bool:
        """Look for a queue of this pool and name."""
        row = await self._find(inputs["workPoolName"], inputs["name"])
        return False if row is None else _found(row)

    async def _was_pushed(self, row: Mapping[str, Any], declared: int | None) -> bool:
        """
        Say whether a queue has another rank only because others came before it.

        One that was moved by hand leaves a gap, or stands before its place; and where a sibling was
        moved before it, that is the sibling's drift.
        """
        actual, pool = row["priority"], row.get("work_pool_name")
        if declared is None or actual <= declared or pool is None:
            return False
        ranks = (await self._read_ranks(pool)).values()
        return set(range(declared, actual)) <= set(ranks)

    async def _read_ranks(self, pool: str) -> dict[str, int]:
        rows = await self.client.list_all(
            path_of("work_pools", pool, "queues", "filter"),
            {},
            doing=f"read the queues of work pool {pool!r}",
        )
        return {row["name"]: row["priority"] for row in rows}

    async def _find(self, pool: str, name: str) -> Mapping[str, Any] | None:
        return await self.client.find(
            path_of("work_pools", pool, "queues", name),
            doing=f"look for work queue {pool}/{name}",
        )

    async def _take_over(self, urn: str, inputs: Inputs) -> None:
        pool, name = inputs["workPoolName"], inputs["name"]
        if name != _DEFAULT:
            allow_adoption(self, urn, f"work queue {pool}/{name}", f"{pool}/{name}")
        body = _body(inputs.values, frozenset(inputs.values) - {"name"})
        await self._change(pool, name, body, f"take over work queue {pool}/{name}")

    async def _change(self, pool: str, name: str, body: Mapping[str, Any], doing: str) -> None:
        if body:
            await self.client.patch(path_of("work_pools", pool, "queues", name), body, doing=doing)

    async def _settle(self, pool: str, inputs: Inputs) -> None:
        """Put back declared priorities of this operation that a later write moved, rising."""
        ranks, priority = self._ranks[pool], inputs.get("priority")
        if priority is None:
            return
        ranks[inputs["name"]] = priority
        actual = await self._read_ranks(pool)
        for name, wanted in sorted(ranks.items(), key=lambda item: item[1]):
            if name in actual and actual[name] != wanted:
                body = {"priority": wanted}
                await self._change(pool, name, body, f"rank work queue {pool}/{name}")


def _body(values: Values, keys: frozenset[str]) -> dict[str, Any]:
    """Build what is sent for some keys of the inputs; the server takes no null description."""
    body = {sent: values.get(key) for key, sent in _BODY_KEYS.items() if key in keys}
    if "description" in body:
        body["description"] = body["description"] or ""
    return {
        key: value for key, value in body.items() if value is not None or key == "concurrency_limit"
    }


def _outputs(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"queueId": row["id"], "created": read_created(row)}


def _found(row: Mapping[str, Any]) -> Found:
    inputs = {key: row.get(sent) for key, sent in _BODY_KEYS.items()}
    inputs["description"] = empty_to_none(inputs["description"])
    inputs["workPoolName"] = row.get("work_pool_name")
    inputs["workPoolId"] = row.get("work_pool_id")
    return Found(row["id"], inputs, _outputs(row))
