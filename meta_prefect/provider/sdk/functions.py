"""
Functions of the provider: what a program may ask Prefect without managing it.

Each gives an output that holds what was found, by the API's names; with `optional` an empty one
when there is no such thing. To have a thing in the graph, use the `get` of its class instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import pulumi

Found: TypeAlias = pulumi.Output[Mapping[str, Any]]
Text: TypeAlias = pulumi.Input[str]
_CLOUD: Final = "prefect:cloud"
Options: TypeAlias = pulumi.InvokeOptions | pulumi.InvokeOutputOptions | None


def get_work_pool(name: Text, *, optional: bool = False, opts: Options = None) -> Found:
    """Look up a work pool."""
    return _ask("getWorkPool", opts, name=name, optional=optional)


def get_work_pools(
    *,
    names: Sequence[Text] | None = None,
    types: Sequence[Text] | None = None,
    opts: Options = None,
) -> Found:
    """Find work pools by name or type; a list under `found`."""
    return _ask("getWorkPools", opts, names=names, types=types)


def get_work_queue(
    work_pool_name: Text,
    name: Text = "default",
    *,
    optional: bool = False,
    opts: Options = None,
) -> Found:
    """Look up a queue of a work pool."""
    return _ask("getWorkQueue", opts, workPoolName=work_pool_name, name=name, optional=optional)


def get_work_queues(work_pool_name: Text, *, opts: Options = None) -> Found:
    """Find the queues of a work pool; a list under `found`."""
    return _ask("getWorkQueues", opts, workPoolName=work_pool_name)


def get_workers(work_pool_name: Text, *, status: Text | None = None, opts: Options = None) -> Found:
    """
    Find the workers of a work pool; a list under `found`.

    Never an input of a resource: what it gives changes every half minute.
    """
    return _ask("getWorkers", opts, workPoolName=work_pool_name, status=status)


def get_flow(
    name: Text | None = None,
    *,
    id: Text | None = None,
    optional: bool = False,
    opts: Options = None,
) -> Found:
    """Look up a flow by name or uuid."""
    return _ask("getFlow", opts, name=name, id=id, optional=optional)


def get_deployment(
    full_name: Text | None = None,
    *,
    id: Text | None = None,
    optional: bool = False,
    opts: Options = None,
) -> Found:
    """Look up a deployment by `flow/deployment` or uuid."""
    return _ask("getDeployment", opts, fullName=full_name, id=id, optional=optional)


def get_deployments(
    *,
    tags: Sequence[Text] | None = None,
    flow_name: Text | None = None,
    work_pool_name: Text | None = None,
    opts: Options = None,
) -> Found:
    """Find deployments that have all the tags; a list under `found`."""
    return _ask("getDeployments", opts, tags=tags, flowName=flow_name, workPoolName=work_pool_name)


def get_variable(
    name: Text, *, default: Any = None, optional: bool = False, opts: Options = None
) -> Found:
    """Look up a variable; `default` is its value when there is none."""
    return _ask("getVariable", opts, name=name, default=default, optional=optional)


def get_block_type(slug: Text, *, optional: bool = False, opts: Options = None) -> Found:
    """Look up a block type."""
    return _ask("getBlockType", opts, slug=slug, optional=optional)


def get_block_types(*, slugs: Sequence[Text] | None = None, opts: Options = None) -> Found:
    """Find block types; a list under `found`."""
    return _ask("getBlockTypes", opts, slugs=slugs)


def get_block_document(
    block_type_slug: Text | None = None,
    name: Text | None = None,
    *,
    id: Text | None = None,
    optional: bool = False,
    opts: Options = None,
) -> Found:
    """Look up a block by type and name, or by uuid; its secret leaves are secret."""
    return _ask(
        "getBlockDocument",
        opts,
        blockTypeSlug=block_type_slug,
        name=name,
        id=id,
        optional=optional,
    )


def get_automation(
    name: Text | None = None,
    *,
    id: Text | None = None,
    optional: bool = False,
    opts: Options = None,
) -> Found:
    """Look up an automation by uuid, or by name if only one has it."""
    return _ask("getAutomation", opts, name=name, id=id, optional=optional)


def get_global_concurrency_limit(
    name: Text, *, optional: bool = False, opts: Options = None
) -> Found:
    """Look up a global concurrency limit."""
    return _ask("getGlobalConcurrencyLimit", opts, name=name, optional=optional)


def get_tag_concurrency_limit(tag: Text, *, optional: bool = False, opts: Options = None) -> Found:
    """Look up the concurrency limit of a tag of task runs."""
    return _ask("getTagConcurrencyLimit", opts, tag=tag, optional=optional)


def get_default_base_job_template(type: Text, *, opts: Options = None) -> Found:
    """Look up the base job template that pools of a worker type have by default."""
    return _ask("getDefaultBaseJobTemplate", opts, type=type)


def get_server(*, opts: Options = None) -> Found:
    """Look at the API itself: its version, its URL, whether it is Cloud."""
    return _ask("getServer", opts)


def get_account(*, id: Text | None = None, optional: bool = False, opts: Options = None) -> Found:
    """Look up an account, by default the provider's. Only in Prefect Cloud, never tried."""
    return _ask("getAccount", opts, _CLOUD, id=id, optional=optional)


