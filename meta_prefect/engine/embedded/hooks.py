"""
Hooks: functions of the program that run before and after steps, and when one has failed.

Knows the registered hooks by name and calls those that a record names; what their failure means for
the step is said here, and done by the executor. Not to be confused with `transforms`, which change
what is registered.

Source: `pkg/resource/deploy/resource_hooks.go`, `retries.go` and `step.go` of Pulumi 3.260.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pulumi.runtime.proto import resource_pb2

from meta_prefect.engine import urn as urns
from meta_prefect.engine.embedded.callbacks import Callbacks
from meta_prefect.engine.embedded.reports import Refused, Reporter
from meta_prefect.engine.embedded.steps import Step
from meta_prefect.engine.embedded.structs import build_struct
from meta_prefect.engine.state.checkpoint import ResourceState
from meta_prefect.interfaces.diagnostics import Diagnostic, Severity
from meta_prefect.interfaces.events import Op
from meta_prefect.interfaces.provider import PartlyDone, ProviderError, ProviderGone

_MAX_ATTEMPTS: Final = 100
_ON_ERROR: Final = "OnError"
_BINDINGS: Final = {
    "AfterCreate": "after_create",
    "AfterDelete": "after_delete",
    "AfterUpdate": "after_update",
    "BeforeCreate": "before_create",
    "BeforeDelete": "before_delete",
    "BeforeUpdate": "before_update",
    _ON_ERROR: "on_error",
}
"""Kinds of hooks, as state names them, and the fields of a registration; sorted as in state."""
_ACTIONS: Final = {
    Op.CREATE: "Create",
    Op.CREATE_REPLACEMENT: "Create",
    Op.UPDATE: "Update",
    Op.DELETE: "Delete",
    Op.DELETE_REPLACED: "Delete",
}


@dataclass(frozen=True, slots=True)
class _Hook:
    """
    A registered function.

    on_dry_run: it is called in previews too.
    ignore_errors: that it fails is worth a warning only.
    for_errors: it is asked whether a failed step is to be tried again.
    """

    callback: Any  # where the program's function is called
    on_dry_run: bool = False
    ignore_errors: bool = False
    for_errors: bool = False


class Hooks:
    """The hooks of one program."""

    def __init__(self, callbacks: Callbacks, reporter: Reporter, *, preview: bool) -> None:
        """Begin with none."""
        self._callbacks = callbacks
        self._reporter = reporter
        self._preview = preview
        self._hooks: dict[str, _Hook] = {}

    def __bool__(self) -> bool:
        """Say whether there are any."""
        return bool(self._hooks)

    def add(self, request: Any) -> None:
        """
        Take a hook that runs before or after steps.

        Raises:
            ProviderError: its name is empty or taken.
        """
        hook = _Hook(request.callback, request.on_dry_run, request.ignore_errors)
        self._add(request.name, hook)

    def add_for_errors(self, request: Any) -> None:
        """Take a hook that is asked about failed steps; raises as `add`."""
        self._add(request.name, _Hook(request.callback, for_errors=True))

    async def run_before(self, step: Step) -> None:
        """
        Call what must run before a step.

        Raises:
            ProviderError: the step must not be done.
        """
        await self._run("Before", step)

    async def run_after(self, step: Step) -> None:
        """
        Call what must run after a step.

        Raises:
            ProviderError: the operation has failed, though the step is done.
        """
        await self._run("After", step)

    async def attempt(self, step: Step, act: Callable[[], Awaitable[None]]) -> None:
        """
        Do a step, again and again while its hooks for errors want it.

        Raises:
            ProviderError: it failed at last, as the provider says or because a hook did.
        """
        names = step.state.resource_hooks.get(_ON_ERROR, ())
        failures: list[str] = []
        while True:
            try:
                return await act()
            except ProviderGone:
                raise
            except ProviderError as error:
                failures.insert(0, _describe_failure(error))
                if not names or not await self._wants_retry(names, step, failures):
                    raise

    async def _wants_retry(self, names: Sequence[str], step: Step, failures: list[str]) -> bool:
        if len(failures) >= _MAX_ATTEMPTS:
            text = f"maximum number of error hook retries ({_MAX_ATTEMPTS}) reached"
            self._reporter.say(Severity.WARNING, step.urn, text)
            return False
        answers = [await self._ask(name, step, failures) for name in names]
        if any(answers):
            text = (
                f"retrying {_ACTIONS[step.op].lower()} due to on-error hook request "
                f"({len(failures)}/{_MAX_ATTEMPTS})"
            )
            self._reporter.say(Severity.WARNING, step.urn, text)
        return any(answers)

    async def _ask(self, name: str, step: Step, failures: Sequence[str]) -> bool:
        hook = self._hooks.get(name)
        if hook is None or not hook.for_errors:
            raise ProviderError(
                f'error hooks execution failed: error hook "{name}" was not registered'
            )
        request = resource_pb2.ErrorHookRequest(
            **_describe(step, with_new_outputs=False),
            failed_operation=_ACTIONS[step.op].lower(),
            errors=failures,
        )
        try:
            answer = await self._callbacks.call(hook.callback, request)
            response = resource_pb2.ErrorHookResponse.FromString(answer)
            _raise_error(response)
        except ProviderError as error:
            text = f'error hooks execution failed: error hook "{name}" failed: {error}'
            raise ProviderError(text) from error
        return bool(response.retry)

    async def _run(self, when: str, step: Step) -> None:
        bound = step.state.resource_hooks
        if not bound or step.op not in _ACTIONS:
            return
        kind = f"{when}{_ACTIONS[step.op]}"
        for name in bound.get(kind, ()):
            hook = self._hooks.get(name)
            if hook is None or hook.for_errors:
                raise ProviderError(f'hook "{name}" was not registered')
            if hook.on_dry_run or not self._preview:
                await self._run_one(kind, name, hook, step)

    async def _run_one(self, kind: str, name: str, hook: _Hook, step: Step) -> None:
        is_after = kind.startswith("After")
        request = resource_pb2.ResourceHookRequest(**_describe(step, with_new_outputs=is_after))
        try:
            answer = await self._callbacks.call(hook.callback, request)
            _raise_error(resource_pb2.ResourceHookResponse.FromString(answer))
        except ProviderError as error:
            if hook.ignore_errors:
                text = f'{kind} hook "{name}" failed: {error}'
                self._reporter.say(Severity.WARNING, step.urn, text)
                return
            text = f'{"after" if is_after else "before"} hook "{name}" failed: {error}'
            raise ProviderError(text) from error

    def _add(self, name: str, hook: _Hook) -> None:
        if not name:
            raise ProviderError("resource hook name cannot be empty")
        if name in self._hooks:
            raise ProviderError(f'resource hook already registered for name "{name}"')
        self._hooks[name] = hook


def read_bindings(request: Any) -> dict[str, tuple[str, ...]]:
    """Give the names of a registration's hooks by kind, as state keeps them."""
    if not request.HasField("hooks"):
        return {}
    named = {kind: tuple(getattr(request.hooks, field)) for kind, field in _BINDINGS.items()}
    return {kind: names for kind, names in named.items() if names}


