"""
Writes the schedules of a deployment one by one, by their own routes.

A write of the whole deployment would renew the ids of all schedules and take their future runs.
Not to be confused with `deployment_schedule`, the kind for schedules of somebody else's deployment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from meta_prefect.provider.batches import DEPLOYMENTS
from meta_prefect.provider.client import PrefectClient
from meta_prefect.provider.handlers.deployment_body import (
    read_row,
    read_schedule_ids,
    schedules_by_slug,
)
from meta_prefect.provider.schedules import (
    Schedule,
    build_schedule,
    find_schedule_changes,
    keep_active,
)
from meta_prefect.provider.world import path_of


class ScheduleWriter:
    """Changes the schedules of one deployment."""

    def __init__(self, client: PrefectClient, row: Mapping[str, Any]) -> None:
        """Work on a deployment as `row` tells of it."""
        self._client = client
        self._row = row
        self._ids = read_schedule_ids(row)

    async def change_to(self, wanted: Sequence[Schedule]) -> None:
        """Make, change and delete until the list is the wanted one."""
        actual = read_row(self._row)["schedules"]
        before = schedules_by_slug(actual)
        after = schedules_by_slug(keep_active(wanted, actual))
        for slug, action in find_schedule_changes(before, after):
            match action:
                case "create" | "remake":
                    await self.remake(after[slug])
                case "delete":
                    await self._delete(slug)
                case "change":
                    await self._change(after[slug])

    async def remake(self, schedule: Schedule) -> None:
        """Make a schedule, in the place of one of its slug."""
        slug = schedule["slug"]
        if slug in self._ids:
            await self._delete(slug)
        await self._client.post(
            self._path(),
            [build_schedule(dict(schedule))],
            doing=self._doing("create", slug),
            find=lambda: self._find(slug),
        )

    async def _find(self, slug: str) -> Mapping[str, Any] | None:
        row = await self._client.find_in_batch(DEPLOYMENTS, self._row["id"])
        schedules: list[Mapping[str, Any]] = (row or {}).get("schedules") or []
        return next((item for item in schedules if item.get("slug") == slug), None)

    async def _change(self, schedule: Schedule) -> None:
        # All of it goes along: the server empties parameters that are left out.
        body = build_schedule(dict(schedule))
        slug = body.pop("slug")
        await self._client.patch(
            self._path(self._ids[slug]), body, doing=self._doing("change", slug)
        )

    async def _delete(self, slug: str) -> None:
        await self._client.delete(self._path(self._ids[slug]), doing=self._doing("delete", slug))

    def _path(self, *parts: str) -> str:
        return path_of("deployments", self._row["id"], "schedules", *parts)

    def _doing(self, verb: str, slug: str) -> str:
        return f"{verb} schedule {slug!r} of deployment {self._row['name']!r}"
