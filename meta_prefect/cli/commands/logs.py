"""`logs`: what the last run of a flow logged, or its worker, or the local server."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from meta_prefect.cli.commands.operation import build_flow_question
from meta_prefect.cli.context import Context
from meta_prefect.cli.options import Call, parse_duration
from meta_prefect.cli.views.documents import write_answer
from meta_prefect.cli.views.runs import draw_log
from meta_prefect.cli.views.text import Line, Span, line
from meta_prefect.cli.views.theme import Style
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

if TYPE_CHECKING:
    from meta_prefect.project.project import Project
    from meta_prefect.project.runs import Run, RunLog

SCHEMA: Final = "meta-prefect.logs.v1"
_FILE_LINES: Final = 100


def run(call: Call, context: Context) -> ExitCode:
    """Show logs; following ends with the run, or with Ctrl-C."""
    project = context.open_project(call)
    if not call.words:
        raise build_flow_question(call, project)
    if call.logging.follow and call.everywhere.json:
        raise MetaPrefectError(
            "MP1312",
            "--follow and --json at once",
            why="one document cannot be written before the end",
            fixes=(call.suggest("logs", *call.words, "--json"),),
            exit_code=ExitCode.USAGE,
        )
    if call.logging.since and call.logging.source != "run":
        raise MetaPrefectError(
            "MP1312",
            f"--since and --of {call.logging.source} at once",
            why="only the lines of runs have a time that is known here",
            fixes=(call.suggest("logs", *call.words, "--of", call.logging.source, "-n", "200"),),
            exit_code=ExitCode.USAGE,
        )
    show = _show_run if call.logging.source == "run" else _show_files
    with suppress(KeyboardInterrupt):
        show(call, context, project)
    return ExitCode.OK


def _show_run(call: Call, context: Context, project: Project) -> None:
    seconds = parse_duration(call.logging.since)
    found = project.find_last_run(call.words[0])
    context.terminal.talk(
        [line(Span(f"run {found.name} of {found.deployment}  {found.url}", Style.DIM))],
        call.everywhere.color,
    )
    if call.logging.follow:
        found.follow(lambda _: None, lambda log: _write(call, context, [draw_log(log)]))
        return
    wanted = _choose_recent(found.read_logs(), seconds)
    logs = deque(wanted, maxlen=call.logging.lines or None)
    document = _build_run_document(call, found, logs)
    write_answer(call, context.terminal, document, [draw_log(log) for log in logs])


def _choose_recent(logs: Iterable[RunLog], seconds: float) -> Iterator[RunLog]:
    """Leave out what is older; 0 seconds leave out nothing."""
    oldest = datetime.now(UTC) - timedelta(seconds=seconds)
    return (log for log in logs if not seconds or log.timestamp >= oldest)


def _show_files(call: Call, context: Context, project: Project) -> None:
    from meta_prefect.project.log_files import follow_file, read_tail

    files = _find_files(call, project)
    tails = {path: read_tail(path, call.logging.lines or _FILE_LINES) for path in files}
    document = {
        "schema": SCHEMA,
        "flow": call.words[0],
        "of": call.logging.source,
        "files": [{"path": str(path), "lines": texts} for path, texts in tails.items()],
    }
    lines = list(chain.from_iterable(_draw_file(path, texts) for path, texts in tails.items()))
    write_answer(call, context.terminal, document, lines)
    if call.logging.follow:
        for text in follow_file(files[0]):
            _write(call, context, [line(text)])


def _find_files(call: Call, project: Project) -> tuple[Path, ...]:
    files = project.list_log_files(call.words[0], call.logging.source)
    if not files:
        raise MetaPrefectError(
            "MP3407",
            f"no {call.logging.source} of {call.words[0]} runs on this machine",
            why="the stack keeps none: it is somebody else's, or runs in containers",
            exit_code=ExitCode.NOT_FOUND,
        )
    return files


def _draw_file(path: Path, texts: list[str]) -> Iterator[Line]:
    yield line(Span(str(path), Style.DIM))
    yield from map(line, texts)


def _write(call: Call, context: Context, lines: list[Line]) -> None:
    context.terminal.answer(lines, call.everywhere.color)


def _build_run_document(call: Call, found: Run, logs: deque[RunLog]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "flow": call.words[0],
        "of": "run",
        "run": {"id": found.id, "name": found.name, "url": found.url},
        "lines": [
            {
                "timestamp": log.timestamp.isoformat(),
                "level": log.level,
                "logger": log.logger,
                "message": log.message,
            }
            for log in logs
        ],
    }
