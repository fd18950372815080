"""
The block types and schemas of the API, asked for once.

Many blocks of one type are checked in one operation. Keeps what it has found, and forgets what was
not there. Not to be confused with `blocks`, which says what a schema means.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

from meta_prefect.provider.client import PrefectClient
from meta_prefect.provider.world import path_of

Row: TypeAlias = Mapping[str, Any]

SCHEMAS_PATH: Final = "/block_schemas/filter"


async def find_block_type(client: PrefectClient, slug: str) -> Row | None:
    """Look for a block type."""
    path = path_of("block_types", "slug", slug)
    return await client.find(path, doing=f"look for block type {slug!r}")


async def list_schemas(client: PrefectClient, type_id: str) -> list[Row]:
    """List the schemas of a block type."""
    body = {"block_schemas": {"block_type_id": {"any_": [type_id]}}}
    return await client.list_all(SCHEMAS_PATH, body, doing="read the block type's schemas")


async def count_documents(client: PrefectClient, criterion: Mapping[str, Any]) -> int:
    """Count blocks, anonymous ones too; `criterion` is a part of the filter's body."""
    documents = {"is_anonymous": None, **criterion.get("block_documents", {})}
    body = {**criterion, "block_documents": documents}
    found: int = await client.query("/block_documents/count", body, doing="count blocks")
    return found


class BlockCatalogue:
    """Answers for one client."""

    def __init__(self, client: PrefectClient) -> None:
        """Keep the client; asks with the first question."""
        self._client = client
        self._asked: dict[str, asyncio.Task[Any]] = {}

    async def find_type(self, slug: str) -> Row | None:
        """Look for a block type."""
        found: Row | None = await self._once(
            f"type {slug}", lambda: find_block_type(self._client, slug)
        )
        return found

    async def find_schemas(self, slug: str) -> list[Row]:
        """Look for the schemas of a block type; none when there is no such type."""
        type = await self.find_type(slug)
        if type is None:
            return []
        id: str = type["id"]
        found: list[Row] = await self._once(f"schemas {id}", lambda: list_schemas(self._client, id))
        return found

    async def find_schema(self, id: str) -> Row | None:
        """Look for a schema by its id."""
        path = path_of("block_schemas", id)
        found: Row | None = await self._once(
            f"schema {id}", lambda: self._client.find(path, doing="look for a block schema")
        )
        return found

    async def list_slugs(self) -> list[str]:
        """List the slugs of all block types."""
        rows = await self._client.list_all("/block_types/filter", {}, doing="read block types")
        return [row["slug"] for row in rows]

    async def _once(self, key: str, ask: Callable[[], Awaitable[Any]]) -> Any:
        if key not in self._asked:
            self._asked[key] = asyncio.ensure_future(ask())
        asked = self._asked[key]
        try:
            found = await asyncio.shield(asked)
        except BaseException:
            self._asked.pop(key, None)
            raise
        if not found:
            self._asked.pop(key, None)
        return found
