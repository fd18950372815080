"""
Searches: functions that find many things by what they have in common.

Each gives a list under `found`, with the fields that tell the things apart; a lookup gives the
rest of one. Not to be confused with `lookups`, which find one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from meta_prefect.interfaces.values import PropertyMap
from meta_prefect.provider.client_connection import Row
from meta_prefect.provider.fields import Field, FieldType, Output
from meta_prefect.provider.functions import Function, argument
from meta_prefect.provider.handler import Context, Values
from meta_prefect.provider.world import path_of

_Build = Callable[[Values], tuple[str, Mapping[str, Any]]]


def _search(name: str, doc: str, build: _Build, keys: Mapping[str, str], *given: Field) -> Function:
    """
    Make a search.

    build: gives route and body. keys: what is told of a thing, by the row's key.
    """

    async def answer(context: Context, values: Values) -> PropertyMap:
        path, body = build(values)
        rows = await context.client.list_all(path, body, doing=f"{doc[0].lower()}{doc[1:-1]}")
        return {"found": [_tell(row, keys) for row in rows]}

    told = ", ".join(f"`{key}`" for key in keys)
    results = (Output("found", FieldType.LIST, f"Each with {told}."),)
    return Function(f"prefect:index:{name}", doc, given, results, answer)


def _tell(row: Row, keys: Mapping[str, str]) -> dict[str, Any]:
    return {told: row.get(key) for told, key in keys.items()}


def _criteria(**wanted: Any) -> dict[str, Any]:
    """Build criteria `ENTITY__FIELD__OPERATOR` of a filter; those without a value are left out."""
    body: dict[str, Any] = {}
    for path, value in wanted.items():
        if value:
            entity, field, operator = path.split("__")
            body.setdefault(entity, {})[field] = {operator: value}
    return body


def _pools(values: Values) -> tuple[str, Mapping[str, Any]]:
    body = _criteria(work_pools__name__any_=values["names"], work_pools__type__any_=values["types"])
    return "/work_pools/filter", body


def _queues(values: Values) -> tuple[str, Mapping[str, Any]]:
    return path_of("work_pools", values["workPoolName"], "queues", "filter"), {}


def _workers(values: Values) -> tuple[str, Mapping[str, Any]]:
    statuses = [values["status"]] if values["status"] else []
    body = _criteria(workers__status__any_=statuses)
    return path_of("work_pools", values["workPoolName"], "workers", "filter"), body


def _deployments(values: Values) -> tuple[str, Mapping[str, Any]]:
    body = _criteria(
        deployments__tags__all_=values["tags"],
        flows__name__any_=_one(values["flowName"]),
        work_pools__name__any_=_one(values["workPoolName"]),
    )
    return "/deployments/filter", body


def _block_types(values: Values) -> tuple[str, Mapping[str, Any]]:
    return "/block_types/filter", _criteria(block_types__slug__any_=values["slugs"])


def _one(value: str | None) -> list[str]:
    return [value] if value else []


_POOL_NAME: Final = argument("workPoolName", "Name of the pool.", required=True)
_COMMON: Final = {"id": "id", "name": "name"}

SEARCHES: Final = (
    _search(
        "getWorkPools",
        "Find work pools by name or type.",
        _pools,
        {
            **_COMMON,
            "type": "type",
            "description": "description",
            "paused": "is_paused",
            "concurrencyLimit": "concurrency_limit",
            "defaultQueueId": "default_queue_id",
        },
        Field("names", FieldType.STRING_LIST, "Names; default: all."),
        Field("types", FieldType.STRING_LIST, "Worker types; default: all."),
    ),
    _search(
        "getWorkQueues",
        "Find the queues of a work pool.",
        _queues,
        {
            **_COMMON,
            "description": "description",
            "priority": "priority",
            "paused": "is_paused",
            "concurrencyLimit": "concurrency_limit",
        },
        _POOL_NAME,
    ),
    _search(
        "getWorkers",
        "Find the workers of a work pool; what it gives changes every half minute.",
        _workers,
        {"name": "name", "status": "status", "lastHeartbeat": "last_heartbeat_time"},
        _POOL_NAME,
        argument("status", "`ONLINE` or `OFFLINE`; default: both."),
    ),
    _search(
        "getDeployments",
        "Find deployments by tags, flow or pool.",
        _deployments,
        {**_COMMON, "flowId": "flow_id", "tags": "tags", "workPoolName": "work_pool_name"},
        Field("tags", FieldType.STRING_LIST, "Tags that each has; default: any."),
        argument("flowName", "Name of the flow; default: any."),
        argument("workPoolName", "Name of the pool; default: any."),
    ),
    _search(
        "getBlockTypes",
        "Find block types.",
        _block_types,
        {**_COMMON, "slug": "slug", "description": "description"},
        Field("slugs", FieldType.STRING_LIST, "Slugs; default: all."),
    ),
)
