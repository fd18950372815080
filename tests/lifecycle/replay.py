"""
Replays conformance scenarios on an engine and writes down what it did.

    python -m tests.lifecycle.replay IN.json OUT.json [--engine embedded|pulumi|automation]

IN is a list of scenarios; OUT is the same with `actual` and `seconds` in every step, for
`tests.support.conformance.compare` to judge. A step that raises is a failed step. Every scenario
has a stack of its own; the provider's memory lives as long as the scenario.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from meta_prefect.engine.embedded.engine import EmbeddedEngine
from meta_prefect.engine.embedded.plugin_finder import PluginPlace
from meta_prefect.engine.state.backend import FileBackend
from meta_prefect.engine.urn import STACK_TYPE
from meta_prefect.interfaces import wire
from meta_prefect.interfaces.diagnostics import MetaPrefectError, Severity
from meta_prefect.interfaces.engine import (
    ConfigValue,
    Engine,
    OperationKind,
    OperationRequest,
    Outcome,
    Program,
    Scope,
)
from meta_prefect.interfaces.events import (
    DiagnosticEvent,
    Event,
    ResourceFailed,
    ResourceOutputs,
    ResourcePre,
    StepMetadata,
    Summary,
)
from tests.support.conformance.program import build
from tests.support.conformance.provider import TestProvider, serve

PROJECT = "conf"
STACK = "dev"
PASSPHRASE = "conformance"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_UNSTEADY = frozenset({"created", "modified", "sourcePosition", "stackTrace", "time", "magic"})
_STEP_EVENTS = {
    ResourcePre: "resource_pre_event",
    ResourceOutputs: "res_outputs_event",
    ResourceFailed: "res_op_failed_event",
}

Step = dict[str, Any]
Scenario = dict[str, Any]


@dataclass
class Observed:
    """
    What one step did, as the engine tells it.

    deployment: the exported state, secrets in clear.
    """

    succeeded: bool
    events: list[dict[str, Any]]
    deployment: Mapping[str, Any]
    seconds: float


class StackUnderTest(Protocol):
    """One stack on one engine."""

    def run(self, step: Step) -> Observed: ...


@dataclass
class ContractStack:
    """
    A stack on one of our engines, in a folder of its own.

    port: where the test provider listens.
    """

    folder: Path
    port: int
    config: dict[str, ConfigValue] = field(default_factory=dict)

    def __post_init__(self):
        self.folder.mkdir(exist_ok=True)
        self._backend = FileBackend(f"file://{self.folder}", PROJECT, lambda: PASSPHRASE)
        self._engine = self.build_engine()

    def build_engine(self) -> Engine:
        """Make the engine under test."""
        raise NotImplementedError

    def run(self, step: Step) -> Observed:
        """Run one step; an engine that raises has failed it."""
        self.config.update(read_config(step))
        events: list[Event] = []
        start = time.perf_counter()
        try:
            result = self._engine.run(self._build_request(step), events.append)
            succeeded = result.outcome is Outcome.SUCCEEDED
        except Exception as error:  # noqa: BLE001 - whatever it is, the step failed
            events.append(DiagnosticEvent(Severity.ERROR, "", f"{type(error).__name__}: {error}"))
            succeeded = False
        seconds = time.perf_counter() - start
        shown = [found for event in events if (found := describe_event(event))]
        return Observed(succeeded, shown, self.export(), seconds)

    def _build_request(self, step: Step) -> OperationRequest:
        options = dict(step.get("options", {}))
        scope = Scope(
            targets=tuple(options.pop("target", ())),
            target_dependents=options.pop("target_dependents", False),
            excludes=tuple(options.pop("exclude", ())),
            exclude_dependents=options.pop("exclude_dependents", False),
            replace=tuple(options.pop("replace", ())),
        )
        kind = OperationKind(step["op"])
        runs_program = kind in (OperationKind.UP, OperationKind.PREVIEW)
        return OperationRequest(
            kind=kind,
            project=PROJECT,
            stack=STACK,
            program=build_program(step) if runs_program else None,
            config=self.config,
            scope=scope,
            parallel=1,
            report_untouched=True,
            **options,
        )

    def export(self) -> Mapping[str, Any]:
        """Give the state as our engine exports it, with secrets in clear."""
        try:
            return self._backend.export_stack(STACK, show_secrets=True)["deployment"]
        except MetaPrefectError as error:
            if error.diagnostic.code != "MP4108":
                raise
            return {}  # a preview came first: there is no stack yet

    def read_resources(self) -> list[dict[str, Any]]:
        """Give the records as they are in the file, secrets encrypted."""
        path = self.folder / ".pulumi" / "stacks" / PROJECT / f"{STACK}.json"
        found: list[dict[str, Any]] = json.loads(path.read_text())["checkpoint"]["latest"][
            "resources"
        ]
        return found


class EmbeddedStack(ContractStack):
    """A stack on the embedded engine."""

    def build_engine(self) -> Engine:
        place = PluginPlace({}, self.folder, {"test": self.port})
        return EmbeddedEngine(self._backend, {}, place)


def build_program(step: Step) -> Program:
    """Give the program of a step: a function of its own, or one made of data."""
    return step.get("function") or build(step)


def read_config(step: Step) -> dict[str, ConfigValue]:
    """Read the configuration that a step sets."""
    return {
        key: ConfigValue(value["$secret"], secret=True)
        if isinstance(value, dict)
        else ConfigValue(value)
        for key, value in step.get("config", {}).items()
    }


def describe_event(event: Event) -> dict[str, Any] | None:
    """Write an event as a recording does; None for one that recordings leave out."""
    match event:
        case ResourcePre(metadata) | ResourceOutputs(metadata) | ResourceFailed(metadata):
            return {"event": _STEP_EVENTS[type(event)], **_describe_step(metadata)}
        case DiagnosticEvent(severity, urn, message) if severity is not Severity.DEBUG:
            shown = {"severity": severity.value, "urn": urn or None, "message": normalise(message)}
            return {"event": "diagnostic", **shown}
        case Summary():
            changes = {op.value: number for op, number in event.changes.items()}
            return {"event": "summary", "changes": changes}
    return None


def _describe_step(metadata: StepMetadata) -> dict[str, Any]:
    detailed = {path: diff.kind.value for path, diff in metadata.detailed_diff.items()}
    shown = {
        "op": metadata.op.value,
        "urn": metadata.urn,
        "keys": list(metadata.keys),
        "diffs": list(metadata.diffs),
        "detailedDiff": detailed,
    }
    return {key: value for key, value in shown.items() if value}


def normalise(value: Any) -> Any:
    """Leave out times and places, and hide what is random."""
    if isinstance(value, dict):
        return {key: normalise(item) for key, item in value.items() if key not in _UNSTEADY}
    if isinstance(value, list):
        return [normalise(item) for item in value]
    if isinstance(value, str):
        return _UUID.sub("<uuid>", value.replace(wire.UNKNOWN_TEXT, "<unknown>"))
    return value


def reveal_outputs(deployment: Mapping[str, Any]) -> dict[str, Any]:
    """Read the stack's outputs from an exported state; secret if any part of them is."""
    stacks = [item for item in deployment.get("resources", ()) if item["type"] == STACK_TYPE]
    outputs = stacks[0].get("outputs", {}) if stacks else {}
    return {
        key: {"value": normalise(_in_clear(value)), "secret": _holds_secret(value)}
        for key, value in outputs.items()
    }


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and value.get(wire.SIGNATURE) == wire.SECRET


