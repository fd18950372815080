"""
Batches: reads of one kind that are asked at about the same time become one request.

An engine asks for each resource by itself, many at once; a filter route answers for two hundred.
Keeps nothing afterwards: a later read asks again. Not to be confused with `read_ahead`, which knows
beforehand what will be asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from meta_prefect.provider.world import is_uuid

_COLLECT_SECONDS: Final = 0.005
LARGEST: Final = 200
"""Keys that the server takes in one request."""

Row: TypeAlias = Mapping[str, Any]
Waiting: TypeAlias = dict[str, "asyncio.Future[Row | None]"]
Ask: TypeAlias = Callable[[list[str]], Awaitable[Mapping[str, Row]]]
"""Takes keys, at most `LARGEST`, and gives the rows that there are by key."""


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
        return {**dict(self.options), self.entity: criteria, "limit": LARGEST}

    def takes(self, key: str) -> bool:
        """Say whether a text may be a key: one that may not spoils a whole request."""
        return self.key != "id" or is_uuid(key)


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

    def __init__(self, ask: Ask) -> None:
        """Ask nothing yet."""
        self._ask = ask
        self._waiting: Waiting = {}
        self._asking: set[asyncio.Task[None]] = set()

    async def find(self, key: str) -> Row | None:
        """Wait for the batch that has this key; None when there is no such thing."""
        waiting = self._waiting
        if not waiting:
            self._start(waiting)
        if key not in waiting:
            waiting[key] = asyncio.get_running_loop().create_future()
        if len(waiting) == LARGEST:
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
            rows = await self._ask(list(waiting))
        except Exception as error:  # noqa: BLE001 - goes to everyone who waits
            for answer in waiting.values():
                answer.set_exception(error)
            return
        for key, answer in waiting.items():
            answer.set_result(rows.get(key))
