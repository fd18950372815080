"""`run`: start a run of a flow's deployment, follow it, print its result."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from meta_prefect.cli.commands.operation import build_flow_question, show_status
from meta_prefect.cli.context import Context
from meta_prefect.cli.exits import judge_run
from meta_prefect.cli.options import Call, parse_parameters
from meta_prefect.cli.views.documents import write_answer
from meta_prefect.cli.views.runs import draw_log, draw_state
from meta_prefect.cli.views.text import Line, line, say_seconds
from meta_prefect.interfaces.diagnostics import ExitCode

if TYPE_CHECKING:
    from meta_prefect.project.runs import Run, RunLog, RunResult, RunState

SCHEMA: Final = "meta-prefect.run.v1"


def run(call: Call, context: Context) -> ExitCode:
    """Run a flow where it is deployed."""
    parameters = parse_parameters(call.running.parameters)
    settings = context.read_settings(call)
    what = call.words[0] if call.words else settings.project
    with show_status(call, context, f"{what} on {settings.stack}: starting a run"):
        project = context.build_project(settings, context.environment)
        if not call.words:
            raise build_flow_question(call, project)
        started = project.start_run(call.words[0], parameters)
    talker = _Talker(call, context)
    talker.say(f"run {started.name} of {started.deployment}  {started.url}")
    if call.running.no_follow:
        write_answer(call, context.terminal, _build_document(call, started, None), [])
        return ExitCode.OK
    try:
        result = started.follow(talker.say_state, talker.say_log)
    except KeyboardInterrupt:
        talker.say(f"\nStopped following; the run goes on: {started.url}")
        raise
    talker.say_end(result)
    answer = _draw_value(result)
    write_answer(call, context.terminal, _build_document(call, started, result), answer)
    return judge_run(result.state)


class _Talker:
    """Says on stderr what a run does."""

    def __init__(self, call: Call, context: Context) -> None:
        self._terminal = context.terminal
        self._color = call.everywhere.color
        self._silent = call.everywhere.quiet

    def say(self, text: str) -> None:
        self._talk(line(text))

    def say_state(self, state: RunState) -> None:
        """Leave the last one to the end: log lines may come behind it."""
        if not state.is_final:
            self._talk(draw_state(state))

    def say_end(self, result: RunResult) -> None:
        self._talk(draw_state(result.state, f" after {say_seconds(result.seconds)}"))

    def say_log(self, log: RunLog) -> None:
        self._talk(draw_log(log))

    def _talk(self, text: Line) -> None:
        if not self._silent:
            self._terminal.talk([text], self._color)


def _draw_value(result: RunResult) -> list[Line]:
    """Write the return value: a text as it is, what JSON knows as JSON."""
    if not result.has_value or result.value is None:
        return []
    if isinstance(result.value, str):
        return [line(result.value)]
    return [line(json.dumps(result.value, ensure_ascii=False, default=str))]


def _build_document(call: Call, started: Run, result: RunResult | None) -> dict[str, Any]:
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "command": call.verb,
        "flow": call.words[0],
        "deployment": started.deployment,
        "run": {"id": started.id, "name": started.name, "url": started.url},
    }
    if result is not None:
        state = result.state
        document["state"] = {"name": state.name, "type": state.type, "message": state.message}
        document["has_value"] = result.has_value
        document["value"] = result.value
        document["duration_seconds"] = round(result.seconds, 3)
    return document
