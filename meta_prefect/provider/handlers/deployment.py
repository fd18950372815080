"""
Deployments: three routes for a change, chosen by what changed, as each write has side effects.

Any write of a deployment deletes its future automatic runs, so nothing is sent when nothing
differs, and schedules alone go by their own route. `deployment_table` says what the fields are.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from meta_prefect.interfaces.diagnostics import Severity
from meta_prefect.interfaces.provider import (
    CheckFailure,
    PartlyDone,
    ProviderError,
    ReadRequest,
)
from meta_prefect.interfaces.values import UNKNOWN
from meta_prefect.provider.adoption import refuse_itself
from meta_prefect.provider.batches import DEPLOYMENTS, FLOWS, WORK_POOLS, FilterRoute
from meta_prefect.provider.comparison import find_unsettled
from meta_prefect.provider.fields import ResourceKind
from meta_prefect.provider.flow_book import find_flow
from meta_prefect.provider.handler import (
    Context,
    Found,
    Handler,
    Inputs,
    Inspection,
    Made,
    Stored,
    Values,
)
from meta_prefect.provider.handlers.deployment_body import (
    build_change,
    build_creation,
    build_detachment,
    find_secret_steps,
    read_row,
    read_schedule_ids,
)
from meta_prefect.provider.handlers.deployment_table import DEPLOYMENT
from meta_prefect.provider.handlers.schedule_writer import ScheduleWriter
from meta_prefect.provider.parameters import find_misfits, has_templates
from meta_prefect.provider.read_ahead import Lookup
from meta_prefect.provider.schedules import Schedule, keep_active
from meta_prefect.provider.settings import Adoption
from meta_prefect.provider.world import is_uuid, path_of, read_created

_DEFAULT_QUEUE: Final = "default"
_MOST_PARAMETER_BYTES: Final = 512 * 1024
_WITHOUT_PATCH: Final = frozenset({"schedules", "labels"})


class DeploymentHandler(Handler):
    """Manages deployments; the Pulumi id is the deployment's uuid."""

    kind: ClassVar[ResourceKind] = DEPLOYMENT
    batch: ClassVar[FilterRoute | None] = DEPLOYMENTS

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._with_schedules: set[str] = set()

    async def complete(self, urn: str, values: dict[str, Any]) -> dict[str, Any]:
        """Fill in the default queue: the server takes it for a pool without a queue."""
        if values.get("workPoolName") is not None:
            values.setdefault("workQueueName", _DEFAULT_QUEUE)
        return values

    def judge(self, urn: str, values: Values) -> Iterator[CheckFailure]:
        """Find what the server would refuse, or take and fail on later."""
        if ("flowId" in values) == ("flowName" in values):
            yield CheckFailure("", "exactly one of flowId and flowName is needed")
        if "workQueueName" in values and "workPoolName" not in values:
            yield CheckFailure("workQueueName", "needs workPoolName")
        if "concurrencyLimit" in values and "globalConcurrencyLimitId" in values:
            reason = "excludes globalConcurrencyLimitId: a deployment has one limit"
            yield CheckFailure("concurrencyLimit", reason)
        yield from _judge_parameters(values)

    async def inspect(self, urn: str, values: Values) -> Inspection:
        """Take a pull step's login for a secret, unless it says where the worker finds one."""
        if "schedules" in values:
            self._with_schedules.add(urn)
        return Inspection(secrets=find_secret_steps(values.get("pullSteps")))

    def foresee_create(self, urn: str, inputs: Inputs) -> Values:
        """Foresee the names; ids are unknown."""
        foreseen = dict(super().foresee_create(urn, inputs))
        if "flowName" in inputs.values and inputs.knows("flowName", "name"):
            foreseen["fullName"] = f"{inputs['flowName']}/{inputs['name']}"
        foreseen["flowId"] = inputs.get("flowId", UNKNOWN)
        return foreseen

    def foresee_update(self, old: Stored, new: Inputs) -> Values:
        """Foresee the outputs: only another queue or other schedules change some."""
        outputs = dict(old.outputs)
        for key, sources in (
            ("workQueueId", ("workPoolName", "workPoolId", "workQueueName")),
            ("scheduleIds", ("schedules", "labels")),
        ):
            if any(old.inputs.get(source) != new.get(source) for source in sources):
                outputs[key] = UNKNOWN
        return outputs

    def find_drift(self, old: Stored) -> frozenset[str]:
        """Note who owns the schedules: each deployment that is not new is compared."""
        self._own_schedules(old.id, old.urn)
        return frozenset()

    def _own_schedules(self, id: str, urn: str) -> None:
        """Note whether a deployment manages its whole list, next to which no other may be."""
        if urn in self._with_schedules:
            self.schedule_owners[id] = urn

    async def create(self, urn: str, inputs: Inputs) -> Made:
        """Make the deployment, or take over one that is this resource's already."""
        flow_id = await self._find_flow_id(inputs)
        existing = await self.flows.find_deployment(flow_id, inputs["name"])
        if existing is not None:
            self._allow_adoption(urn, existing)
        row = await self._post(urn, inputs, flow_id, existing)
        self._own_schedules(row["id"], urn)
        outputs, reasons = await self._settle(row, inputs)
        if reasons:
            raise PartlyDone(row["id"], outputs, inputs.values, reasons)
        return Made(row["id"], outputs)

    async def read(self, id: str, stored: Stored | None) -> Found | None:
        """Look at it by id, or by flow and name for an import."""
        if is_uuid(id):
            row = await self.client.find_in_batch(DEPLOYMENTS, id)
        else:
            flow, _, name = id.partition("/")
            row = await self.client.find(
                path_of("deployments", "name", flow, name), doing=f"look for deployment {id!r}"
            )
        if row is None:
            return None
        if stored is not None:
            return await self._found(row, stored.inputs)
        return await self._with_pool_id(await self._found(row))

    def list_lookups(self, request: ReadRequest) -> Iterator[Lookup]:
        """List the deployment and its flow, whose labels are told from those of its own."""
        yield DEPLOYMENTS, request.id
        flow_id = request.properties.get("flowId")
        if isinstance(flow_id, str):
            yield FLOWS, flow_id

    async def update(self, old: Stored, new: Inputs, changed: frozenset[str]) -> Values:
        """Change it by the least of the three routes."""
        row = await self._read(old.id, new)
        await self._detach(old, new)
        holds_templates = has_templates([old.inputs.get("parameters"), new.get("parameters")])
        body = build_change(new.values, changed - _WITHOUT_PATCH)
        if body and not holds_templates:
            await self._patch(old.id, new, body)
        # PATCH refuses labels, and would resolve what Prefect should resolve for each run.
        if "labels" in changed or (body and holds_templates):
            row = await self._post(old.urn, new, row["flow_id"], row)
        else:
            if "schedules" in changed:
                await ScheduleWriter(self.client, row).change_to(new.get("schedules") or [])
            row = await self._read(old.id, new)
        outputs, reasons = await self._settle(row, new)
        if reasons:
            raise PartlyDone(old.id, outputs, new.values, reasons)
        return outputs

    async def delete(self, old: Stored) -> None:
        """Delete it with its schedules, future runs and own limit; past runs stay."""
        path = path_of("deployments", old.id)
        await self.client.delete(path, doing=f"delete deployment {old.inputs['name']!r}")

    async def find_created(self, urn: str, inputs: Inputs) -> Found | bool:
        """Look for a deployment of this flow and name."""
        flow_id = inputs.get("flowId")
        if flow_id is None:
            flow = await find_flow(self.client, inputs["flowName"])
            if flow is None:
                return False
            flow_id = flow["id"]
        row = await self.flows.find_deployment(flow_id, inputs["name"])
        return False if row is None else await self._found(row)

    async def _find_flow_id(self, inputs: Inputs) -> str:
        if "flowId" in inputs.values:
            return str(inputs["flowId"])
        return str((await self.flows.ensure(inputs["flowName"]))["id"])

    async def _read(self, id: str, inputs: Inputs) -> Mapping[str, Any]:
        row = await self.client.find_in_batch(DEPLOYMENTS, id)
        if row is None:
            raise ProviderError(
                f"deployment {inputs['name']!r} is gone: a refresh makes the next up create it"
            )
        return row

    def _allow_adoption(self, urn: str, row: Mapping[str, Any]) -> None:
        refuse_itself(self, urn, f"deployment {row['name']!r}")
        name, owner = row["name"], (row.get("labels") or {}).get(self.settings.owner_label)
        if self.settings.adopt is Adoption.OWN and owner == urn:
            return
        if self.settings.adopt is Adoption.ALWAYS:
            text = f"deployment {name} existed and is managed from now on"
            self.log(Severity.WARNING, urn, text)
            return
        raise ProviderError(
            f"deployment {name!r} of this flow exists already: import it by its id {row['id']}, or "
            "set adopt to always"
        )

    async def _post(
        self, urn: str, inputs: Inputs, flow_id: str, existing: Mapping[str, Any] | None
    ) -> Mapping[str, Any]:
        """
        Write the whole deployment, and give what is there afterwards.

        That wipes schedules it does not get, so those of `existing` go along if none are managed.
        """
        schedules = inputs.get("schedules")
        if existing is not None:
            schedules = keep_active(schedules, read_row(existing)["schedules"])
        labels = dict(inputs.get("labels") or {})
        if self.settings.owner_label:
            labels[self.settings.owner_label] = urn
        body = build_creation(inputs.values, flow_id, labels, schedules)
        doing = f"write deployment {inputs['name']!r}"
        row: Mapping[str, Any] = await self.client.post("/deployments/", body, doing=doing)
        # This route drops the number of runs to schedule without a word.
        dropped = [item for item in schedules or () if item.get("maxScheduledRuns") is not None]
        return await self._remake_schedules(row, inputs, dropped) if dropped else row

    async def _remake_schedules(
        self, row: Mapping[str, Any], inputs: Inputs, schedules: list[Schedule]
    ) -> Mapping[str, Any]:
        """Make schedules of a written deployment again; what fails then leaves a part done."""
        writer = ScheduleWriter(self.client, row)
        try:
            for schedule in schedules:
                await writer.remake(schedule)
            return await self._read(row["id"], inputs)
        except ProviderError as error:
            # With the schedules as they are now, the next comparison finds what is missing.
            found = await self._found(row, inputs)
            values = {**inputs.values, "schedules": found.inputs["schedules"]}
            raise PartlyDone(row["id"], found.outputs, values, (str(error),)) from error

    async def _patch(self, id: str, inputs: Inputs, body: Mapping[str, Any]) -> None:
        doing = f"change deployment {inputs['name']!r}"
        await self.client.patch(path_of("deployments", id), body, doing=doing)

    async def _detach(self, old: Stored, new: Inputs) -> None:
        body = build_detachment(old.inputs.values, new.values)
        if body:
            await self._patch(old.id, new, body)

    async def _settle(
        self, row: Mapping[str, Any], inputs: Inputs
    ) -> tuple[Values, tuple[str, ...]]:
        """Look at what a write left behind: the outputs, and what the server did not take."""
        found = await self._found(row, inputs)
        unsettled = find_unsettled(self.kind, inputs.values, found.inputs)
        return found.outputs, tuple(f"the server did not take {key}" for key in unsettled)

    async def _found(self, row: Mapping[str, Any], inputs: Inputs | None = None) -> Found:
        """
        Read a row.

        inputs: what is known of it, so that a label of ours is told from the flow's.
        """
        values = read_row(row)
        flow = await self.flows.find(row["flow_id"]) or {}
        inherited = {*(flow.get("labels") or {}), self.settings.owner_label}
        declared = (inputs.get("labels") or {}) if inputs else {}
        values["labels"] = {
            key: value
            for key, value in (values["labels"] or {}).items()
            if key in declared or key not in inherited
        } or None
        values["flowName"] = flow.get("name")
        outputs = self._outputs(row, flow.get("name") or row["flow_id"])
        secrets = find_secret_steps(values["pullSteps"])
        return Found(row["id"], values, outputs, secrets, repeated=frozenset({"flowName"}))

    async def _with_pool_id(self, found: Found) -> Found:
        """Add the id of the pool, which deployments do not tell, for an import."""
        name = found.inputs["workPoolName"]
        pool = await self.client.find_in_batch(WORK_POOLS, name) if name else None
        id = pool["id"] if pool else None
        return dataclasses.replace(found, inputs={**found.inputs, "workPoolId": id})

    def _outputs(self, row: Mapping[str, Any], flow_name: str) -> dict[str, Any]:
        return {
            "deploymentId": row["id"],
            "fullName": f"{flow_name}/{row['name']}",
            "flowId": row["flow_id"],
            "workQueueId": row.get("work_queue_id"),
            "scheduleIds": read_schedule_ids(row),
            "uiUrl": f"{self.settings.ui_url}/deployments/deployment/{row['id']}",
            "created": read_created(row),
        }


def _judge_parameters(values: Values) -> Iterator[CheckFailure]:
    parameters, schema = values.get("parameters"), values.get("parameterOpenapiSchema")
    if not isinstance(parameters, Mapping) or not isinstance(schema, Mapping):
        return
    if len(json.dumps(parameters, default=str)) > _MOST_PARAMETER_BYTES:
        yield CheckFailure("parameters", "are larger than 512 KiB")
    if values.get("enforceParameterSchema") is not False:
        for path, reason in find_misfits(parameters, schema):
            yield CheckFailure(f"parameters.{path}".rstrip("."), reason)
