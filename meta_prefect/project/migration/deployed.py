"""
What Prefect has already of the deployments in a file. Only reads.

Not to be confused with `project.place`, which says which Prefect that is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from meta_prefect.project.migration.records import Deployed

if TYPE_CHECKING:
    from meta_prefect.provider.client import PrefectClient


@dataclass(frozen=True, slots=True)
class Snapshot:
    """
    A look into Prefect.

    pools: types of the work pools, by name.
    deployments: by the flow's name and their own.
    """

    pools: Mapping[str, str] = field(default_factory=dict)
    deployments: Mapping[tuple[str, str], Deployed] = field(default_factory=dict)


def look_into_prefect(
    profile: str, environment: Mapping[str, str], names: Sequence[str]
) -> Snapshot:
    """
    Look for deployments of some names; nothing is there where no Prefect is configured.

    Raises:
        MetaPrefectError: the profile does not exist, or the URL will not do.
        ProviderError: Prefect does not answer.
    """
    from meta_prefect.project.place import resolve_provider_settings
    from meta_prefect.provider.client import PrefectClient

    settings = resolve_provider_settings(profile, environment)
    if not settings.api_url:
        return Snapshot()

    async def look() -> Snapshot:
        client = PrefectClient(settings, lambda *_: None)
        try:
            return await read_snapshot(client, names)
        finally:
            await client.close()

    return asyncio.run(look())


async def read_snapshot(client: PrefectClient, names: Sequence[str]) -> Snapshot:
    """Read work pools, and deployments of some names with their automations."""
    pools = await client.list_all("/work_pools/filter", {}, doing="list work pools")
    wanted = {"deployments": {"name": {"any_": list(names)}}}
    rows = await client.list_all("/deployments/filter", wanted, doing="look for deployments")
    ids = sorted({row["flow_id"] for row in rows})
    by_id = {"flows": {"id": {"any_": ids}}}
    flows = await client.list_all("/flows/filter", by_id, doing="look for flows") if ids else []
    flow_names = {flow["id"]: flow["name"] for flow in flows}
    automations = await client.list_all("/automations/filter", {}, doing="list automations")
    return Snapshot(
        {pool["name"]: pool["type"] for pool in pools},
        {
            (flow_names.get(row["flow_id"], ""), row["name"]): _build_deployed(row, automations)
            for row in rows
        },
    )


def _build_deployed(row: Mapping[str, Any], automations: Sequence[Mapping[str, Any]]) -> Deployed:
    """Put a deployment together with the automations that run it."""
    rules = {
        item["name"]: item
        for item in automations
        for action in item["actions"]
        if action.get("deployment_id") == row["id"]
    }
    return Deployed(row, {name: rule["id"] for name, rule in rules.items()}, rules)
