"""
The step executor: does what the generator decided, with provider calls, events and state writes.

The steps of one registration are a chain, done in order; chains run side by side, as many as the
operation allows. Decides nothing but how a step ended. Not to be confused with the thread pool that
the program's SDK calls an executor.

Source: `pkg/resource/deploy/step_executor.go` and `step.go` of Pulumi 3.260.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, Final

from meta_prefect.engine import urn as urns
from meta_prefect.engine.diff import is_same
from meta_prefect.engine.embedded.hooks import Hooks
from meta_prefect.engine.embedded.providers import Registry
from meta_prefect.engine.embedded.reports import Reporter, diagnose
from meta_prefect.engine.embedded.sending import drop_contents
from meta_prefect.engine.embedded.snapshots import PENDING_KINDS, Recorder
from meta_prefect.engine.embedded.steps import BOOKKEEPING, Step
from meta_prefect.engine.state.checkpoint import ResourceState, build_timestamp
from meta_prefect.engine.state.session import Mark
from meta_prefect.interfaces.diagnostics import Diagnostic, MetaPrefectError
from meta_prefect.interfaces.engine import Failure
from meta_prefect.interfaces.events import Op
from meta_prefect.interfaces.provider import (
    CreateRequest,
    DeleteRequest,
    PartlyDone,
    ProviderError,
    ProviderGone,
    ReadRequest,
    ResourceProvider,
    UpdateRequest,
)
from meta_prefect.interfaces.values import UNKNOWN, PropertyMap, Secret

_LOG: Final = logging.getLogger(__name__)
_FREE: Final = frozenset({Op.SAME, Op.REFRESH})


class Stopped(Exception):
    """The operation takes no more steps."""


class Executor:
    """Runs chains of steps."""

    def __init__(
        self,
        registry: Registry,
        recorder: Recorder,
        reporter: Reporter,
        hooks: Hooks,
        *,
        parallel: int,
        preview: bool,
        planned: frozenset[tuple[str, Op]] | None = None,
        on_failure: Callable[[Step], None],
    ) -> None:
        """Do at most `parallel` chains at once; `on_failure` hears of every failed step."""
        self._registry = registry
        self._recorder = recorder
        self._reporter = reporter
        self._hooks = hooks
        self._slots = asyncio.Semaphore(parallel)
        self._preview = preview
        self._planned = planned
        self._on_failure = on_failure
        self._calls: set[asyncio.Task[None]] = set()
        self.stopped = False
        self.retired: list[ResourceState] = []
        self.failed: list[ResourceState] = []
        self.deleted: set[ResourceState] = set()

    async def run(self, steps: Sequence[Step]) -> bool:
        """
        Do a chain; says whether every step of it ended well.

        Raises:
            Stopped: the operation was stopped before the chain was done.
        """
        await self.enter()
        return await self.run_entered(steps)

    async def enter(self) -> None:
        """
        Wait for a place in which to do a chain; `run_entered` gives it back.

        Raises:
            Stopped: the operation takes no more chains.
        """
        await self._slots.acquire()
        if self.stopped:
            self._slots.release()
            raise Stopped

    async def run_entered(self, steps: Sequence[Step]) -> bool:
        """Do a chain for which there is a place; raises as `run`."""
        try:
            for step in steps:
                if self.stopped:
                    raise Stopped
                if not step.told and not await self._run_step(step):
                    return False
        finally:
            self._slots.release()
        return True

    def stop(self) -> None:
        """Take no more steps; those that run go on."""
        self.stopped = True

    def abandon(self) -> None:
        """Wait no longer for provider calls that run; their outcome stays unknown."""
        self.stop()
        for call in self._calls:
            call.cancel()

    async def store_outputs(self, step: Step, outputs: PropertyMap) -> None:
        """Give a finished component the outputs that the program registered for it."""
        state = step.state
        is_kept = step.skipped_create or step.new is step.old
        is_new = not is_same(state.outputs, outputs)
        if not is_kept and is_new:
            state.outputs = outputs
        if state.resource_hooks:
            call = self._start(self._run_after_hooks(step))
            await asyncio.wait({call})  # nobody waits for one that was abandoned
        if not is_kept and is_new:
            await self._recorder.store_outputs(state)
        self._reporter.finish(step)

    async def _run_step(self, step: Step) -> bool:
        if not self._is_planned(step):
            self._fail_unplanned(step)
            return False
        self._reporter.begin(step)
        with self._storing(step):
            number = await self._recorder.begin(step)
        try:
            await self._apply_abandonable(step)
        except PartlyDone as error:
            await self._keep_partly_done(number, step, error)
            return False
        except (ProviderGone, asyncio.CancelledError) as error:
            text = str(error) or "the operation was interrupted: the outcome is unknown"
            self._fail(step, ProviderGone(text))
            await self._recorder.abandon(number)
            return False
        except (ProviderError, MetaPrefectError) as error:
            self._fail(step, error)
            await self._recorder.fail(number)
            return False
        except Exception as error:  # noqa: BLE001 - a bug fails its step, not the engine
            _LOG.exception("a provider broke its contract at %s", step.urn)
            self._fail(step, ProviderError(f"{type(error).__name__}: {error}"))
            await self._recorder.fail(number)
            return False
        self._finish(step)
        if not step.skipped_create and step.op is not Op.REPLACE:
            with self._storing(step):
                await self._recorder.succeed(number, step)
        return True

    @contextmanager
    def _storing(self, step: Step) -> Iterator[None]:
        """Take no more steps when one cannot be stored, and tell what state will not know."""
        try:
            yield
        except MetaPrefectError as error:
            why = error.diagnostic.why
            if step.new is not None and step.new.id:
                why = f"{why}\nthe id of {step.urn} is {step.new.id}".strip()
            self._reporter.complain(replace(error.diagnostic, where=step.urn, why=why))
            self._on_failure(step)
            self.stop()
            raise Stopped from error

    def _finish(self, step: Step) -> None:
        if step.mark is Mark.DELETE and step.old is not None:
            self.retired.append(step.old)
        if step.new is None and step.old is not None:
            self.deleted.add(step.old)
        if _counts(step):
            self._reporter.count(step)
        if step.state.custom or step.new is None:
            self._reporter.finish(step)

    def _is_planned(self, step: Step) -> bool:
        if self._planned is None or step.op in _FREE or (step.urn, step.op) in self._planned:
            return True
        weaker = step.op is Op.UPDATE or step.op in BOOKKEEPING
        return weaker and (step.urn, Op.REPLACE) in self._planned

    def _fail_unplanned(self, step: Step) -> None:
        message = f"the preview did not show this: {step.op} of {urns.urn_name(step.urn)}"
        self._reporter.complain(Diagnostic("MP3901", message, step.urn), Failure.MOVED)
        self._on_failure(step)

    def _fail(self, step: Step, error: Exception) -> None:
        self._reporter.complain(diagnose(step.urn, error))
        self._reporter.fail(step)
        if step.old is not None:
            self.failed.append(step.old)
        self._on_failure(step)

    async def _keep_partly_done(self, number: int | None, step: Step, error: PartlyDone) -> None:
        new = step.new
        assert new is not None
        new.id = error.id or new.id
        new.outputs, new.init_errors = dict(error.properties), error.reasons
        if step.op is Op.UPDATE and step.old is not None:
            new.inputs = step.old.inputs
        hide_secret_outputs(new)
        self._fail(step, error)
        with self._storing(step):
            await self._recorder.succeed(number, step)

    async def _apply_abandonable(self, step: Step) -> None:
        if step.op in PENDING_KINDS:
            await self._start(self._apply(step))
        else:
            await self._apply(step)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Have something done that nobody waits for when the operation is abandoned."""
        call = asyncio.create_task(work)
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        return call

    async def _apply(self, step: Step) -> None:
        await self._hooks.run_before(step)
        await self._hooks.attempt(step, partial(self._act, step))
        if step.state.custom or step.new is None:
            await self._run_after_hooks(step)

    async def _run_after_hooks(self, step: Step) -> None:
        try:
            await self._hooks.run_after(step)
        except ProviderError as error:
            self._reporter.complain(diagnose(step.urn, error))
            self._on_failure(step)

    async def _act(self, step: Step) -> None:
        match step.op:
            case Op.SAME:
                await self._keep(step)
            case Op.CREATE | Op.CREATE_REPLACEMENT:
                await self._create(step)
            case Op.UPDATE:
                await self._update(step)
            case Op.DELETE | Op.DELETE_REPLACED:
                await self._delete(step)
            case Op.READ | Op.READ_REPLACEMENT:
                await self._read(step)
            case Op.IMPORT | Op.IMPORT_REPLACEMENT:
                await self._import(step)
            case _:
                pass  # a replacement's own event, and what leaves only the state

    async def _keep(self, step: Step) -> None:
        state, old = step.new, step.old
        if state is None or old is None or old is state:
            return
        hide_secret_outputs(state)
        if urns.is_provider_type(state.type):
            await self._registry.keep(state.urn, state.id, old.inputs)
            self._registry.adopt(state)

    async def _create(self, step: Step) -> None:
        new = step.new
        assert new is not None
        if new.custom:
            provider = await self._find_provider(new)
            timeout = new.custom_timeouts.get("create", 0.0)
            response = await provider.create(
                CreateRequest(new.urn, new.inputs, timeout, self._preview)
            )
            new.id = "" if response.id is UNKNOWN else str(response.id)
            if not new.id and not self._preview:
                raise ProviderError("the provider gave the new resource no id")
            new.outputs = dict(response.properties)
            hide_secret_outputs(new)
        new.created = new.modified = build_timestamp()

    async def _update(self, step: Step) -> None:
        new, old = step.new, step.old
        assert new is not None
        assert old is not None
        if new.custom:
            provider = await self._find_provider(new)
            outputs = await provider.update(
                UpdateRequest(
                    old.id,
                    new.urn,
                    drop_contents(old.inputs),
                    drop_contents(old.outputs),
                    new.inputs,
                    new.custom_timeouts.get("update", 0.0),
                    tuple(new.ignore_changes),
                    self._preview,
                )
            )
            new.outputs = dict(outputs)
            hide_secret_outputs(new)
        new.modified = build_timestamp()

    async def _delete(self, step: Step) -> None:
        old = step.old
        assert old is not None
        if step.protected:
            raise ProviderError(_PROTECTED.format(urn=old.urn))
        if self._preview or step.kept_in_world or not old.custom:
            return
        provider = await self._find_provider(old)
        timeout = old.custom_timeouts.get("delete", 0.0)
        inputs, outputs = drop_contents(old.inputs), drop_contents(old.outputs)
        await provider.delete(DeleteRequest(old.id, old.urn, inputs, outputs, timeout))

    async def _read(self, step: Step) -> None:
        new = step.new
        assert new is not None
        if not new.id:
            return
        provider = await self._find_provider(new)
        inputs = drop_contents(new.inputs)
        response = await provider.read(ReadRequest(new.id, new.urn, inputs, inputs))
        if not response.id:
            raise ProviderError(f"resource '{new.id}' does not exist")
        new.id, new.outputs = response.id, dict(response.properties)
        hide_secret_outputs(new)

    async def _import(self, step: Step) -> None:
        new = step.new
        assert new is not None
        provider = await self._find_provider(new)
        response = await provider.read(ReadRequest(new.import_id, new.urn, {}, {}))
        if not response.id:
            raise ProviderError(f"resource '{new.import_id}' does not exist")
        if response.inputs is None:
            raise ProviderError("the provider cannot import: it does not tell a resource's inputs")
        inputs = response.inputs
        if step.adopts:
            new.import_id = ""
            inputs = {key: inputs[key] for key in step.kept_inputs or inputs if key in inputs}
        new.id, new.inputs, new.outputs = response.id, dict(inputs), dict(response.properties)
        hide_secret_outputs(new)
        new.created = new.modified = build_timestamp()

    async def _find_provider(self, state: ResourceState) -> ResourceProvider | Registry:
        if urns.is_provider_type(state.type):
            return self._registry
        return await self._registry.find(state.provider)


_PROTECTED: Final = (
    'resource "{urn}" cannot be deleted\nbecause it is protected. To unprotect it, remove the '
    "`protect` flag from the resource in your program and run `up`, or use `state unprotect`"
)


def hide_secret_outputs(state: ResourceState) -> None:
    """Make outputs secret that the options name, or whose input of the same name is secret."""
    secret = [key for key, value in state.inputs.items() if isinstance(value, Secret)]
    for key in (*state.additional_secret_outputs, *secret):
        value = state.outputs.get(key)
        if key in state.outputs and not isinstance(value, Secret):
            state.outputs = {**state.outputs, key: Secret(value)}


def _counts(step: Step) -> bool:
    if step.op is not Op.READ:
        return True
    old = step.old
    return old is not None and not is_same(old.outputs, step.state.outputs)
