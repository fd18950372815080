"""
Operations: what `up`, `destroy` and `refresh` mean for flows.

Decides which flows are loaded, which resources an operation covers and what is left alone, then
lets an engine do it. Prints nothing and asks nothing: the command line previews, asks, applies. Not
to be confused with `engine`, which knows no flows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from meta_prefect.interfaces.engine import (
    DEFAULT_PARALLEL,
    Engine,
    Failure,
    OperationKind,
    OperationRequest,
    OperationResult,
    Outcome,
)
from meta_prefect.interfaces.events import Event, EventSink, Op, ResourcePre, StepMetadata
from meta_prefect.project.replacing import refuse_replacing


@dataclass(frozen=True, slots=True)
class Selection:
    """
    What the user pointed at.

    flows: `my_flow`, `my_flow/nightly` or `file.py:my_flow`.
    everything: the whole project; `flows` is empty then.
    """

    flows: tuple[str, ...] = ()
    everything: bool = False


@dataclass(frozen=True, slots=True)
class OperationOptions:
    """
    How the user wants it done.

    only, excluded, replaced: resources as printed in the tree, patterns allowed.
    refresh: look at the world first.
    parallel: steps at once.
    timeout_seconds: 0 means none.
    message: for the history.
    adopted: ids of objects that an `up` takes over, by the logical name of the resource.
    """

    only: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    refresh: bool = False
    parallel: int = DEFAULT_PARALLEL
    continue_on_error: bool = False
    expect_no_changes: bool = False
    message: str = ""
    timeout_seconds: float = 0.0
    adopted: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subject:
    """
    What an operation is about, for headings.

    flows: logical names, in the order given; empty for the whole project.
    engine: name and version.
    """

    flows: tuple[str, ...]
    project: str
    stack: str
    engine: str
    backend: str


class Operation:
    """
    One prepared operation: look at it with `preview`, then do it with `apply`.

    Nothing is changed before `apply`, which stops at a step that the preview did not show.
    """

    def __init__(
        self,
        engine: Engine,
        request: OperationRequest,
        subject: Subject,
        kept: Sequence[str] = (),
        before_apply: Callable[[], None] = lambda: None,
        words: Sequence[str] = ("--all",),
    ) -> None:
        """
        Keep the request.

        kept: what stays afterwards, a line each. words: what it is about, as typed after the verb.
        """
        self.subject = subject
        self.kept = tuple(kept)
        self._engine = engine
        self._before_apply = before_apply
        self._words = tuple(words)
        self._request = request
        self._planned: frozenset[tuple[str, Op]] | None = None
        self._refused: OperationResult | None = None

    @property
    def kind(self) -> OperationKind:
        """What it does when applied."""
        return self._request.kind

    def preview(self, on_event: EventSink) -> OperationResult:
        """
        Find out what would happen; changes nothing and takes no lock.

        Fails when a thing that others live in would be replaced, and nobody said that it may be.
        """
        planned: set[tuple[str, Op]] = set()
        replaced: list[StepMetadata] = []

        def note(event: Event) -> None:
            if isinstance(event, ResourcePre):
                planned.add((event.metadata.urn, event.metadata.op))
                if event.metadata.op is Op.REPLACE:
                    replaced.append(event.metadata)
            on_event(event)

        request = replace(
            self._request, kind=OperationKind.PREVIEW, preview_of=self.kind, planned=None
        )
        result = self._judge(self._engine.run(request, note), replaced)
        if result.outcome is Outcome.SUCCEEDED:
            self._planned = frozenset(planned)
        return result

    def apply(self, on_event: EventSink) -> OperationResult:
        """Do it; after a preview, exactly what the preview showed, and nothing if it refused."""
        if self._refused is not None:
            return self._refused
        self._before_apply()
        return self._engine.run(replace(self._request, planned=self._planned), on_event)

    def cancel(self) -> None:
        """Stop: once, after what runs now; twice, at once."""
        self._engine.cancel()

    def _judge(self, result: OperationResult, replaced: Sequence[StepMetadata]) -> OperationResult:
        reason = refuse_replacing(replaced, self._request.scope.replace, self._words)
        if reason is None or result.outcome is not Outcome.SUCCEEDED:
            return result
        self._refused = replace(
            result, outcome=Outcome.FAILED, diagnostics=(reason,), failure=Failure.REFUSED
        )
        return self._refused
