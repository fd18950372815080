"""
What commands about an operation have in common: open, preview, apply, report.

Not to be confused with `project.operations`, which knows what an operation covers; this module
shows it to a person.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from meta_prefect.cli.commands.narrowing import check_narrowing, list_narrowing
from meta_prefect.cli.context import Context
from meta_prefect.cli.exits import judge_operation
from meta_prefect.cli.options import Call
from meta_prefect.cli.views.base import NextStep, Report, Result, View
from meta_prefect.cli.views.choose import choose_view
from meta_prefect.cli.views.documents import append_file, write_json_file
from meta_prefect.cli.views.json import build_operation
from meta_prefect.cli.views.markdown import render_summary
from meta_prefect.cli.views.picture import Picture, find_name
from meta_prefect.cli.views.status import Status
from meta_prefect.cli.views.text import count_noun, line
from meta_prefect.cli.watching import Clock, Watcher
from meta_prefect.interfaces.diagnostics import Diagnostic, ExitCode, MetaPrefectError
from meta_prefect.interfaces.engine import (
    DEFAULT_PARALLEL,
    Failure,
    OperationKind,
    OperationResult,
    Outcome,
)
from meta_prefect.project.operations import Operation, OperationOptions, Selection

if TYPE_CHECKING:
    from meta_prefect.project.project import Project

_RESULTS: Final = {
    Outcome.SUCCEEDED: Result.SUCCEEDED,
    Outcome.FAILED: Result.FAILED,
    Outcome.CANCELLED: Result.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Watched:
    """What came of a preview or an operation, and its picture."""

    result: OperationResult
    picture: Picture
    seconds: float


class Stage:
    """One operation, from the command line to its last line on the screen."""

    def __init__(
        self, call: Call, context: Context, project: Project, operation: Operation
    ) -> None:
        """Choose a view and say what it is about."""
        self.call = call
        self.context = context
        self.project = project
        self.operation = operation
        self.view: View = choose_view(call, context.terminal)
        self._clock: Clock = time.monotonic
        self.view.open("drift" if call.looking.drift else call.verb, operation.subject)

    @property
    def stack(self) -> str:
        """Name of the stack."""
        return self.operation.subject.stack

    def preview(self) -> Watched:
        """
        Find out what would happen.

        Raises:
            MetaPrefectError: a flag names a resource that is not there.
        """
        drift = self.operation.kind is OperationKind.REFRESH
        picture = Picture(preview=True, began=self._clock(), drift=drift)
        looked = self._watch(self.operation.preview, picture)
        if looked.result.outcome is Outcome.SUCCEEDED:
            self._check_flags(picture)
        return looked

    def apply(self, looked: Watched) -> Watched:
        """Do what the preview showed."""
        picture = Picture.expecting(looked.picture, self._clock())
        return self._watch(self.operation.apply, picture)

    def report(self, watched: Watched, steps: Sequence[NextStep] = ()) -> Report:
        """Put together what there is to say about a preview or an operation."""
        result = _RESULTS[watched.result.outcome]
        if result is Result.SUCCEEDED and not watched.picture.changes:
            result = Result.NO_CHANGES
        return Report(
            command=self.call.verb,
            kind=self.operation.kind,
            subject=self.operation.subject,
            picture=watched.picture,
            result=result,
            seconds=watched.seconds,
            outputs=watched.result.outputs,
            diagnostics=tuple(_place(item) for item in watched.result.diagnostics),
            kept=self.operation.kept,
            steps=tuple(steps),
        )

    def close(self, report: Report, code: ExitCode) -> ExitCode:
        """Show how it ended, on the screen and in the file that was asked for."""
        self.view.show_report(report)
        if path := self.call.everywhere.json_file:
            write_json_file(path, build_operation(report, self.call.looking.show_same))
        if path := self.call.everywhere.summary_file:
            append_file(path, render_summary(report))
        return code

    def check_expectation(self, looked: Watched) -> Diagnostic | None:
        """Say that there are changes where none were expected."""
        changes = len(looked.picture.work)
        unexpected = changes or looked.result.failure is Failure.CHANGES
        if not (self.call.operating.expect_no_changes and unexpected):
            return None
        what = count_noun(changes, "change") if changes else "changed outputs"
        drift = self.operation.kind is OperationKind.REFRESH
        return Diagnostic(
            "MP1303",
            f"{what} where none were expected",
            why="--expect-no-changes was given; nothing was applied",
            fixes=(self.call.suggest_same("diff", *(["--drift"] if drift else [])),),
        )

    def fail_expectation(self, looked: Watched, problem: Diagnostic) -> ExitCode:
        """Show the preview, and that it should have been empty; a diff has shown it."""
        report = replace(self.report(looked), result=Result.FAILED, diagnostics=(problem,))
        if self.call.verb != "diff":
            self.view.show_plan(report)
        return self.close(report, ExitCode.CHANGES)

    def fail_preview(self, looked: Watched) -> ExitCode:
        """Show what went wrong before anything was touched; of what is refused, the steps too."""
        report = self.report(looked)
        if looked.result.failure is Failure.REFUSED:
            self.view.show_plan(report)
        return self.close(report, judge_operation(looked.result))

    def _check_flags(self, picture: Picture) -> None:
        declares = self.operation.kind is OperationKind.UP
        patterns = list_narrowing(self.call.operating, declares=declares)
        if patterns:
            stored = [find_name(item.urn) for item in self.project.resources()]
            names = {*stored, *(row.name for row in picture.rows)}
            look = self.call.suggest("preview", *self.call.words, "--show-same")
            check_narrowing(patterns, names, look)

    def _watch(self, work: Callable[..., OperationResult], picture: Picture) -> Watched:
        began = self._clock()
        watcher = Watcher(self.view, self._clock)
        result = watcher.watch(work, self.operation.cancel, picture)
        return Watched(result, picture, self._clock() - began)


def open_stage(
    call: Call, context: Context, kind: OperationKind, adopted: Mapping[str, str] | None = None
) -> Stage:
    """
    Build the project and prepare the operation, with a sign of life meanwhile.

    adopted: ids of objects to take over, by the name of the resource.

    Raises:
        MetaPrefectError: no flow is named, or what the project raises.
    """
    settings = context.read_settings(call)
    options = replace(read_options(call), adopted=adopted or {})
    what = ", ".join(call.words) or settings.project
    with show_status(call, context, f"{what} on {settings.stack}: loading flows"):
        project = context.build_project(settings, context.environment)
        selection = select(call, project)
        operation = project.prepare(kind, selection, options)
    for warning in settings.warnings:
        context.terminal.talk([line(f"warning  {warning}")], call.everywhere.color)
    return Stage(call, context, project, operation)


@contextmanager
def show_status(call: Call, context: Context, text: str) -> Iterator[None]:
    """Show a line on stderr while something takes its time."""
    terminal = context.terminal
    if terminal.is_live(call.everywhere) and terminal.stderr.isatty():
        with Status(terminal.stderr, text, terminal.width, terminal.glyphs.spinner):
            yield
        return
    if not (call.everywhere.quiet or call.everywhere.json):
        terminal.talk([line(text)], call.everywhere.color)
    yield


def select(call: Call, project: Project) -> Selection:
    """
    Read which flows are meant; what only looks takes the whole project when none is named.

    Raises:
        MetaPrefectError: the command changes things, and neither a flow nor `--all` is given.
    """
    if call.words and call.operating.everything:
        raise MetaPrefectError(
            "MP1307",
            "a flow and --all at once",
            fixes=(call.suggest(call.verb, *call.words), call.suggest(call.verb, "--all")),
            exit_code=ExitCode.USAGE,
        )
    if call.words:
        return Selection(flows=call.words)
    whole = call.operating.everything or bool(call.everywhere.program)
    if whole or call.verb in ("preview", "diff"):
        return Selection(everything=True)
    raise build_flow_question(call, project)


def build_flow_question(call: Call, project: Project) -> MetaPrefectError:
    """Say which flows there are, for a command that needs one."""
    sites = project.find_flows()
    widest = max((len(site.name) for site in sites), default=0)
    names = [f"{site.name.ljust(widest)}  {site.file} line {site.line}" for site in sites]
    fixes = [call.suggest(call.verb, site.name) for site in sites[:1]]
    if call.verb != "run":
        fixes.append(call.suggest(call.verb, "--all"))
    return MetaPrefectError(
        "MP1308",
        f"{call.verb} needs to know which flow",
        why="\n".join(["flows of this project:", *names]) if names else "there is no flow here",
        fixes=tuple(fixes) if names else (call.suggest("init"),),
        exit_code=ExitCode.USAGE,
    )


def read_options(call: Call) -> OperationOptions:
    """Hand the flags of an operation to the project."""
    flags = call.operating
    return OperationOptions(
        only=flags.only,
        excluded=flags.excluded,
        replaced=flags.replaced,
        refresh=flags.refresh,
        parallel=flags.parallel or DEFAULT_PARALLEL,
        continue_on_error=flags.continue_on_error,
        message=flags.message,
        timeout_seconds=flags.timeout_seconds,
    )


def _place(item: Diagnostic) -> Diagnostic:
    """Name a resource as the tree does, and only once."""
    name = find_name(item.where)
    repeated = f" resource '{name}': "
    summary = item.summary.rpartition(repeated)[2] if item.where else item.summary
    return replace(item, where=name, summary=summary)