def refuse_unreachable(states: Iterable[ResourceState]) -> None:
    """
    Refuse to delete records whose hooks for that are in the program, which does not run.

    Raises:
        Refused: there are some.
    """
    found = []
    for state in states:
        hooks = state.resource_hooks
        names = [*hooks.get("BeforeDelete", ()), *hooks.get("AfterDelete", ())]
        if names:
            found.append(_build_unreachable(state.urn, names))
    if found:
        raise Refused(*found)


def _build_unreachable(urn: str, names: Sequence[str]) -> Diagnostic:
    message = (
        "Resource has delete hooks registered, but the program is not running. "
        f"Hooks: {', '.join(names)}"
    )
    fixes = (
        "remove the resource from the program and run `up`, which runs its delete hooks",
        "use Pulumi itself: `pulumi destroy --run-program`",
    )
    return Diagnostic("MP5101", message, urn, fixes=fixes)


def _describe_failure(error: ProviderError) -> str:
    """Say why a step failed; several reasons are listed as Pulumi lists them."""
    if not isinstance(error, PartlyDone):
        return str(error)
    number = len(error.reasons)
    listed = "\n\t".join(f"* {reason}" for reason in error.reasons)
    return f"{number} error{'s' * (number != 1)} occurred:\n\t{listed}\n\n"


def _describe(step: Step, *, with_new_outputs: bool) -> dict[str, Any]:
    """Say what every hook gets to know of a step; what a side does not have stays unset."""
    old = None if _ACTIONS[step.op] == "Create" else step.old
    new, state = step.new, step.state
    sides = {
        "old_inputs": old and build_struct(old.inputs),
        "old_outputs": old and build_struct(old.outputs),
        "old_options": old and _build_options(old),
        "new_inputs": new and build_struct(new.inputs),
        "new_outputs": new and with_new_outputs and build_struct(new.outputs),
        "new_options": new and _build_options(new),
    }
    known = {"urn": step.urn, "id": state.id, "name": urns.urn_name(step.urn), "type": state.type}
    return {**known, **{key: side for key, side in sides.items() if side}}


def _build_options(state: ResourceState) -> Any:
    options = resource_pb2.ResourceOptions(
        parent=state.parent,
        depends_on=state.dependencies,
        ignore_changes=state.ignore_changes,
        replace_on_changes=state.replace_on_changes,
        additional_secret_outputs=state.additional_secret_outputs,
        provider=state.provider,
        deleted_with=state.deleted_with,
        hide_diff=state.hide_diff,
        replace_with=state.replace_with,
        protect=bool(state.protect),
        retain_on_delete=bool(state.retain_on_delete),
        custom_timeouts=_build_timeouts(state.custom_timeouts),
        hooks=_build_bindings(state.resource_hooks),
    )
    setattr(options, "import", state.import_id)
    for urn in state.aliases:
        options.aliases.add(urn=urn)
    return options


def _build_timeouts(timeouts: Mapping[str, float]) -> Any:
    if not timeouts:
        return None
    texts = {action: f"{seconds:g}s" for action, seconds in timeouts.items()}
    return resource_pb2.RegisterResourceRequest.CustomTimeouts(**texts)


def _build_bindings(bound: Mapping[str, Sequence[str]]) -> Any:
    if not bound:
        return None
    fields = {_BINDINGS[kind]: names for kind, names in bound.items() if kind in _BINDINGS}
    return resource_pb2.RegisterResourceRequest.ResourceHooksBinding(**fields)


def _raise_error(response: Any) -> None:
    if response.error:
        raise ProviderError(response.error)
