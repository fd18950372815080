"""
Registrations: answers what the program asks the engine for, one call at a time.

Completes each goal (inherited options, provider), has it planned and done, and says what came of
it. The monitor translates for the program; the order of the operation's phases is in `operation`.

Source: `pkg/resource/deploy/source_eval.go` of Pulumi 3.260.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

from pulumi.runtime.proto import provider_pb2

from meta_prefect.engine import urn as urns
from meta_prefect.engine.embedded.builtin import GET_RESOURCE
from meta_prefect.engine.embedded.default_providers import (
    build_default_goal,
    complete_need,
    is_disabled,
)
from meta_prefect.engine.embedded.executor import Executor, Stopped
from meta_prefect.engine.embedded.generator import Generator
from meta_prefect.engine.embedded.goals import Goal, ProviderWish, ReadGoal, Registered, inherit
from meta_prefect.engine.embedded.packages import PluginNeed, add_need
from meta_prefect.engine.embedded.providers import Registry
from meta_prefect.engine.embedded.remote import ServesComponents
from meta_prefect.engine.embedded.reports import Refused, Reporter
from meta_prefect.engine.embedded.stand_ins import Unconfigured
from meta_prefect.engine.embedded.steps import Step
from meta_prefect.engine.state.checkpoint import ResourceState
from meta_prefect.interfaces.diagnostics import Diagnostic, Severity
from meta_prefect.interfaces.engine import OperationRequest
from meta_prefect.interfaces.events import Op
from meta_prefect.interfaces.provider import (
    InvokeRequest,
    InvokeResponse,
    ProviderError,
    ReadRequest,
)
from meta_prefect.interfaces.values import PropertyMap
from meta_prefect.interfaces.wire import UNKNOWN_TEXT


class Registrations:
    """Serves one program."""

    def __init__(
        self,
        request: OperationRequest,
        generator: Generator,
        executor: Executor,
        registry: Registry,
        reporter: Reporter,
        known: Mapping[str, PluginNeed],
    ) -> None:
        """Serve with the parts of one operation; `known` are plugins by package."""
        self._request = request
        self._generator = generator
        self._executor = executor
        self._registry = registry
        self._reporter = reporter
        self._known = known
        self._running: set[asyncio.Task[object]] = set()
        self._components: dict[str, Step] = {}
        self._failed: set[str] = set()
        self._settled: dict[str, ResourceState] = {}
        self._providers: dict[str, Mapping[str, str]] = {}
        self._renamed: dict[str, str] = {}
        self._defaults: dict[PluginNeed, asyncio.Task[str]] = {}
        self.closed = False
        self.all_asked = asyncio.Event()
        self.all_done = asyncio.Event()
        self.stack_step: Step | None = None
        self.stack_outputs: PropertyMap | None = None

    async def register(self, goal: Goal, wish: ProviderWish) -> Registered:
        """
        Bring a resource to what the program asks for.

        Raises:
            Stopped: the operation takes no more registrations.
        """
        async with self._running_call():
            goal = await self._complete(goal, wish)
            registered = await self._reach(goal)
            self._renamed[registered.state.urn] = goal.urn
            return registered

    async def read(self, goal: ReadGoal, wish: ProviderWish) -> Registered:
        """Look at a resource that the program does not own; raises as `register`."""
        async with self._running_call():
            goal = replace(goal, provider=await self.choose_provider(wish))
            async with self._turn():
                steps = self._generator.plan_read(goal)
                entered = await self._enter({goal.parent, *goal.dependencies})
            return await self._do(steps, entered=entered)

    async def register_outputs(self, urn: str, outputs: PropertyMap) -> None:
        """Take a component's outputs; those of the stack are kept until the end."""
        async with self._running_call():
            async with self._turn():
                pass  # what was asked for before comes first, and its failure keeps these out
            if self.stack_step is not None and urn == self.stack_step.urn:
                self.stack_outputs = outputs
                return
            if urn in self._components:
                await self._executor.store_outputs(self._components.pop(urn), outputs)

    async def invoke(
        self, token: str, args: PropertyMap, wish: ProviderWish
    ) -> InvokeResponse | None:
        """
        Call a provider's function; None when the provider is not configured yet.

        Raises:
            ProviderError: it failed; the program gets to know.
        """
        async with self._running_call():
            provider = await self._registry.find(await self.choose_provider(wish))
            if isinstance(provider, Unconfigured):
                return None
            if token == GET_RESOURCE:
                return InvokeResponse(self._describe_resource(str(args.get("urn"))))
            return await provider.invoke(InvokeRequest(token, args))

    def list_providers(self, wish: ProviderWish) -> Mapping[str, str]:
        """Give the providers by package that a component has, its own and inherited ones."""
        inherited = self._providers.get(self._renamed.get(wish.parent, ""), {})
        return {**inherited, **wish.providers}

    async def construct(self, wish: ProviderWish, message: Any) -> Any:
        """
        Have a plugin construct a component; None when it is not configured yet.

        Raises:
            ProviderError: the package has no components.
            Stopped: the plugin failed, and so has the operation.
        """
        async with self._running_call():
            provider = await self._registry.find(await self.choose_provider(wish))
            if isinstance(provider, Unconfigured):
                return None
            if not isinstance(provider, ServesComponents):
                raise ProviderError(f"package {wish.need.package} constructs no components")
            with self._problems(f"{message.type} resource '{message.name}' has a problem"):
                return await provider.construct(message)

    async def call(self, urn: str, wish: ProviderWish, message: Any) -> Any:
        """
        Call the method of a resource; without one, or a provider of its own, the wish decides.

        Raises:
            ProviderError: the resource is unknown, or the package has no methods.
            Stopped: the method failed, and so has the operation.
        """
        async with self._running_call():
            wish = replace(wish, reference=wish.reference or self._find_provider_of(urn))
            provider = await self._registry.find(await self.choose_provider(wish))
            if isinstance(provider, Unconfigured):
                return provider_pb2.CallResponse()
            if not isinstance(provider, ServesComponents):
                raise ProviderError(f"package {wish.need.package} has no methods")
            with self._problems(f"call to function '{message.tok}' failed"):
                return await provider.call(message)

    async def exists(
        self, type: str, id: str, properties: PropertyMap, wish: ProviderWish
    ) -> bool | None:
        """
        Look for an object in the world; None when its provider is not configured yet.

        Raises:
            ProviderError: the provider cannot say; the program gets to know.
        """
        async with self._running_call():
            provider = await self._registry.find(await self.choose_provider(wish))
            if isinstance(provider, Unconfigured):
                return None
            stack, project = self._request.stack, self._request.project
            urn = urns.build_child_urn(stack, project, wish.parent, type, id)
            return bool((await provider.read(ReadRequest(id, urn, properties, {}))).id)

    async def choose_provider(self, wish: ProviderWish) -> str:
        """
        Give the reference of the provider that serves a wish; makes a default one if need be.

        Raises:
            ProviderError: there is none.
            Stopped: the operation takes no more registrations.
        """
        inherited = self._providers.get(self._renamed.get(wish.parent, ""), {})
        need = complete_need(wish.need, self._known.get(wish.need.package))
        reference = wish.reference or inherited.get(need.package, "")
        if reference:
            return reference
        if need not in self._defaults:
            self._defaults[need] = asyncio.ensure_future(self._make_default(need))
        return await asyncio.shield(self._defaults[need])

    async def stay(self) -> None:
        """Take it that the program asks for nothing more, and keep it until everything is done."""
        self.all_asked.set()
        await self.all_done.wait()

    def log(self, severity: Severity, urn: str, message: str, ephemeral: bool) -> None:
        """Pass on what the program has to say."""
        self._reporter.say(severity, urn, message, ephemeral=ephemeral)

    async def wait(self) -> None:
        """Wait for calls that run."""
        while self._running:
            await asyncio.wait(self._running)

    @asynccontextmanager
    async def _running_call(self) -> AsyncIterator[None]:
        if self.closed or self._executor.stopped:
            raise Stopped
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            yield
        finally:
            self._running.discard(task)

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """Turn the generator's refusal into the end of the operation."""
        try:
            yield
        except Refused as refused:
            # The first one ends it.
            for diagnostic in () if self.closed else refused.diagnostics:
                self._reporter.complain(diagnostic, refused.failure)
            self.closed = True
            self._executor.stop()
            raise Stopped from refused

    @contextmanager
    def _problems(self, what: str) -> Iterator[None]:
        """Turn the failure of a plugin into the end of the operation."""
        with self._refusals():
            try:
                yield
            except ProviderError as error:
                if self._executor.stopped:
                    raise Stopped from error  # what went wrong inside is said already
                raise Refused(Diagnostic("MP3001", f"{what}: {error}")) from error

    def _describe_resource(self, urn: str) -> PropertyMap:
        state = self._settled.get(urn)
        if state is None:
            raise ProviderError(f"unknown resource {urn}")
        shown = {"urn": urn, "id": state.id, "provider": state.provider}
        return {**shown, "state": dict(state.outputs)}

    def _find_provider_of(self, urn: str) -> str:
        if not urn:
            return ""
        goal = self._generator.claims.goals.get(urn)
        if goal is None:
            raise ProviderError(f"unknown resource {urn}")
        return goal.provider

    async def _complete(self, goal: Goal, wish: ProviderWish) -> Goal:
        parent_urn = self._renamed.get(goal.parent, "")
        parent = self._generator.claims.goals.get(parent_urn)
        if isinstance(parent, Goal):
            goal = inherit(goal, parent)
        if not goal.custom:
            self._providers[goal.urn] = {
                **self._providers.get(parent_urn, {}),
                **wish.providers,
            }
            return goal
        if goal.is_provider:
            return replace(goal, inputs=add_need(goal.inputs, self._find_own_need(wish.need)))
        return replace(goal, provider=await self.choose_provider(wish))

    def _find_own_need(self, need: PluginNeed) -> PluginNeed:
        """Give what the plugin of an explicit provider is found by."""
        is_silent = not need.version and not need.download_url
        return complete_need(need, self._known.get(need.package)) if is_silent else need

    async def _make_default(self, need: PluginNeed) -> str:
        request = self._request
        if is_disabled(need.package, request.config):
            raise ProviderError(
                f"default providers for package {need.package} are disabled: "
                "give the resource an explicit provider"
            )
        goal = build_default_goal(need, request.stack, request.project, request.config)
        registered = await self._reach(goal)
        if registered.failed:
            raise ProviderError(f"the default provider for package {need.package} failed")
        return urns.join_reference(goal.urn, registered.state.id or UNKNOWN_TEXT)

    async def _reach(self, goal: Goal) -> Registered:
        async with self._turn():
            steps = await self._generator.plan(goal)
            entered = await self._enter(goal.needs)
        registered = await self._do(steps, entered=entered)
        if steps[0].op in (Op.IMPORT, Op.IMPORT_REPLACEMENT) and not registered.failed:
            registered = await self._finish_import(goal, registered)
        return registered

    async def _finish_import(self, goal: Goal, imported: Registered) -> Registered:
        async with self._turn():
            more = await self._generator.plan_imported(goal, imported.state)
            entered = bool(more) and await self._enter(goal.needs)
        return await self._do(more, entered=entered) if more else imported

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """
        Plan when it is one's turn, and keep it until the executor has a place for the steps.

        So nothing is planned far ahead of what is done, and a failure finds little begun.
        """
        async with self._generator.turn():
            if self.closed or self._executor.stopped:
                raise Stopped
            with self._refusals():
                yield

    async def _enter(self, needs: Collection[str]) -> bool:
        """Wait for a place to do steps in; says that there is none if something needed failed."""
        if not self._failed.isdisjoint(needs):
            return False
        await self._executor.enter()
        return True

    async def _do(self, steps: Sequence[Step], *, entered: bool) -> Registered:
        last = steps[-1]
        await asyncio.sleep(0)  # whoever waits for the turn may refuse before anything is done
        if not entered or not await self._executor.run_entered(steps):
            if entered and self._executor.stopped:
                raise Stopped
            self._failed.add(last.urn)
            return Registered(last.state, failed=True)
        self._settled[last.urn] = last.state
        if not last.state.custom:
            self._remember_component(last)
        return Registered(last.state, unknown=last.skipped_create)

    def _remember_component(self, step: Step) -> None:
        if step.state.type == urns.STACK_TYPE:
            self.stack_step = step
        else:
            self._components[step.urn] = step
