"""
A stack on Pulumi's own engine, for replays: needs a `pulumi` executable on PATH.

Driven through Pulumi's Automation API and not through `meta_prefect.engine.automation`, so that
what the two engines are compared with does not pass through code of ours.
"""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi import automation

from tests.lifecycle.replay import (
    PASSPHRASE,
    PROJECT,
    STACK,
    Observed,
    Step,
    build_program,
    normalise,
    read_config,
)

_STEP_EVENTS = ("resource_pre_event", "res_outputs_event", "res_op_failed_event")


@dataclass
class PulumiStack:
    """
    A stack in a folder of its own.

    port: where the test provider listens.
    """

    folder: Path
    port: int
    stack: automation.Stack = field(init=False)

    def __post_init__(self):
        url = f"file://{self.folder}"
        settings = automation.ProjectSettings(
            name=PROJECT, runtime="python", backend=automation.ProjectBackend(url=url)
        )
        environment = {
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_DEBUG_PROVIDERS": f"test:{self.port}",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_BACKEND_URL": url,
        }
        self.stack = automation.create_stack(
            stack_name=STACK,
            project_name=PROJECT,
            program=lambda: None,
            opts=automation.LocalWorkspaceOptions(env_vars=environment, project_settings=settings),
        )

    def run(self, step: Step) -> Observed:
        """Run one step; a command that fails has failed it."""
        for key, value in read_config(step).items():
            self.stack.set_config(key, automation.ConfigValue(value.value, value.secret))
        events: list[dict[str, Any]] = []

        def on_event(event: automation.EngineEvent) -> None:
            found = describe_event(event)
            if found is not None:
                events.append(found)

        self.stack.workspace.program = build_program(step)
        operation = getattr(self.stack, step["op"])
        start = time.perf_counter()
        try:
            operation(**step.get("options", {}), parallel=1, on_event=on_event)
            succeeded = True
        except automation.CommandError:
            succeeded = False
        seconds = time.perf_counter() - start
        gc.collect()  # what the SDK's server left half done goes on when it is collected: here
        return Observed(succeeded, events, self.stack.export_stack().deployment, seconds)


def describe_event(event: automation.EngineEvent) -> dict[str, Any] | None:
    """Write an event as a recording does; None for one that recordings leave out."""
    for kind in _STEP_EVENTS:
        found = getattr(event, kind)
        if found is not None:
            return {"event": kind, **_describe_step(found.metadata)}
    if event.diagnostic_event is not None and event.diagnostic_event.severity != "debug":
        said = event.diagnostic_event
        message = normalise(said.message.split("\nTraceback")[0])
        shown = {"severity": said.severity, "urn": said.urn, "message": message}
        return {"event": "diagnostic", **shown}
    if event.summary_event is not None:
        counts = event.summary_event.resource_changes
        return {"event": "summary", "changes": {_text(op): n for op, n in counts.items()}}
    return None


def _describe_step(metadata: Any) -> dict[str, Any]:
    detailed = metadata.detailed_diff or {}
    shown = {
        "op": _text(metadata.op),
        "urn": metadata.urn,
        "keys": list(metadata.keys or ()),
        "diffs": list(metadata.diffs or ()),
        "detailedDiff": {path: _text(diff.diff_kind) for path, diff in detailed.items()},
    }
    return {key: value for key, value in shown.items() if value}


def _text(value: Any) -> str:
    return str(getattr(value, "value", value))
