"""What `up`, `destroy` and `refresh` share: show, ask, apply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from meta_prefect.cli.commands.operation import Stage, Watched
from meta_prefect.cli.exits import judge_operation
from meta_prefect.cli.views.base import Report, Result
from meta_prefect.interfaces.diagnostics import ExitCode
from meta_prefect.interfaces.engine import Outcome

Question: TypeAlias = Callable[[Watched], bool]
Check: TypeAlias = Callable[[Watched], None]
Ending: TypeAlias = Callable[[Report], Report]


def change(stage: Stage, ask: Question, finish: Ending, check: Check = lambda _: None) -> ExitCode:
    """
    Preview, ask, apply, and say how it ended.

    ask: whether to apply what was shown. finish: adds to the report of what went well. check:
    raises when a preview that succeeded is not what was wanted.
    """
    looked = stage.preview()
    if problem := stage.check_expectation(looked):
        return stage.fail_expectation(looked, problem)
    if looked.result.outcome is not Outcome.SUCCEEDED:
        return stage.fail_preview(looked)
    check(looked)
    report = stage.report(looked)
    stage.view.show_plan(report)
    if not looked.picture.means_work:
        return stage.close(finish(report), ExitCode.OK)
    if not (stage.call.operating.yes or ask(looked)):
        return _decline(stage, report)
    done = stage.apply(looked)
    report = stage.report(done)
    if done.result.outcome is Outcome.SUCCEEDED:
        report = finish(report)
    return stage.close(report, judge_operation(done.result))


def no_ending(report: Report) -> Report:
    """Add nothing."""
    return report


def _decline(stage: Stage, report: Report) -> ExitCode:
    stage.view.say("Nothing was changed.")
    return stage.close(replace(report, result=Result.CANCELLED), ExitCode.CANCELLED)
