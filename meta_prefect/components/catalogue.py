"""
The catalogue: from requirement records to the components that stand for them.

A record is declared once, however many flows require it. Records of a team's own are looked up in
`interfaces.catalogue`, and come before ours.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any, Final

import pulumi

from meta_prefect.components.base import Surroundings
from meta_prefect.components.block import Block, build_block_logical_name
from meta_prefect.components.platform.entries import (
    ENTRIES as PLATFORM,
)
from meta_prefect.components.platform.entries import declare_placed_pool, list_pool_needs
from meta_prefect.components.shared_limit import SharedLimit, build_limit_logical_name
from meta_prefect.components.work_pool import GivenPool, WorkPool, build_pool_logical_name
from meta_prefect.components.work_queue import WorkQueue, build_queue_logical_name
from meta_prefect.components.worker import Worker, build_worker_logical_name
from meta_prefect.interfaces.catalogue import Entry, Sharing, find_registered
from meta_prefect.interfaces.components import Block as BlockRecord
from meta_prefect.interfaces.components import Existing
from meta_prefect.interfaces.components import SharedLimit as SharedLimitRecord
from meta_prefect.interfaces.components import Worker as WorkerRecord
from meta_prefect.interfaces.components import WorkerPool as WorkerPoolRecord
from meta_prefect.interfaces.components import WorkQueue as WorkQueueRecord
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError


class Shared:
    """The shared part of a running program: each record's component, made at first need."""

    def __init__(self, surroundings: Surroundings) -> None:
        """Begin with nothing declared."""
        self.surroundings = surroundings
        self._declared: dict[Hashable, pulumi.Resource] = {}
        self._pools: dict[str, GivenPool] = {}

    def find(self, record: Hashable) -> Any:
        """
        Give the component that stands for a record.

        Raises:
            MetaPrefectError: no component is registered for records of this type.
        """
        if record not in self._declared:
            self._declared[record] = find_entry(record).declare(record, self)
        return self._declared[record]

    def bind(self, pools: Mapping[str, GivenPool]) -> None:
        """Say which pools are meant by `existing(...)` in this program."""
        self._pools.update(pools)

    def find_given_pool(self, record: WorkerPoolRecord) -> GivenPool | None:
        """Give the pool of somebody else that the program knows already."""
        return self._pools.get(record.name.name) if isinstance(record.name, Existing) else None


def find_entry(record: Hashable) -> Entry:
    """
    Look up how a record becomes a component.

    Raises:
        MetaPrefectError: nobody registered its type.
    """
    type_ = type(record)
    entry = find_registered(type_) or _OWN.get(type_) or PLATFORM.get(type_)
    if entry is not None:
        return entry
    kind = type_.__name__
    raise MetaPrefectError(
        "MP2102",
        f"no component is known for the requirement {kind}",
        why=f"a builder requires {record!r}",
        fixes=(
            "from meta_prefect.interfaces.catalogue import Entry, register",
            f"register({kind}, Entry(build_name=..., declare=...))",
        ),
        exit_code=ExitCode.USAGE,
    )


def list_names(records: Iterable[Hashable]) -> Iterator[str]:
    """
    Give the logical names of the components for records and all that they need in turn.

    Raises:
        MetaPrefectError: a record has no component, or two that differ have one name.
    """
    waiting = list(records)
    named: dict[str, Hashable] = {}
    while waiting:
        record = waiting.pop()
        entry = find_entry(record)
        name = entry.build_name(record)
        if name not in named:
            named[name] = record
            waiting.extend(entry.list_needs(record))
            yield name
        elif named[name] != record:
            raise _contradiction(name, named[name], record)


def _contradiction(name: str, first: Hashable, second: Hashable) -> MetaPrefectError:
    return MetaPrefectError(
        "MP2110",
        f"two builders want {name} in different ways",
        why=f"{first!r}\n{second!r}",
        fixes=("give both the same values, or one of them another name",),
        exit_code=ExitCode.USAGE,
    )


def _declare_pool(record: WorkerPoolRecord, shared: Sharing) -> Any:
    assert isinstance(shared, Shared)
    if record.place is not None:
        return declare_placed_pool(record, shared)
    return WorkPool(record, shared.surroundings, given=shared.find_given_pool(record))


_OWN: Final[Mapping[type, Entry]] = {
    WorkerPoolRecord: Entry(
        build_name=build_pool_logical_name,
        declare=_declare_pool,
        list_needs=list_pool_needs,
    ),
    BlockRecord: Entry(
        build_name=build_block_logical_name,
        declare=lambda record, shared: Block(record, shared.surroundings),
    ),
    SharedLimitRecord: Entry(
        build_name=build_limit_logical_name,
        declare=lambda record, shared: SharedLimit(record, shared.surroundings),
    ),
    WorkQueueRecord: Entry(
        build_name=build_queue_logical_name,
        declare=lambda record, shared: WorkQueue(
            record, shared.find(record.pool), shared.surroundings
        ),
        list_needs=lambda record: (record.pool,),
    ),
    WorkerRecord: Entry(
        build_name=build_worker_logical_name,
        declare=lambda record, shared: Worker(
            record, shared.find(record.pool), shared.surroundings
        ),
        list_needs=lambda record: (record.pool,),
    ),
}
