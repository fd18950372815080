"""
The flow book: the flows that one operation meets, each asked for once.

A flow's name and labels never change, so a row that was read once serves all deployments of the
flow; and a flow that was made just now has no deployments to look for. Not to be confused with the
handler of flows, which manages them.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.provider.batches import FLOWS
from meta_prefect.provider.client import PrefectClient
from meta_prefect.provider.client_connection import Row
from meta_prefect.provider.world import path_of

_CREATED_FIELDS = ("name", "tags", "labels")


class FlowBook:
    """Remembers flows by id and by name, as long as one provider is configured."""

    def __init__(self, client: PrefectClient) -> None:
        """Begin with an empty book."""
        self._client = client
        self._by_id: dict[str, Row] = {}
        self._by_name: dict[str, Row] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._taken: dict[str, set[str]] = {}
        """Names of deployments by flow, of those flows that this book has made."""

    async def ensure(self, name: str) -> Row:
        """Give the flow of a name, and make it when there is none."""
        async with self._locks[name]:
            if name not in self._by_name:
                await self.make({"name": name})
            return self._by_name[name]

    async def make(self, values: Mapping[str, Any]) -> Row:
        """
        Make the flow, or get the one of this name.

        values: `name`; `tags` and `labels` count for a new one only.
        """
        name = values["name"]
        body = {key: values[key] for key in _CREATED_FIELDS if values.get(key) is not None}
        reply = await self._client.make("/flows/", body, doing=f"create flow {name!r}")
        if not isinstance(reply.body, Mapping):
            raise ProviderError(f"the server did not say what flow {name!r} is")
        row = reply.body
        self._by_id[row["id"]] = self._by_name[name] = row
        if reply.is_new:
            self._taken[row["id"]] = set()
        return row

    async def find(self, id: str) -> Row | None:
        """Find a flow by id; None when there is none."""
        if id not in self._by_id:
            row = await self._client.find_in_batch(FLOWS, id)
            if row is None:
                return None
            self.note(row)
        return self._by_id[id]

    def note(self, row: Row) -> None:
        """Keep what somebody else has read, for the deployments of the flow."""
        self._by_id[row["id"]] = row

    async def find_deployment(self, flow_id: str, name: str) -> Row | None:
        """Find the deployment of a name, before one is made; asks nobody about a new flow."""
        taken = self._taken.get(flow_id)
        if taken is not None and name not in taken:
            taken.add(name)
            return None
        body = {"flows": {"id": {"any_": [flow_id]}}, "deployments": {"name": {"any_": [name]}}}
        doing = f"look for deployment {name!r}"
        rows: list[Row] = await self._client.query("/deployments/filter", body, doing=doing)
        return rows[0] if rows else None

    def forget(self, id: str) -> None:
        """Forget a flow that is no more."""
        self._taken.pop(id, None)
        row = self._by_id.pop(id, None)
        if row is not None:
            self._by_name.pop(row["name"], None)


async def find_flow(client: PrefectClient, name: str) -> Row | None:
    """Find a flow by name, as it is now."""
    return await client.find(path_of("flows", "name", name), doing=f"look for flow {name!r}")