def get_account_member(email: Text, *, optional: bool = False, opts: Options = None) -> Found:
    """Look up somebody in the account, for the ids. Only in Prefect Cloud, never tried."""
    return _ask("getAccountMember", opts, _CLOUD, email=email, optional=optional)


def get_account_members(*, opts: Options = None) -> Found:
    """Find everybody in the account; a list under `found`. Only in Prefect Cloud, never tried."""
    return _ask("getAccountMembers", opts, _CLOUD)


def get_teams(*, opts: Options = None) -> Found:
    """Find the account's teams; a list under `found`. Only in Prefect Cloud, never tried."""
    return _ask("getTeams", opts, _CLOUD)


def get_workspace(
    handle: Text | None = None,
    *,
    id: Text | None = None,
    optional: bool = False,
    opts: Options = None,
) -> Found:
    """Look up a workspace of the account by handle or uuid. Only in Prefect Cloud, never tried."""
    return _ask("getWorkspace", opts, _CLOUD, handle=handle, id=id, optional=optional)


def get_workspace_role(
    name: Text | None = None,
    *,
    id: Text | None = None,
    optional: bool = False,
    opts: Options = None,
) -> Found:
    """Look up a workspace role, for its id. Only in Prefect Cloud, never tried."""
    return _ask("getWorkspaceRole", opts, _CLOUD, name=name, id=id, optional=optional)


def get_team(
    name: Text | None = None,
    *,
    id: Text | None = None,
    optional: bool = False,
    opts: Options = None,
) -> Found:
    """Look up a team by name or uuid. Only in Prefect Cloud, never tried."""
    return _ask("getTeam", opts, _CLOUD, name=name, id=id, optional=optional)


def get_service_account(
    name: Text | None = None,
    *,
    id: Text | None = None,
    optional: bool = False,
    opts: Options = None,
) -> Found:
    """Look up a service account; its key cannot be told. Only in Prefect Cloud, never tried."""
    return _ask("getServiceAccount", opts, _CLOUD, name=name, id=id, optional=optional)


def get_webhook(
    name: Text | None = None,
    *,
    id: Text | None = None,
    optional: bool = False,
    opts: Options = None,
) -> Found:
    """Look up a webhook of the workspace; its URL is secret. Only in Prefect Cloud, never tried."""
    return _ask("getWebhook", opts, _CLOUD, name=name, id=id, optional=optional)


def get_account_role(name: Text, *, optional: bool = False, opts: Options = None) -> Found:
    """Look up a role in the account, for its id. Only in Prefect Cloud, never tried."""
    return _ask("getAccountRole", opts, _CLOUD, name=name, optional=optional)


def _ask(function: str, opts: Options, room: str = "prefect:index", **arguments: Any) -> Found:
    given = {key: value for key, value in arguments.items() if value not in (None, False)}
    answer: Found = pulumi.runtime.invoke_output(f"{room}:{function}", given, opts)
    return answer
