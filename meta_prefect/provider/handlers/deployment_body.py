"""
Bodies of a deployment's requests, and what its rows mean.

Pure: which request is sent when is the part of `deployment`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from meta_prefect.provider.differences import Path
from meta_prefect.provider.handler import Values
from meta_prefect.provider.handlers.deployment_table import read_schema
from meta_prefect.provider.schedules import Schedule, build_schedule, parse_schedule, read_schedules
from meta_prefect.provider.world import empty_to_none

_BODY_KEYS: Final = {
    "entrypoint": "entrypoint",
    "path": "path",
    "pullSteps": "pull_steps",
    "parameters": "parameters",
    "parameterOpenapiSchema": "parameter_openapi_schema",
    "enforceParameterSchema": "enforce_parameter_schema",
    "workPoolName": "work_pool_name",
    "workQueueName": "work_queue_name",
    "jobVariables": "job_variables",
    "paused": "paused",
    "concurrencyLimit": "concurrency_limit",
    "globalConcurrencyLimitId": "global_concurrency_limit_id",
    "tags": "tags",
    "version": "version",
    "versionInfo": "version_info",
    "description": "description",
    "storageDocumentId": "storage_document_id",
}
_POOL_KEYS: Final = frozenset({"workPoolName", "workPoolId", "workQueueName", "jobVariables"})
_OPTION_KEYS: Final = frozenset({"collisionStrategy", "gracePeriodSeconds"})
_LIMIT_KEYS: Final = frozenset({"concurrencyLimit", "globalConcurrencyLimitId"})
_LOGINS: Final = frozenset({"access_token", "credentials", "password"})
_DEFAULT_STRATEGY: Final = "ENQUEUE"


def build_creation(values: Values, flow_id: str, labels: Values, schedules: Any) -> dict[str, Any]:
    """
    Build the body that makes a deployment, or writes all of one anew.

    labels: with the owner's. schedules: canonical; None leaves them out.
    """
    body: dict[str, Any] = {
        sent: values[key] for key, sent in _BODY_KEYS.items() if values.get(key) is not None
    }
    body |= {"name": values["name"], "flow_id": flow_id, "path": values.get("path")}
    # Without a word about the schema, the server would take parameters that do not fit.
    body["enforce_parameter_schema"] = values.get("enforceParameterSchema", True)
    if labels:
        body["labels"] = dict(labels)
    if schedules is not None:
        body["schedules"] = [build_schedule(schedule) for schedule in schedules]
    options = _build_options(values)
    if options:
        body["concurrency_options"] = options
    return body


def build_change(values: Values, changed: frozenset[str]) -> dict[str, Any]:
    """
    Build the body that changes some inputs, with the companions that the server asks for.

    Pool, queue and job variables go together: the pool alone resets the queue, the queue alone
    moves the deployment to another pool, job variables alone are not checked.
    """
    body = {sent: values.get(key) for key, sent in _BODY_KEYS.items() if key in changed}
    if changed & _POOL_KEYS:
        body["work_pool_name"] = values.get("workPoolName")
        body["work_queue_name"] = values.get("workQueueName")
        body["job_variables"] = values.get("jobVariables") or {}
    if "tags" in body:
        body["tags"] = body["tags"] or []
    if changed & _OPTION_KEYS:
        body["concurrency_options"] = _build_options(values) or {
            "collision_strategy": _DEFAULT_STRATEGY
        }
    if changed & _LIMIT_KEYS:
        _leave_one_limit(body)
    if body.get("paused", False) is None:
        del body["paused"]
    return body


def build_detachment(old: Values, new: Values) -> dict[str, Any]:
    """
    Build the change that must come before another kind of limit is set; empty when none must.

    While a shared limit is attached, a limit of one's own would change the shared one for all.
    """
    if old.get("globalConcurrencyLimitId") and new.get("concurrencyLimit"):
        return {"global_concurrency_limit_id": None}
    if old.get("concurrencyLimit") and new.get("globalConcurrencyLimitId"):
        return {"concurrency_limit": None}
    return {}


def _leave_one_limit(body: dict[str, Any]) -> None:
    """Keep the limit that is set: the server refuses both in one body, even as null."""
    if len({"concurrency_limit", "global_concurrency_limit_id"} & body.keys()) > 1:
        unset = "concurrency_limit"
        if body["concurrency_limit"] is not None:
            unset = "global_concurrency_limit_id"
        del body[unset]


def _build_options(values: Values) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if values.get("collisionStrategy") is not None or values.get("gracePeriodSeconds") is not None:
        options["collision_strategy"] = values.get("collisionStrategy") or _DEFAULT_STRATEGY
    if values.get("gracePeriodSeconds") is not None:
        options["grace_period_seconds"] = values["gracePeriodSeconds"]
    return options


def read_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Read all inputs of a deployment from what the server gives, in canonical form."""
    values = {key: row.get(sent) for key, sent in _BODY_KEYS.items() if key != "versionInfo"}
    options = row.get("concurrency_options") or {}
    shared, own = _read_limits(row)
    return {
        **values,
        "name": row["name"],
        "flowId": row["flow_id"],
        "concurrencyLimit": own,
        "globalConcurrencyLimitId": shared,
        "collisionStrategy": options.get("collision_strategy"),
        "gracePeriodSeconds": options.get("grace_period_seconds"),
        "tags": sorted(set(row.get("tags") or ())) or None,
        "labels": _own_labels(row) or None,
        "schedules": read_schedules([schedule for _, schedule in _parse_schedules(row)]),
        "parameterOpenapiSchema": read_schema(row.get("parameter_openapi_schema") or {}),
        "version": empty_to_none(row.get("version")),
        "description": empty_to_none(row.get("description")),
    }


