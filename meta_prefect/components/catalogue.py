"""
The catalogue: from requirement records to the components that stand for them.

A record is declared once, however many flows require it. A team adds a component for a record of
its own with `register`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final, TypeAlias

import pulumi

from meta_prefect.components.base import Surroundings
from meta_prefect.components.work_pool import WorkPool
from meta_prefect.components.worker import Worker
from meta_prefect.interfaces.components import Worker as WorkerRecord
from meta_prefect.interfaces.components import WorkerPool as WorkerPoolRecord
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

Declare: TypeAlias = Callable[[Any, "Shared"], pulumi.Resource]
"""Declares the component of one record; may ask `Shared` for the component of another."""


class Shared:
    """The shared part of a running program: each record's component, made at first need."""

    def __init__(self, surroundings: Surroundings) -> None:
        """Begin with nothing declared."""
        self.surroundings = surroundings
        self._declared: dict[Hashable, pulumi.Resource] = {}

    def find(self, record: Hashable) -> Any:
        """
        Give the component that stands for a record.

        Raises:
            MetaPrefectError: no component is registered for records of this type.
        """
        if record not in self._declared:
            self._declared[record] = _find_declare(record)(record, self)
        return self._declared[record]


def register(record_type: type, declare: Declare) -> None:
    """Say how records of a type become components; a later call for the same type wins."""
    _CATALOGUE[record_type] = declare


def _find_declare(record: Hashable) -> Declare:
    try:
        return _CATALOGUE[type(record)]
    except KeyError:
        raise MetaPrefectError(
            "MP2102",
            f"no component is known for the requirement {type(record).__name__}",
            why=f"a builder requires {record!r}",
            fixes=(
                "from meta_prefect.components.catalogue import register",
                f"register({type(record).__name__}, declare)",
            ),
            exit_code=ExitCode.USAGE,
        ) from None


def _declare_work_pool(record: WorkerPoolRecord, shared: Shared) -> WorkPool:
    return WorkPool(record, shared.surroundings)


def _declare_worker(record: WorkerRecord, shared: Shared) -> Worker:
    return Worker(record, shared.find(record.pool), shared.surroundings)


_CATALOGUE: Final[dict[type, Declare]] = {
    WorkerPoolRecord: _declare_work_pool,
    WorkerRecord: _declare_worker,
}
