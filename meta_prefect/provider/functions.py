"""
Functions: what a program may ask Prefect without managing it.

Reads only. Each takes the context and its opened arguments. Not to be confused with the handlers'
`read`, which is about a resource that is managed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

from meta_prefect.interfaces.provider import CheckFailure, InvokeResponse, ProviderError
from meta_prefect.interfaces.values import UNKNOWN
from meta_prefect.provider.handler import Context, Found, Inputs
from meta_prefect.provider.handlers.deployment import DeploymentHandler
from meta_prefect.provider.handlers.work_pool import WorkPoolHandler

Function: TypeAlias = Callable[[Context, Inputs], Awaitable[InvokeResponse]]

_MISSING: Final = "is required"


async def _get_default_template(context: Context, arguments: Inputs) -> InvokeResponse:
    type = arguments.get("type")
    if not isinstance(type, str):
        return _unusable("type", type, "template")
    template = await WorkPoolHandler(context).find_default_template(type)
    if template is None:
        raise ProviderError(f"there is no default template of worker type {type!r}")
    return InvokeResponse({"type": type, "template": dict(template)})


async def _get_work_pool(context: Context, arguments: Inputs) -> InvokeResponse:
    name = arguments.get("name")
    if not isinstance(name, str):
        return _unusable("name", name, *_names_of(WorkPoolHandler))
    found = await WorkPoolHandler(context).read(name, None)
    return _as_response(found, f"work pool {name!r}", arguments)


async def _get_deployment(context: Context, arguments: Inputs) -> InvokeResponse:
    id = arguments.get("id") or arguments.get("fullName")
    if not isinstance(id, str):
        return _unusable("fullName", id, *_names_of(DeploymentHandler))
    found = await DeploymentHandler(context).read(id, None)
    return _as_response(found, f"deployment {id!r}", arguments)


def _names_of(handler: type[WorkPoolHandler | DeploymentHandler]) -> tuple[str, ...]:
    kind = handler.kind
    return (*(field.name for field in kind.fields), *(output.name for output in kind.outputs))


def _unusable(name: str, value: Any, *results: str) -> InvokeResponse:
    """Answer for an argument that is unknown, or not there."""
    if value is UNKNOWN:
        return InvokeResponse(dict.fromkeys(results, UNKNOWN))
    return InvokeResponse({}, (CheckFailure(name, _MISSING),))


def _as_response(found: Found | None, noun: str, arguments: Inputs) -> InvokeResponse:
    if found is None and not arguments.get("optional"):
        raise ProviderError(f"there is no {noun}")
    if found is None:
        return InvokeResponse({})
    known = {**found.inputs, **found.outputs, "id": found.id}
    return InvokeResponse({key: value for key, value in known.items() if value is not None})


FUNCTIONS: Final[Mapping[str, Function]] = {
    "prefect:index:getDefaultBaseJobTemplate": _get_default_template,
    "prefect:index:getDeployment": _get_deployment,
    "prefect:index:getWorkPool": _get_work_pool,
}
"""By token."""
