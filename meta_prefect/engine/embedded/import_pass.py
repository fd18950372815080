"""
The import operation: takes over objects that exist already, without a program.

Each becomes a record with the inputs and outputs that its provider reads; nothing is changed in the
world. Not to be confused with the import option of a program's resource, which `generator` decides.

Source: `pkg/resource/deploy/import.go` of Pulumi 3.260.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from meta_prefect.engine import urn as urns
from meta_prefect.engine.embedded.executor import Executor
from meta_prefect.engine.embedded.generator import Generator
from meta_prefect.engine.embedded.goals import ProviderWish
from meta_prefect.engine.embedded.index import BaseIndex
from meta_prefect.engine.embedded.packages import PluginNeed
from meta_prefect.engine.embedded.providers import Registry
from meta_prefect.engine.embedded.registrations import Registrations
from meta_prefect.engine.embedded.reports import Refused, Reporter, diagnose
from meta_prefect.engine.embedded.steps import Step
from meta_prefect.engine.state.checkpoint import ResourceState
from meta_prefect.interfaces.diagnostics import Diagnostic, MetaPrefectError, Severity
from meta_prefect.interfaces.engine import ImportItem, OperationRequest
from meta_prefect.interfaces.events import Op
from meta_prefect.interfaces.provider import CheckRequest, ProviderError


class ImportPass:
    """Imports what one request names."""

    def __init__(
        self,
        request: OperationRequest,
        base: BaseIndex,
        generator: Generator,
        executor: Executor,
        registrations: Registrations,
        registry: Registry,
        reporter: Reporter,
    ) -> None:
        """Import with the parts of one operation."""
        self._request = request
        self._base = base
        self._generator = generator
        self._executor = executor
        self._registrations = registrations
        self._registry = registry
        self._reporter = reporter
        self._urns: dict[str, str] = {}

    async def run(self) -> None:
        """
        Import everything, parents before their children.

        Raises:
            Refused: an import makes no sense; nothing was imported.
            Stopped: the operation was stopped in between.
        """
        levels = list(sort_into_levels(self._request.imports))
        stack = self._find_stack()
        for item in (item for level in levels for item in level):
            self._urns[item.name] = self._name(item, stack)
        if stack not in self._base.current:
            await self._create_stack(stack)
        for level in levels:
            steps = [await self._plan(item, stack) for item in level]
            for step in steps:
                await self._executor.run(self._generator.carry(step.state))
            await asyncio.gather(*(self._import(step) for step in steps))

    def _find_stack(self) -> str:
        request = self._request
        name = f"{request.project}-{request.stack}"
        return urns.build_urn(request.stack, request.project, "", urns.STACK_TYPE, name)

    def _name(self, item: ImportItem, stack: str) -> str:
        parent = self._find_parent(item, stack)
        if parent not in self._base.current and parent not in (stack, *self._urns.values()):
            raise _refuse(item, f"its parent {item.parent} is neither in the stack nor imported")
        request = self._request
        urn = urns.build_child_urn(request.stack, request.project, parent, item.type, item.name)
        if urn in self._base.current or urn in self._urns.values():
            raise _refuse(item, f"{urn} is in the stack already")
        return urn

    def _find_parent(self, item: ImportItem, stack: str) -> str:
        return self._urns.get(item.parent) or item.parent or stack

    async def _create_stack(self, urn: str) -> None:
        step = Step(Op.CREATE, urn, None, ResourceState(urn, urns.STACK_TYPE))
        await self._executor.run([step])
        await self._executor.store_outputs(step, {})

    async def _plan(self, item: ImportItem, stack: str) -> Step:
        new = ResourceState(
            self._urns[item.name],
            item.type,
            custom=True,
            id=item.id,
            parent=self._find_parent(item, stack),
            protect=item.protect or None,
            provider=await self._choose_provider(item),
            import_id=item.id,
        )
        return Step(Op.IMPORT, new.urn, None, new, adopts=True, kept_inputs=item.properties)

    async def _choose_provider(self, item: ImportItem) -> str:
        reference = ""
        if item.provider:
            record = self._base.current.get(item.provider)
            if record is None:
                raise _refuse(item, f"its provider {item.provider} is not in the stack")
            reference = urns.join_reference(record.urn, record.id)
        need = PluginNeed(item.type.partition(":")[0], item.version)
        try:
            return await self._registrations.choose_provider(ProviderWish(need, reference))
        except ProviderError as error:
            raise _refuse(item, str(error)) from error

    async def _import(self, step: Step) -> None:
        if await self._executor.run([step]):
            await self._check(step.state)

    async def _check(self, state: ResourceState) -> None:
        """Warn of inputs that the provider itself would not take; they stay imported."""
        try:
            provider = await self._registry.find(state.provider)
            response = await provider.check(CheckRequest(state.urn, state.inputs, state.inputs))
        except (ProviderError, MetaPrefectError) as error:
            self._reporter.complain(diagnose(state.urn, error))
            return
        for failure in response.failures:
            text = f"the imported {failure.property or 'inputs'} will not do: {failure.reason}"
            self._reporter.say(Severity.WARNING, state.urn, text)


def sort_into_levels(items: Sequence[ImportItem]) -> Iterator[list[ImportItem]]:
    """Put imports whose parent is another one after it; a circle of parents comes last."""
    waiting = list(items)
    while waiting:
        names = {item.name for item in waiting}
        level = [item for item in waiting if item.parent not in names] or waiting
        yield level
        waiting = [item for item in waiting if item not in level]


def _refuse(item: ImportItem, why: str) -> Refused:
    text = f"{item.type} {item.name} cannot be imported: {why}"
    return Refused(Diagnostic("MP3008", text))
