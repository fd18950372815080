"""`init`: the smallest project, a deployer for a flow, or builders in place of a prefect.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from meta_prefect.cli.context import Context
from meta_prefect.cli.options import Call
from meta_prefect.cli.prompts import ask_yes
from meta_prefect.cli.views.documents import write_answer
from meta_prefect.cli.views.text import BLANK, Line, Span, count_noun, line
from meta_prefect.cli.views.theme import Style
from meta_prefect.interfaces.diagnostics import ExitCode

if TYPE_CHECKING:
    from meta_prefect.project.migration.migration import Migration
    from meta_prefect.project.migration.take_over import TakenOver
    from meta_prefect.project.project import Project

SCHEMA: Final = "meta-prefect.beginning.v1"
MIGRATION_SCHEMA: Final = "meta-prefect.migration.v1"


def run(call: Call, context: Context) -> ExitCode:
    """Begin, from nothing or from a prefect.yaml."""
    project = context.open_project(call)
    if call.beginning.origin:
        return _migrate(call, context, project)
    planned = project.plan_beginning(*call.words)
    files = sorted(planned.files)
    if files and not _may_write(call, context, files):
        return ExitCode.CANCELLED
    planned.write(project.settings.root)
    next_command = call.suggest("up", planned.flow or "--all")
    document = {"schema": SCHEMA, "files": files, "flow": planned.flow or None}
    lines = [line(f"  wrote {file}") for file in files] or [line("  nothing is missing")]
    lines += [BLANK, line("  Bring it up:  ", Span(next_command, Style.BOLD))]
    write_answer(call, context.terminal, document, lines)
    return ExitCode.OK


def _migrate(call: Call, context: Context, project: Project) -> ExitCode:
    migration = project.plan_migration(call.everywhere.folder / Path(call.beginning.origin))
    context.terminal.talk(list(_draw_plan(migration)), call.everywhere.color)
    if not _may_write(call, context, [change.file for change in migration.changes]):
        return ExitCode.CANCELLED
    migration.write(project.settings.root)
    taken = project.take_over(migration)
    write_answer(call, context.terminal, _build(migration, taken), _draw_end(call, taken))
    return ExitCode.OK


def _may_write(call: Call, context: Context, files: list[str]) -> bool:
    if call.operating.yes:
        return True
    return ask_yes(context, call, f"Write {', '.join(files)}?")


def _draw_plan(migration: Migration) -> Iterator[Line]:
    for finding in migration.findings:
        place = f"line {finding.line}" if finding.line else "the file"
        about = f"{finding.deployment}: " if finding.deployment else ""
        yield line(Span(f"  {place:<10}", Style.YELLOW), f"{about}{finding.text}")
    if migration.findings:
        yield BLANK
    for change in migration.changes:
        yield line(Span(f"  {change.file}", Style.BOLD), f"  {', '.join(change.deployments)}")
    if migration.adopted:
        yield line(f"  {count_noun(len(migration.adopted), 'thing')} of Prefect to take over")


def _draw_end(call: Call, taken: TakenOver) -> list[Line]:
    lines = [line(f"  taken over: {count_noun(len(taken.adopted), 'thing')}")]
    if not taken.waiting:
        return [*lines, line("  preview: nothing to change")]
    waiting = [line(f"  {op:<8}{name}") for name, op in taken.waiting.items()]
    hint = line("  Look:  ", Span(call.suggest("preview"), Style.BOLD))
    return [*lines, line("  the next `up` would"), *waiting, BLANK, hint]


def _build(migration: Migration, taken: TakenOver) -> dict[str, Any]:
    return {
        "schema": MIGRATION_SCHEMA,
        "files": [
            {"file": change.file, "deployments": list(change.deployments)}
            for change in migration.changes
        ],
        "findings": [
            {"line": item.line or None, "deployment": item.deployment or None, "text": item.text}
            for item in migration.findings
        ],
        "adopted": list(taken.adopted),
        "waiting": dict(taken.waiting),
    }
