"""
Lookups: functions that find one thing by its name, or by whatever else tells it.

Each gives what an import of the thing would find. A missing thing is an error with names that are
close, unless it may be missing. Not to be confused with `searches`, which find many.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, Final

from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.interfaces.values import PropertyMap
from meta_prefect.provider.boundary import close_values
from meta_prefect.provider.fields import Field, FieldType, Output
from meta_prefect.provider.functions import OPTIONAL, Function, argument, result_of
from meta_prefect.provider.handler import Context, Handler, Values
from meta_prefect.provider.handlers.automation import AutomationHandler
from meta_prefect.provider.handlers.block_document import BlockDocumentHandler
from meta_prefect.provider.handlers.block_type import BlockTypeHandler
from meta_prefect.provider.handlers.deployment import DeploymentHandler
from meta_prefect.provider.handlers.flow import FlowHandler
from meta_prefect.provider.handlers.global_concurrency_limit import GlobalConcurrencyLimitHandler
from meta_prefect.provider.handlers.tag_concurrency_limit import TagConcurrencyLimitHandler
from meta_prefect.provider.handlers.variable import VariableHandler
from meta_prefect.provider.handlers.work_pool import WorkPoolHandler
from meta_prefect.provider.handlers.work_queue import WorkQueueHandler
from meta_prefect.provider.listings import LISTINGS, list_page
from meta_prefect.provider.templates import hash_template

_ID: Final = argument("id", "Its uuid; this or the name.")


def first_of(*names: str) -> Callable[[Values], str]:
    """Make a reader of the import id: the first argument that is given."""
    return lambda values: next((values[name] for name in names if values[name]), "")


def _joined(first: str, second: str, id: str = "") -> Callable[[Values], str]:
    """Make a reader of an import id with a slash in it, or of the uuid if that is given."""
    return lambda values: values.get(id) or f"{values[first] or ''}/{values[second] or ''}"


def build_lookup(
    handler: type[Handler], noun: str, find_id: Callable[[Values], str], *arguments: Field
) -> Function:
    """Make a function that finds a thing of a handler's kind; `find_id` gives its import id."""
    kind = handler.kind
    room = kind.token.rpartition(":")[0]
    results = (*map(result_of, kind.fields), *kind.outputs)

    async def answer(context: Context, values: Values) -> PropertyMap:
        id = find_id(values)
        found = await handler(context).read(id, None) if id.strip("/") else None
        if found is not None:
            known = {**found.inputs, **found.outputs, "id": found.id}
            told = {key: value for key, value in known.items() if value is not None}
            return close_values(told, kind, found.secrets)
        if values["optional"]:
            return {}
        raise ProviderError(f"there is no {noun} {id!r}{await _suggest(context, kind.token, id)}")

    return Function(
        f"{room}:get{kind.name}",
        f"Look up a {noun}.",
        (*arguments, OPTIONAL),
        (Output("id", FieldType.STRING, "Its id."), *results),
        answer,
    )


async def _suggest(context: Context, type: str, id: str) -> str:
    """Name what is called nearly so; empty when nothing is."""
    if type not in LISTINGS:
        return ""
    page = await list_page(context.client, type)
    names = sorted({item.name for item in page.found})
    close = get_close_matches(id.rpartition("/")[2], names, n=3)
    return f"; there is {', '.join(map(repr, close))}" if close else ""


async def _find_template(context: Context, values: Values) -> PropertyMap:
    type = values["type"]
    template = await WorkPoolHandler(context).find_default_template(type)
    if template is None:
        raise ProviderError(f"there is no default template of worker type {type!r}")
    return {"type": type, "template": dict(template), "templateHash": hash_template(template)}


async def _find_server(context: Context, values: Values) -> PropertyMap:
    del values
    settings = context.settings
    version = await context.client.find("/admin/version", doing="ask for the server's version")
    told: dict[str, Any] = {"version": version, "apiUrl": settings.api_url}
    return {**told, "uiUrl": settings.ui_url, "isCloud": settings.is_cloud}


async def _find_variable(context: Context, values: Values) -> PropertyMap:
    found = await _VARIABLE.answer(
        context, {**values, "optional": values["optional"] or values["default"] is not None}
    )
    if found or values["default"] is None:
        return found
    return {"name": values["name"], "value": values["default"]}


_VARIABLE: Final = build_lookup(
    VariableHandler, "variable", first_of("name"), argument("name", "Name.", required=True)
)

LOOKUPS: Final = (
    build_lookup(
        WorkPoolHandler, "work pool", first_of("name"), argument("name", "Name.", required=True)
    ),
    build_lookup(
        WorkQueueHandler,
        "work queue",
        _joined("workPoolName", "name"),
        argument("workPoolName", "Name of its pool.", required=True),
        argument("name", "Name of the queue.", default="default"),
    ),
    build_lookup(FlowHandler, "flow", first_of("id", "name"), argument("name", "Name."), _ID),
    build_lookup(
        DeploymentHandler,
        "deployment",
        first_of("id", "fullName"),
        argument("fullName", "`flow/deployment`."),
        _ID,
    ),
    Function(
        _VARIABLE.token,
        _VARIABLE.doc,
        (
            *_VARIABLE.arguments,
            Field("default", FieldType.ANY, "Value to give when there is no such variable."),
        ),
        _VARIABLE.results,
        _find_variable,
    ),
    build_lookup(
        BlockTypeHandler, "block type", first_of("slug"), argument("slug", "Slug.", required=True)
    ),
    build_lookup(
        BlockDocumentHandler,
        "block",
        _joined("blockTypeSlug", "name", "id"),
        argument("blockTypeSlug", "Slug of its type; with the name."),
        argument("name", "Name of the block."),
        _ID,
    ),
    build_lookup(
        AutomationHandler,
        "automation",
        first_of("id", "name"),
        argument("name", "Name, if only one has it."),
        _ID,
    ),
    build_lookup(
        GlobalConcurrencyLimitHandler,
        "global concurrency limit",
        first_of("name"),
        argument("name", "Name.", required=True),
    ),
    build_lookup(
        TagConcurrencyLimitHandler,
        "concurrency limit of tag",
        first_of("tag"),
        argument("tag", "Tag of task runs.", required=True),
    ),
    Function(
        "prefect:index:getDefaultBaseJobTemplate",
        "Look up the base job template that pools of a worker type have by default.",
        (argument("type", "Worker type, such as `process`.", required=True),),
        (
            Output("type", FieldType.STRING, "The worker type."),
            Output("template", FieldType.OBJECT, "`job_configuration` and `variables`."),
            Output("templateHash", FieldType.STRING, "Hash of the template."),
        ),
        _find_template,
    ),
    Function(
        "prefect:index:getServer",
        "Look at the API itself.",
        (),
        (
            Output("version", FieldType.STRING, "The server's version; Cloud tells none."),
            Output("apiUrl", FieldType.STRING, "URL of the API."),
            Output("uiUrl", FieldType.STRING, "Page for people."),
            Output("isCloud", FieldType.BOOLEAN, "Whether it is Prefect Cloud."),
        ),
        _find_server,
    ),
)