def _in_clear(value: Any) -> Any:
    if _is_secret(value):
        return json.loads(value["plaintext"])
    if isinstance(value, dict):
        return {key: _in_clear(item) for key, item in value.items()}
    return [_in_clear(item) for item in value] if isinstance(value, list) else value


def _holds_secret(value: Any) -> bool:
    if isinstance(value, dict):
        return _is_secret(value) or any(_holds_secret(item) for item in value.values())
    return isinstance(value, list) and any(_holds_secret(item) for item in value)


def drift(provider: TestProvider, changes: Mapping[str, Any]) -> None:
    """Change the provider's world behind the engine's back."""
    for id, props in changes.get("set", {}).items():
        old = provider.cloud.get(id, {"inputs": {}, "state": {}})
        provider.cloud[id] = {
            "inputs": {**old["inputs"], **props},
            "state": {"out": f"out-{id}", **old["state"], **props},
        }
    for id in changes.get("delete", ()):
        provider.cloud.pop(id, None)


def replay_step(step: Step, stack: StackUnderTest, provider: TestProvider) -> Step:
    """Run a step and give it with what it did."""
    drift(provider, step.get("cloud", {}))
    provider.take_calls()
    seen = stack.run(step)
    actual = {
        "result": "succeeded" if seen.succeeded else "failed",
        "events": seen.events,
        "calls": normalise(provider.take_calls()),
        "state": {
            "resources": normalise(seen.deployment.get("resources", [])),
            "pending_operations": normalise(seen.deployment.get("pending_operations", [])),
        },
        "outputs": reveal_outputs(seen.deployment),
    }
    return {**step, "actual": actual, "seconds": seen.seconds}


def replay_scenario(scenario: Scenario, stack: StackUnderTest, provider: TestProvider) -> Scenario:
    """Run all steps of a scenario, in a world that begins empty."""
    provider.reset()
    return {**scenario, "steps": [replay_step(step, stack, provider) for step in scenario["steps"]]}


def build_last_preview(scenario: Scenario) -> Step:
    """Write a preview of the last program of a scenario, about everything."""
    programs = [step for step in scenario["steps"] if step["op"] in ("up", "preview")]
    last = programs[-1] if programs else {"program": []}
    kept = {key: last[key] for key in ("program", "exports") if key in last}
    return {"op": "preview", **kept}


@contextmanager
def serving() -> Iterator[tuple[TestProvider, int]]:
    """Serve the test provider on a loopback port."""
    provider = TestProvider()
    server, port = serve(provider)
    try:
        yield provider, port
    finally:
        server.stop(None).wait()


def main() -> None:
    """Replay the file named on the command line."""
    parser = argparse.ArgumentParser(description="replay conformance scenarios on an engine")
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument(
        "--engine", choices=("embedded", "pulumi", "automation"), default="embedded"
    )
    arguments = parser.parse_args()
    if arguments.engine == "pulumi":
        from tests.lifecycle.pulumi_stack import PulumiStack as Stack
    elif arguments.engine == "automation":
        from tests.lifecycle.automation_stack import AutomationStack as Stack
    else:
        Stack = EmbeddedStack  # noqa: N806 - a class
    done = []
    with serving() as (provider, port):
        for scenario in json.loads(arguments.source.read_text()):
            with tempfile.TemporaryDirectory() as folder:
                stack = Stack(Path(folder), port)
                done.append(replay_scenario(scenario, stack, provider))
    arguments.target.write_text(json.dumps(done, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
