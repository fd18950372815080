"""
Listings: all things of a kind that an API holds, page by page.

Says which route tells them, and what of a row is the id to import it by. Not to be confused with
`batches`, which read things whose ids are known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.provider.client import PrefectClient
from meta_prefect.provider.client_connection import Row

_LARGEST_PAGE: Final = 200


def _is_any(row: Row) -> bool:
    """Take every row, as most routes tell one kind of things."""
    return bool(row)


def _is_free(row: Row) -> bool:
    """Tell a global limit from the disguise of a tag's, or of a deployment's own."""
    return not str(row["name"]).startswith(("tag:", "deployment:"))


@dataclass(frozen=True, slots=True)
class Listing:
    """
    How the things of one kind are listed.

    path: of the filter route.
    id_key, name_key: of a row, the first as an import takes it.
    is_meant: says which rows are of this kind.
    """

    path: str
    id_key: str = "id"
    name_key: str = "name"
    is_meant: Callable[[Row], bool] = _is_any


@dataclass(frozen=True, slots=True)
class Listed:
    """One thing: the id to import it by, and its name; empty when it has none."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """
    A part of a listing.

    following: what to ask for next; empty at the end.
    """

    found: tuple[Listed, ...]
    following: str = ""


LISTINGS: Final[Mapping[str, Listing]] = {
    "prefect:index:Automation": Listing("/automations/filter"),
    "prefect:index:BlockDocument": Listing("/block_documents/filter"),
    "prefect:index:BlockSchema": Listing("/block_schemas/filter", name_key="checksum"),
    "prefect:index:BlockType": Listing("/block_types/filter", id_key="slug"),
    "prefect:index:Deployment": Listing("/deployments/filter"),
    "prefect:index:Flow": Listing("/flows/filter"),
    "prefect:index:GlobalConcurrencyLimit": Listing(
        "/v2/concurrency_limits/filter", is_meant=_is_free
    ),
    "prefect:index:TagConcurrencyLimit": Listing(
        "/concurrency_limits/filter", id_key="tag", name_key="tag"
    ),
    "prefect:index:Variable": Listing("/variables/filter"),
    "prefect:index:WorkPool": Listing("/work_pools/filter", id_key="name"),
    "prefect:index:WorkQueue": Listing("/work_queues/filter"),
}
"""By resource type."""


async def list_page(
    client: PrefectClient, type: str, *, size: int = 0, start: str = "", name: str = ""
) -> ListPage:
    """
    List things of a type.

    size: rows to look at; 0: as many as the server gives at once. start: what the page before told.
    name: only things of this name; empty: all.

    Raises:
        ProviderError: things of this type cannot be listed, or `start` is none of ours.
    """
    listing = LISTINGS.get(type)
    if listing is None:
        raise ProviderError(f"things of type {type} cannot be listed")
    offset = _read_start(start)
    size = min(size, _LARGEST_PAGE) if size > 0 else _LARGEST_PAGE
    doing = f"list {type.rpartition(':')[2]} objects"
    body: dict[str, Any] = {"limit": size, "offset": offset}
    rows: list[Row] = await client.query(listing.path, body, doing=doing)
    found = (
        Listed(str(row[listing.id_key]), str(row.get(listing.name_key) or ""))
        for row in rows
        if listing.is_meant(row)
    )
    following = str(offset + size) if len(rows) == size else ""
    return ListPage(tuple(item for item in found if name in {"", item.name}), following)


def _read_start(start: str) -> int:
    try:
        return int(start or 0)
    except ValueError:
        raise ProviderError(f"{start!r} is not where a listing goes on") from None
