"""
A block of Prefect that the stack makes, or one of somebody else.

Not to be confused with `provider.sdk.BlockDocument`, Prefect's API as it is.
"""

from __future__ import annotations

import os
import re
from typing import Any, ClassVar, Final

import pulumi

from meta_prefect.components.base import Component, Surroundings
from meta_prefect.components.naming import build_logical_name, build_physical_name
from meta_prefect.interfaces.components import Block as BlockRecord
from meta_prefect.interfaces.components import BlockValue, Existing, FromEnvironment
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.provider import sdk

_FORBIDDEN: Final = re.compile(r"[^a-z0-9-]+")


class Block(Component):
    """
    A block.

    block_id: what automations and other blocks take.
    """

    TYPE: ClassVar[str] = "meta-prefect:components:Block"

    def __init__(
        self,
        record: BlockRecord,
        surroundings: Surroundings,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Make the block, or look the existing one up.

        Raises:
            MetaPrefectError: a value is to be read from an environment that does not have it.
        """
        name = build_block_logical_name(record)
        super().__init__(name, surroundings, opts)
        self.block_id = self._declare(record, build_logical_name(name, "block")).id
        self.register_outputs({"blockId": self.block_id})

    def _declare(self, record: BlockRecord, name: str) -> sdk.BlockDocument:
        if isinstance(record.name, Existing):
            path = f"{record.type}/{record.name.name}"
            return sdk.BlockDocument.get(name, path, self.child())
        physical = build_physical_name(
            self.surroundings.project, self.surroundings.stack, record.name
        )
        return sdk.BlockDocument(
            name,
            block_type_slug=record.type,
            name=_FORBIDDEN.sub("-", physical.lower()).strip("-"),
            data={key: _read(record, value) for key, value in record.values},
            opts=self.child(),
        )


def build_block_logical_name(record: BlockRecord) -> str:
    """Name the block in the stack: `block/TYPE/NAME`."""
    name = record.name.name if isinstance(record.name, Existing) else record.name
    return build_logical_name("block", record.type, name)


def _read(record: BlockRecord, value: BlockValue) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if not isinstance(value, FromEnvironment):
        return value
    found = os.environ.get(value.variable)
    if found is None:
        raise MetaPrefectError(
            "MP2112",
            f"the environment variable {value.variable} is not set",
            where=build_block_logical_name(record),
            why=f"a block of type {record.type} is made with its value",
            fixes=(f"export {value.variable}=...",),
            exit_code=ExitCode.USAGE,
        )
    return pulumi.Output.secret(found)
