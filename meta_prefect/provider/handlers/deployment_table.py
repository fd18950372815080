"""
The table of a deployment: its inputs and outputs.

`deployment` has the requests, `deployment_body` turns values into bodies and back.

What each field of a prefect.yaml becomes (`prefect/cli/deploy/_models.py` of Prefect 3.8.8):

================================== ===========================================================
name                               nothing; it is for people
prefect-version                    nothing; it is for people
build                              nothing: steps of the command, not of the deployment
push                               nothing: steps of the command, not of the deployment
pull                               pullSteps of deployments without their own
deployments[].name                 name
deployments[].version              version; not given there, Prefect takes the flow's
deployments[].version_type         versionInfo; kept by Prefect Cloud only
deployments[].tags                 tags
deployments[].description          description; not given there, Prefect takes the docstring
deployments[].schedule             schedules, with one member
deployments[].schedules            schedules; an empty list means none here, and nothing there
deployments[].paused               paused
deployments[].concurrency_limit    concurrencyLimit, or the three fields below
deployments[].flow_name            nothing: Prefect takes the flow's own; here flowName or flowId
deployments[].entrypoint           entrypoint
deployments[].parameters           parameters
deployments[].enforce_parameter_schema enforceParameterSchema
deployments[].build                nothing: steps of the command, not of the deployment
deployments[].push                 nothing: steps of the command, not of the deployment
deployments[].pull                 pullSteps
deployments[].work_pool            the three fields below
deployments[].triggers             an Automation for each, which deploying again does not renew
deployments[].sla                  a ResourceSla; Prefect Cloud only
work_pool.name                     workPoolName
work_pool.work_queue_name          workQueueName
work_pool.job_variables            jobVariables
concurrency_limit.limit            concurrencyLimit
concurrency_limit.collision_strategy collisionStrategy
concurrency_limit.grace_period_seconds gracePeriodSeconds
schedules[].cron                   schedules[].cron
schedules[].interval               schedules[].interval
schedules[].rrule                  schedules[].rrule
schedules[].timezone               schedules[].timezone
schedules[].anchor_date            schedules[].anchorDate
schedules[].active                 schedules[].active; not given, what people set stays
schedules[].parameters             schedules[].parameters
schedules[].slug                   schedules[].slug
schedules[].replaces               nothing: the slug is the identity
schedules[].day_or                 schedules[].dayOr
================================== ===========================================================

Without a field there: labels, maxScheduledRuns, globalConcurrencyLimitId, storageDocumentId. Of
what the server's route takes only infrastructure_document_id has no input: nobody reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from meta_prefect.provider.fields import Change, Field, FieldType, Output, ResourceKind
from meta_prefect.provider.names import read_name
from meta_prefect.provider.schedules import align_schedules, read_schedules, slug_of
from meta_prefect.provider.world import empty_to_none

_STRATEGIES: Final = ("ENQUEUE", "CANCEL_NEW")
_SHORTEST_GRACE_SECONDS: Final = 60
_LONGEST_GRACE_SECONDS: Final = 86_400


def _read_own_limit(value: int) -> int:
    if value < 1:
        raise ValueError("must be 1 or more")
    return value


def _read_strategy(value: str) -> str:
    if value not in _STRATEGIES:
        raise ValueError(f"must be {' or '.join(_STRATEGIES)}")
    return value


def _read_grace(value: int) -> int:
    if not _SHORTEST_GRACE_SECONDS <= value <= _LONGEST_GRACE_SECONDS:
        limits = f"{_SHORTEST_GRACE_SECONDS} to {_LONGEST_GRACE_SECONDS}"
        raise ValueError(f"must be {limits} seconds")
    return value


def read_schema(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give a schema of parameters: an empty one is none, and so are empty definitions in it."""
    told = {key: item for key, item in value.items() if key != "definitions" or item}
    return told or {"type": "object", "properties": {}}


