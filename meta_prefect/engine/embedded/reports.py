"""
Reports: what the operation says while it runs, and what it counts for the summary.

The only module of this room that makes events. Property values are masked on the way out, and a map
with nothing to mask is passed on as it is. Not to be confused with `snapshots`, which stores.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from meta_prefect.engine import urn as urns
from meta_prefect.engine.embedded.steps import Step
from meta_prefect.engine.masking import SECRET_TEXT, mask
from meta_prefect.engine.state.checkpoint import ResourceState
from meta_prefect.interfaces.diagnostics import Diagnostic, MetaPrefectError, Severity
from meta_prefect.interfaces.engine import ConfigValue, Failure
from meta_prefect.interfaces.events import (
    Cancelled,
    DiagnosticEvent,
    EventSink,
    Op,
    Prelude,
    ResourceFailed,
    ResourceOutputs,
    ResourcePre,
    ResourceView,
    StepMetadata,
    Summary,
)


class Refused(Exception):
    """The generator cannot go on with a registration; the run takes no more events."""

    def __init__(self, *diagnostics: Diagnostic, failure: Failure = Failure.RESOURCE) -> None:
        """Keep what is wrong; at least one diagnostic."""
        super().__init__("; ".join(diagnostic.summary for diagnostic in diagnostics))
        self.diagnostics = diagnostics
        self.failure = failure


class Reporter:
    """Emits the events of one operation, counts its steps and remembers what failed."""

    def __init__(self, on_event: EventSink) -> None:
        """Send events to a callable, one at a time, in the engine's thread."""
        self._emit = on_event
        self.changes: Counter[Op] = Counter()
        self.failures: list[Diagnostic] = []
        self.failure = Failure.NONE

    def prelude(self, config: Mapping[str, ConfigValue]) -> None:
        """Say that the operation begins."""
        shown = {key: SECRET_TEXT if item.secret else item.value for key, item in config.items()}
        self._emit(Prelude(shown))

    def begin(self, step: Step) -> None:
        """Say that a step begins."""
        self._emit(ResourcePre(build_metadata(step, step.op)))

    def finish(self, step: Step, op: Op | None = None) -> None:
        """Say how a step ended; `op` is the result of a refresh."""
        self._emit(ResourceOutputs(build_metadata(step, op or step.op)))

    def fail(self, step: Step) -> None:
        """Say that a step failed; the reason comes before."""
        self._emit(ResourceFailed(build_metadata(step, step.op)))

    def count(self, step: Step, op: Op | None = None) -> None:
        """Count a step that ended well; default providers and halves of steps do not count."""
        if step.is_logical and not is_default_provider(step.urn):
            self.changes[op or step.op] += 1

    def say(self, severity: Severity, urn: str, message: str, *, ephemeral: bool = False) -> None:
        """Pass a message on; it decides nothing."""
        self._emit(DiagnosticEvent(severity, urn, message.rstrip("\n"), ephemeral))

    def complain(self, diagnostic: Diagnostic, failure: Failure = Failure.RESOURCE) -> None:
        """Say what went wrong; the operation has failed."""
        if self.failure is Failure.NONE:
            self.failure = failure
        self.failures.append(diagnostic)
        self.say(diagnostic.severity, diagnostic.where, diagnostic.summary)

    def summarise(self, *, preview: bool, duration_seconds: float) -> None:
        """Say that the operation ended."""
        self._emit(Summary(preview, duration_seconds, dict(self.changes)))

    def cancelled(self) -> None:
        """Say that the operation was interrupted."""
        self._emit(Cancelled())


def diagnose(urn: str, error: Exception) -> Diagnostic:
    """Say what went wrong with a resource; an error that knows a cure keeps it."""
    if isinstance(error, MetaPrefectError):
        return replace(error.diagnostic, where=urn)
    return Diagnostic("MP3001", str(error), urn)


def is_default_provider(urn: str) -> bool:
    """Say whether a resource is a provider that nobody asked for by name."""
    if not urns.is_provider_type(urns.urn_type(urn)):
        return False
    name = urns.urn_name(urn)
    return name == "default" or name.startswith("default_")


def build_metadata(step: Step, op: Op) -> StepMetadata:
    """Describe a step as it stands now."""
    state, difference = step.state, step.difference
    return StepMetadata(
        op,
        step.urn,
        state.type,
        _build_view(step.old),
        _build_view(step.new),
        state.parent,
        state.provider,
        difference.keys,
        difference.diffs,
        difference.detailed_diff,
        step.is_logical,
    )


def _build_view(state: ResourceState | None) -> ResourceView | None:
    if state is None:
        return None
    return ResourceView(state.id, mask(state.inputs), mask(state.outputs), bool(state.protect))
