"""
A limit of runs that several deployments share, or one of somebody else.

Not to be confused with `provider.sdk.GlobalConcurrencyLimit`, Prefect's API as it is.
"""

from __future__ import annotations

from typing import ClassVar

import pulumi

from meta_prefect.components.base import Component, Surroundings
from meta_prefect.components.naming import build_logical_name, build_physical_name
from meta_prefect.interfaces.components import Existing
from meta_prefect.interfaces.components import SharedLimit as SharedLimitRecord
from meta_prefect.provider import sdk


class SharedLimit(Component):
    """
    A global concurrency limit of Prefect.

    limit_id: what deployments take.
    """

    TYPE: ClassVar[str] = "meta-prefect:components:SharedLimit"

    def __init__(
        self,
        record: SharedLimitRecord,
        surroundings: Surroundings,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the limit, or look the existing one up."""
        name = build_limit_logical_name(record)
        super().__init__(name, surroundings, opts)
        self.limit_id = self._declare(record, build_logical_name(name, "limit")).id
        self.register_outputs({"limitId": self.limit_id})

    def _declare(self, record: SharedLimitRecord, name: str) -> sdk.GlobalConcurrencyLimit:
        if isinstance(record.name, Existing):
            return sdk.GlobalConcurrencyLimit.get(name, record.name.name, self.child())
        return sdk.GlobalConcurrencyLimit(
            name,
            name=build_physical_name(
                self.surroundings.project, self.surroundings.stack, record.name
            ),
            limit=record.runs,
            opts=self.child(),
        )


def build_limit_logical_name(record: SharedLimitRecord) -> str:
    """Name the limit in the stack: `limit/NAME`."""
    name = record.name.name if isinstance(record.name, Existing) else record.name
    return build_logical_name("limit", name)