DEPLOYMENT: Final = ResourceKind(
    token="prefect:index:Deployment",  # noqa: S106 - a type's name
    doc="A flow with the place of its code, parameters, schedules and work pool. Only its name and "
    "its flow replace it; everything else changes in place.",
    fields=(
        Field(
            "name",
            FieldType.STRING,
            "Name of the deployment.",
            required=True,
            change=Change.REPLACE,
            canonical=read_name,
        ),
        Field(
            "flowId",
            FieldType.STRING,
            "The flow's id; this or `flowName`.",
            left_alone=True,
            change=Change.REPLACE,
        ),
        Field(
            "flowName",
            FieldType.STRING,
            "The flow's name; the flow is made when it is missing.",
            left_alone=True,
            change=Change.REPLACE,
            canonical=read_name,
        ),
        Field("entrypoint", FieldType.STRING, "`path.py:function` or `module.function`."),
        Field(
            "path", FieldType.STRING, "Folder of the code; default: none, the pull steps say it."
        ),
        Field("pullSteps", FieldType.LIST, "Steps that fetch the code.", default=[]),
        Field(
            "parameters",
            FieldType.OBJECT,
            "Parameters of each run, JSON values by name.",
            default={},
        ),
        Field(
            "parameterOpenapiSchema",
            FieldType.OBJECT,
            "JSON schema of the parameters.",
            default={},
            canonical=read_schema,
        ),
        Field(
            "enforceParameterSchema",
            FieldType.BOOLEAN,
            "Refuse runs whose parameters do not fit.",
            default=True,
        ),
        Field("workPoolName", FieldType.STRING, "Pool that runs it; default: none, it is served."),
        Field(
            "workPoolId",
            FieldType.STRING,
            "The pool's `workPoolId`: a pool made anew is linked again.",
            left_alone=True,
        ),
        Field(
            "workQueueName",
            FieldType.STRING,
            "Queue of the pool; default: `default`.",
        ),
        Field(
            "jobVariables",
            FieldType.OBJECT,
            "Values for the variables of the pool's template.",
            default={},
        ),
        Field(
            "schedules",
            FieldType.LIST,
            "The whole list of schedules; not given: they are not managed here. Each has `slug` "
            "(default: made from the rest), one of `cron` (with `dayOr`), `interval` (seconds or "
            "`PT1H`, with `anchorDate`) and `rrule`, and `timezone`, `active` (not given: left as "
            "it is), `parameters`, `maxScheduledRuns`.",
            left_alone=True,
            canonical=read_schedules,
            identity=slug_of,
            align=align_schedules,
        ),
        Field(
            "paused",
            FieldType.BOOLEAN,
            "Make no scheduled runs; not given: left as it is.",
            default=False,
            left_alone=True,
        ),
        Field(
            "concurrencyLimit",
            FieldType.INTEGER,
            "Runs at once, 1 or more; default: no limit.",
            canonical=_read_own_limit,
        ),
        Field(
            "collisionStrategy",
            FieldType.STRING,
            "At the limit, `ENQUEUE` or `CANCEL_NEW`.",
            canonical=_read_strategy,
        ),
        Field(
            "gracePeriodSeconds",
            FieldType.INTEGER,
            "Seconds a slot is held for a run that does not start, 60 to 86,400.",
            canonical=_read_grace,
        ),
        Field(
            "globalConcurrencyLimitId",
            FieldType.STRING,
            "A limit shared with others; not with `concurrencyLimit`.",
        ),
        Field("tags", FieldType.STRING_SET, "Set of tags.", identity=str),
        Field(
            "labels",
            FieldType.OBJECT,
            "Text, numbers or booleans by name.",
        ),
        Field("version", FieldType.STRING, "Version of the flow.", canonical=empty_to_none),
        Field(
            "versionInfo",
            FieldType.OBJECT,
            "`type` and `version` with more; kept by Prefect Cloud only.",
        ),
        Field("description", FieldType.STRING, "For people; Markdown.", canonical=empty_to_none),
        Field("storageDocumentId", FieldType.STRING, "Block with the code (legacy)."),
    ),
    outputs=(
        Output("deploymentId", FieldType.STRING, "The deployment's uuid."),
        Output("fullName", FieldType.STRING, "`flow/deployment`."),
        Output("flowId", FieldType.STRING, "The flow's uuid."),
        Output("workQueueId", FieldType.STRING, "Uuid of the queue.", stable=False, optional=True),
        Output("scheduleIds", FieldType.STRING_MAP, "Ids of the schedules by slug.", stable=False),
        Output("uiUrl", FieldType.STRING, "Page for people."),
        Output("created", FieldType.STRING, "When the deployment was made, UTC."),
    ),
    import_id="uuid or FLOW/DEPLOYMENT",
)
