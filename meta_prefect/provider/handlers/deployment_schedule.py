"""
Schedules of deployments that somebody else manages, one by one.

Not to be confused with `schedules` of a deployment, which is that deployment's whole list: the two
do not go together on one deployment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from meta_prefect.interfaces.provider import CheckFailure, ProviderError, ReadRequest
from meta_prefect.provider.adoption import allow_adoption
from meta_prefect.provider.batches import DEPLOYMENTS
from meta_prefect.provider.fields import Change, Field, FieldType, ResourceKind
from meta_prefect.provider.handler import Found, Handler, Inputs, Made, Stored, Values
from meta_prefect.provider.read_ahead import Lookup
from meta_prefect.provider.schedules import (
    DEFAULT_ANCHOR,
    build_schedule,
    parse_schedule,
    read_cron,
    read_instant,
    read_interval,
    read_rrule,
    read_run_count,
    read_zone,
)
from meta_prefect.provider.world import path_of

_RULES: Final = ("cron", "interval", "rrule")
_BELONGS: Final = {"dayOr": "cron", "anchorDate": "interval"}

DEPLOYMENT_SCHEDULE: Final = ResourceKind(
    token="prefect:index:DeploymentSchedule",  # noqa: S106 - a type's name
    doc="A schedule of a deployment that is managed elsewhere. A deployment of one's own takes its "
    "`schedules`: that list is the whole list, so the two do not go together.",
    fields=(
        Field(
            "deploymentId",
            FieldType.STRING,
            "The deployment's uuid.",
            required=True,
            change=Change.REPLACE,
        ),
        Field(
            "slug",
            FieldType.STRING,
            "Name of the schedule in its deployment; default: the logical name.",
            change=Change.REPLACE,
            filled=True,
        ),
        Field(
            "cron",
            FieldType.STRING,
            "Five or six parts, or like `@daily`; this, `interval` or `rrule`.",
            canonical=read_cron,
        ),
        Field(
            "dayOr",
            FieldType.BOOLEAN,
            "Of a cron: either day of month or day of week is enough; default true.",
        ),
        Field(
            "interval",
            FieldType.SECONDS,
            "Seconds, or text like `PT1H`.",
            canonical=read_interval,
        ),
        Field(
            "anchorDate",
            FieldType.STRING,
            "Of an interval: an instant to count from; default: the start of 2020.",
            canonical=read_instant,
        ),
        Field("rrule", FieldType.STRING, "A rule of iCalendar.", canonical=read_rrule),
        Field("timezone", FieldType.STRING, "IANA name.", default="UTC", canonical=read_zone),
        Field(
            "active",
            FieldType.BOOLEAN,
            "Make runs; not given: left as it is.",
            default=True,
            left_alone=True,
        ),
        Field("parameters", FieldType.OBJECT, "Parameters of its runs by name.", default={}),
        Field(
            "maxScheduledRuns",
            FieldType.INTEGER,
            "Runs made ahead, 1 to 50; default: the server's.",
            canonical=read_run_count,
        ),
    ),
    outputs=(),
    import_id="DEPLOYMENT_UUID/SLUG",
)


class DeploymentScheduleHandler(Handler):
    """
    Manages single schedules; the Pulumi id is deployment and slug.

    The server's own id is none of the outputs: any write of the deployment may renew it.
    """

    kind: ClassVar[ResourceKind] = DEPLOYMENT_SCHEDULE

    async def complete(self, urn: str, values: dict[str, Any]) -> dict[str, Any]:
        """Name it after the resource, and fill in what its rule needs."""
        values.setdefault("slug", urn.rpartition("::")[2])
        if "cron" in values:
            values.setdefault("dayOr", True)
        if "interval" in values:
            values.setdefault("anchorDate", DEFAULT_ANCHOR)
        return values

    def judge(self, urn: str, values: Values) -> Iterator[CheckFailure]:
        """Find rules too many or too few, and what belongs to another rule."""
        if sum(rule in values for rule in _RULES) != 1:
            yield CheckFailure("", "exactly one of cron, interval and rrule is needed")
        owner = self.schedule_owners.get(str(values.get("deploymentId")))
        if owner is not None:
            name = owner.rpartition("::")[2]
            reason = f"has schedules of its own, those of {name!r}: put this one among them"
            yield CheckFailure("deploymentId", reason)
        for key, rule in _BELONGS.items():
            if key in values and rule not in values:
                yield CheckFailure(key, f"belongs to a schedule by {rule}")

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Make the schedule; one of this slug is an error, or is taken over."""
        id = f"{inputs['deploymentId']}/{inputs['slug']}"
        row = await self._find(id)
        if row is None:
            await self._make(inputs)
        else:
            allow_adoption(self, urn, _name(inputs), id)
            await self._change(row, inputs)
        return Made(id, {})

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look at it by deployment and slug."""
        row = await self._find(id)
        return None if row is None else _found(id, row)

    def list_lookups(self, request: ReadRequest) -> Iterator[Lookup]:
        """List the deployment: its schedules come with it."""
        yield DEPLOYMENTS, request.id.partition("/")[0]

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Change it, or make it again where the server cannot clear a number."""
        row = await self._find(old.id)
        if row is None:
            raise ProviderError(f"{_name(new)} is gone: a refresh makes the next up create it")
        if "maxScheduledRuns" in changed and new.get("maxScheduledRuns") is None:
            await self._delete(old, row)
            await self._make(_keep_active(new, row))
        else:
            await self._change(row, new)
        return old.outputs

    async def delete(self, old: Stored) -> None:
        """Delete the schedule with its future runs."""
        row = await self._find(old.id)
        if row is not None:
            await self._delete(old, row)

    async def find_created(self, urn: str, inputs: Inputs) -> Found | bool:
        """Look for a schedule of this slug."""
        id = f"{inputs['deploymentId']}/{inputs['slug']}"
        row = await self._find(id)
        return False if row is None else _found(id, row)

    async def _find(self, id: str) -> Mapping[str, Any] | None:
        deployment_id, _, slug = id.partition("/")
        deployment = await self.client.find_in_batch(DEPLOYMENTS, deployment_id) or {}
        rows: list[Mapping[str, Any]] = deployment.get("schedules") or []
        return next((row for row in rows if row.get("slug") == slug), None)

    async def _make(self, inputs: Inputs) -> None:
        body = [build_schedule(dict(inputs.values))]
        doing = f"create {_name(inputs)}"
        await self.client.post(
            _path(inputs), body, doing=doing, find=lambda: self._find_made(inputs)
        )

    async def _find_made(self, inputs: Inputs) -> Mapping[str, Any] | None:
        return await self._find(f"{inputs['deploymentId']}/{inputs['slug']}")

    async def _change(self, row: Mapping[str, Any], inputs: Inputs) -> None:
        # All of it goes along: the server empties parameters that are left out.
        body = build_schedule(dict(_keep_active(inputs, row).values))
        del body["slug"]
        await self.client.patch(_path(inputs, row["id"]), body, doing=f"change {_name(inputs)}")

    async def _delete(self, old: Stored, row: Mapping[str, Any]) -> None:
        path = _path(old.inputs, row["id"])
        await self.client.delete(path, doing=f"delete {_name(old.inputs)}")


def _path(inputs: Inputs, *parts: str) -> str:
    return path_of("deployments", inputs["deploymentId"], "schedules", *parts)


def _name(inputs: Inputs) -> str:
    return f"schedule {inputs['slug']!r} of deployment {inputs['deploymentId']}"


def _keep_active(inputs: Inputs, row: Mapping[str, Any]) -> Inputs:
    """Leave alone whether people switched it off, unless the inputs say."""
    return Inputs({"active": row["active"], **inputs.values})


def _found(id: str, row: Mapping[str, Any]) -> Found:
    return Found(id, {**parse_schedule(row), "deploymentId": id.partition("/")[0]}, {})
