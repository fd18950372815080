"""
Taking over: an `up` that puts what is deployed into the stack, and a look whether all is the same.

Changes nothing in Prefect: what differs there stops it before anything is done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from meta_prefect.interfaces.diagnostics import Diagnostic, ExitCode, MetaPrefectError
from meta_prefect.interfaces.engine import OperationKind, OperationResult, Outcome
from meta_prefect.interfaces.events import Event, EventSink, Op, ResourcePre, StepMetadata
from meta_prefect.project.migration.migration import Migration
from meta_prefect.project.operations import Operation, OperationOptions, Selection

Prepare = Callable[[OperationKind, Selection, OperationOptions], Operation]
_CHANGES = frozenset({Op.UPDATE, Op.REPLACE, Op.CREATE_REPLACEMENT, Op.DELETE, Op.DELETE_REPLACED})


@dataclass(frozen=True, slots=True)
class TakenOver:
    """
    What came of it.

    adopted: names of the resources that are in the stack now.
    waiting: what the next `up` would do, by name; empty: nothing.
    """

    adopted: tuple[str, ...]
    waiting: Mapping[str, str]


def take_over(migration: Migration, prepare: Prepare) -> TakenOver:
    """
    Take over what a migration found in Prefect.

    prepare: makes operations ready, as `Project` does.

    Raises:
        MetaPrefectError: something differs from what the builders say, or an operation failed.
    """
    if migration.adopted:
        options = OperationOptions(adopted=migration.adopted, message="init")
        selection = Selection(flows=migration.adopted_flows)
        operation = prepare(OperationKind.UP, selection, options)
        _refuse_changes(_watch(operation.preview))
        _watch(operation.apply)
    selection = Selection(flows=migration.flows)
    look = prepare(OperationKind.UP, selection, OperationOptions())
    steps = _watch(look.preview)
    waiting = {name: step.op.value for name, step in steps.items() if step.op is not Op.READ}
    return TakenOver(tuple(migration.adopted), waiting)


def _refuse_changes(steps: Mapping[str, StepMetadata]) -> None:
    changed = {name: step for name, step in steps.items() if step.op in _CHANGES}
    if not changed:
        return
    first = next(iter(changed))
    flow = first.partition("/")[0]
    raise MetaPrefectError(
        "MP1504",
        f"{len(changed)} of the things in Prefect differ from what the builders say",
        why="\n".join(f"{name}: {', '.join(step.diffs)}" for name, step in changed.items()),
        fixes=(f"meta-prefect preview {flow}", f"meta-prefect import {flow} {first} ID"),
    )


def _watch(work: Callable[[EventSink], OperationResult]) -> dict[str, StepMetadata]:
    """Let an operation go through; gives the last step of each custom resource not the same."""
    steps: dict[str, StepMetadata] = {}

    def note(event: Event) -> None:
        if isinstance(event, ResourcePre) and event.metadata.op is not Op.SAME:
            metadata = event.metadata
            if not metadata.type.startswith("pulumi:"):
                steps[metadata.urn.rpartition("::")[2]] = metadata

    result = work(note)
    if result.outcome is not Outcome.SUCCEEDED:
        first, *others = result.diagnostics or (Diagnostic("MP3001", "the operation was stopped"),)
        raise MetaPrefectError(
            first.code,
            first.summary,
            where=first.where,
            why=first.why,
            fixes=first.fixes,
            exit_code=ExitCode.RESOURCE,
            others=tuple(others),
        )
    return steps