def _read_limits(row: Mapping[str, Any]) -> tuple[str | None, int | None]:
    """Give the id of a shared limit and the deployment's own limit: at most one is there."""
    limit = row.get("global_concurrency_limit")
    if not limit:
        return None, None
    if limit["name"] == f"deployment:{row['id']}":
        return None, int(limit["limit"])
    return str(limit["id"]), None


def _own_labels(row: Mapping[str, Any]) -> dict[str, Any]:
    labels = row.get("labels") or {}
    return {key: value for key, value in labels.items() if not key.startswith("prefect.")}


def find_secret_steps(steps: Any) -> frozenset[Path]:
    """Give the path of pull steps that hold a login in clear; none when they hold none."""
    return frozenset({("pullSteps",)}) if _holds_login(steps) else frozenset()


def _holds_login(value: Any) -> bool:
    if isinstance(value, list):
        return any(_holds_login(item) for item in value)
    if not isinstance(value, Mapping):
        return False
    return any(
        (key in _LOGINS and isinstance(item, str) and "{{" not in item) or _holds_login(item)
        for key, item in value.items()
    )


def read_schedule_ids(row: Mapping[str, Any]) -> dict[str, str]:
    """Give the server's ids of the schedules by slug."""
    return {schedule["slug"]: id for id, schedule in _parse_schedules(row)}


def _parse_schedules(row: Mapping[str, Any]) -> list[tuple[str, Schedule]]:
    """Parse a row's schedules, each with its id; equal ones without a slug get numbered ones."""
    found: list[tuple[str, Schedule]] = []
    counts: Counter[str] = Counter()
    for item in row.get("schedules") or ():
        schedule = parse_schedule(item)
        counts[schedule["slug"]] += 1
        if counts[schedule["slug"]] > 1:
            schedule["slug"] += f"-{counts[schedule['slug']]}"
        found.append((item["id"], schedule))
    return found


def schedules_by_slug(schedules: list[Schedule]) -> dict[str, Schedule]:
    """Index schedules by their identity."""
    return {schedule["slug"]: schedule for schedule in schedules}
