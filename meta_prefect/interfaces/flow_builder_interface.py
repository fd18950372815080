"""
`FlowBuilderInterface`: what every builder is.

A builder is applied to Prefect's `flow` decorator, to a flow, or to another builder:

    local_flow = local_deployer()(flow)            # a decorator to use in place of `flow`
    my_flow = local_deployer()(my_flow)            # a flow that exists
    team = versioneer()(tags_resolver())           # one builder out of two

The innermost applies first, the outermost wins. This module knows no Prefect: a flow is recognised
by what it offers, so that importing a builder costs nothing.
"""

from __future__ import annotations

import functools
import linecache
import sys
from collections.abc import Callable, Hashable
from collections.abc import Set as AbstractSet
from types import FunctionType
from typing import Any, TypeVar, overload

from meta_prefect.interfaces.blueprint import AppliedBuilder, attach
from meta_prefect.interfaces.declaring import Declaring
from meta_prefect.interfaces.deployment import DeploymentSpec

Target = TypeVar("Target")


class FlowBuilderInterface:
    """
    Contributes to a flow's deployments; subclass it to write a deployer of one's own.

    Override what you need: `requires`, `update_deployment`, `declare`, and `prepare_flow` for what
    acts in the worker. Subclasses need not call `super().__init__()`.
    """

    @property
    def requires(self) -> AbstractSet[Hashable]:
        """The records of what the flow needs (`interfaces.components`), or records of your own."""
        return frozenset()

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Give a changed copy of the spec (`dataclasses.replace`); change nothing else."""
        return deployment

    def declare(self, declaring: Declaring) -> None:
        """
        Declare raw Pulumi resources while the program runs.

        Called once for each deployment. Import Pulumi inside the method: the worker imports this
        class too. Pass `opts=declaring.options()` to each resource, so that it belongs to the flow.
        """

    def prepare_flow(self, flow: Any) -> None:
        """
        Change the Prefect `Flow` itself while its file is imported: here, and in the worker.

        Import nothing heavy, and reach no server: this also happens in every test of the flow.
        """

    @property
    def asked_deployments(self) -> tuple[str, ...]:
        """What the deployments are called that the builder asks for; most ask for none."""
        return ()

    def select_builders(
        self,
        deployment: str,  # noqa: ARG002 - most builders apply to all
        stack: str,  # noqa: ARG002 - and in all
    ) -> tuple[FlowBuilderInterface, ...]:
        """Give what of the builder has to do with one deployment in a stack: for most, itself."""
        return (self,)

    @overload
    def __call__(self, target: FlowBuilderInterface) -> FlowBuilderInterface: ...

    @overload
    def __call__(self, target: Target) -> Target: ...

    def __call__(self, target: Any) -> Any:
        """
        Apply the builder.

        Raises:
            TypeError: the target is neither a flow, nor a flow decorator, nor a builder.
        """
        if isinstance(target, FlowBuilderInterface):
            return Composed(*_flat(target), *_flat(self))
        file, line = _caller()
        return _apply(AppliedBuilder(self, file, line), target)


class Composed(FlowBuilderInterface):
    """Several builders as one, from the innermost to the outermost."""

    def __init__(self, *builders: FlowBuilderInterface) -> None:
        """Keep the builders in the order in which they apply."""
        self.builders = builders

    @property
    def requires(self) -> AbstractSet[Hashable]:
        """What any of them needs."""
        return frozenset(need for builder in self.builders for need in builder.requires)

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Let each of them change the spec in turn."""
        for builder in self.builders:
            deployment = builder.update_deployment(deployment)
        return deployment

    def declare(self, declaring: Declaring) -> None:
        """Let each of them declare."""
        for builder in self.builders:
            builder.declare(declaring)

    def prepare_flow(self, flow: Any) -> None:
        """Let each of them change the flow."""
        for builder in self.builders:
            builder.prepare_flow(flow)

    @property
    def asked_deployments(self) -> tuple[str, ...]:
        """What any of them asks for."""
        return tuple(name for builder in self.builders for name in builder.asked_deployments)

    def select_builders(self, deployment: str, stack: str) -> tuple[FlowBuilderInterface, ...]:
        """Give those of each of them."""
        return tuple(
            item for builder in self.builders for item in builder.select_builders(deployment, stack)
        )


class _FlowDecorator:
    """A decorator to use in place of Prefect's `flow`: makes the flow, then applies the builder."""

    def __init__(self, decorator: Callable[..., Any], applied: AppliedBuilder) -> None:
        self._decorator = decorator
        self._applied = applied
        functools.update_wrapper(self, decorator, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        # With a function: the flow. With options alone: a decorator that waits for the function.
        return _apply(self._applied, self._decorator(*args, **kwargs))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._decorator, name)


def _apply(applied: AppliedBuilder, target: Any) -> Any:
    match target:
        case _ if _is_flow(target):
            attach(target, applied)
            return target
        case _ if _is_plain(target) and _is_decorating(applied):
            raise TypeError(
                f"{applied.name}() stands above {target.__name__}, which is no flow: put @flow "
                "right above the function, below all builders"
            )
        case _ if callable(target) and not isinstance(target, type):
            return _FlowDecorator(target, applied)
    message = (
        f"{applied.name}() is for a flow, the flow decorator or another builder, "
        f"not for {type(target).__name__}: put @flow right above the function"
    )
    raise TypeError(message)


def _is_plain(target: Any) -> bool:
    """Say whether a target is a function or a task of Prefect, which both may be called."""
    return isinstance(target, FunctionType) or hasattr(target, "task_key")


def _is_decorating(applied: AppliedBuilder) -> bool:
    """Say whether a builder stands above a function or class, and was not called with it."""
    return linecache.getline(applied.file, applied.line).lstrip().startswith("@")


def _flat(builder: FlowBuilderInterface) -> tuple[FlowBuilderInterface, ...]:
    return builder.builders if isinstance(builder, Composed) else (builder,)


def _is_flow(target: Any) -> bool:
    if isinstance(target, type):
        return False
    return hasattr(target, "with_options") and hasattr(target, "validate_parameters")


def _caller() -> tuple[str, int]:
    """Give file and line of the code that applied the builder."""
    frame = sys._getframe(2)  # noqa: SLF001 - `inspect.stack` reads every source file on the way
    return frame.f_code.co_filename, frame.f_lineno
