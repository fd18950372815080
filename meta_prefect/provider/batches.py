"""
Batches: reads of one kind that are asked at about the same time become one request.

An engine asks for each resource by itself, many at once; a filter route answers for two hundred.
Keeps nothing afterwards: a later read asks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

_COLLECT_SECONDS: Final = 0.005
_LARGEST: Final = 200

Row: TypeAlias = Mapping[str, Any]
Waiting: TypeAlias = dict[str, "asyncio.Future[Row | None]"]
Query: TypeAlias = Callable[[str, Mapping[str, Any]], Awaitable[list[Row]]]


@dataclass(frozen=True, slots=True)
class FilterRoute:
    """
    A route that answers for many keys.

    path: of the route; entity: its name in the body; key: `id` or `name`.
    noun: plural, for errors.
    criteria: further ones of the entity, by name; options: further parts of the body, by name.
    """

    path: str
    entity: str
    key: str
    noun: str
    criteria: tuple[tuple[str, Any], ...] = ()
    options: tuple[tuple[str, Any], ...] = ()

    def body(self, keys: list[str]) -> dict[str, Any]:
        """Build the request's body."""
        criteria = {**dict(self.criteria), self.key: {"any_": keys}}
        return {**dict(self.options), self.entity: criteria, "limit": _LARGEST}


FLOWS: Final = FilterRoute("/flows/filter", "flows", "id", "flows")
DEPLOYMENTS: Final = FilterRoute("/deployments/filter", "deployments", "id", "deployments")
WORK_POOLS: Final = FilterRoute("/work_pools/filter", "work_pools", "name", "work pools")
WORK_POOLS_BY_ID: Final = FilterRoute("/work_pools/filter", "work_pools", "id", "work pools")
WORK_QUEUES: Final = FilterRoute("/work_queues/filter", "work_queues", "id", "work queues")
VARIABLES: Final = FilterRoute("/variables/filter", "variables", "id", "variables")
AUTOMATIONS: Final = FilterRoute("/automations/filter", "automations", "id", "automations")
BLOCK_DOCUMENTS: Final = FilterRoute(
    "/block_documents/filter",
    "block_documents",
    "id",
    "blocks",
    criteria=(("is_anonymous", None),),  # left out, the server hides anonymous ones
    options=(("include_secrets", True),),
)


class Batch:
    """Collects the keys of one route."""

    def __init__(self, route: FilterRoute, query: Query) -> None:
        """Keep the route; `query` sends a body to a path."""
        self._route = route
        self._query = query
        self._waiting: Waiting = {}
        self._asking: set[asyncio.Task[None]] = set()

    async def find(self, key: str) -> Row | None:
        """Wait for the batch that has this key; None when there is no such thing."""
        waiting = self._waiting
        if not waiting:
            self._start(waiting)
        if key not in waiting:
            waiting[key] = asyncio.get_running_loop().create_future()
        if len(waiting) == _LARGEST:
            self._waiting = {}
        return await asyncio.shield(waiting[key])

    def _start(self, waiting: Waiting) -> None:
        task = asyncio.ensure_future(self._collect_and_ask(waiting))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _collect_and_ask(self, waiting: Waiting) -> None:
        await asyncio.sleep(_COLLECT_SECONDS)
        if self._waiting is waiting:
            self._waiting = {}
        try:
            rows = await self._query(self._route.path, self._route.body(list(waiting)))
        except Exception as error:  # noqa: BLE001 - goes to everyone who waits
            for answer in waiting.values():
                answer.set_exception(error)
            return
        by_key = {str(row[self._route.key]): row for row in rows}
        for key, answer in waiting.items():
            answer.set_result(by_key.get(key))
