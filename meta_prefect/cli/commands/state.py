"""`state`: look at the stored state and edit it by hand; nothing in the world is touched."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from meta_prefect.cli.context import Context
from meta_prefect.cli.options import Call
from meta_prefect.cli.views.documents import render_document, write_answer
from meta_prefect.cli.views.picture import find_name
from meta_prefect.cli.views.table import draw_table
from meta_prefect.cli.views.text import BLANK, Line, count_noun, line
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

if TYPE_CHECKING:
    from meta_prefect.interfaces.engine import ResourceRecord, StackRecord
    from meta_prefect.project.project import Project

SCHEMA: Final = "meta-prefect.state.v1"
_OWNER_ONLY: Final = 0o600
_KEPT: Final = "the old one is kept as .bak"


@dataclass(frozen=True, slots=True)
class _Answer:
    """
    What an edit answers.

    document: what stands in the JSON document besides stack and action.
    """

    document: Mapping[str, Any]
    lines: list[Line]


def run(call: Call, context: Context) -> ExitCode:
    """Do one of the edits."""
    action, *rest = call.words
    noun, edit = _ACTIONS[action]
    if len(rest) != bool(noun):
        raise _misused(call, f"`state {action}` takes {noun or 'nothing more'}")
    _check_secrets(call, context)
    project = context.open_project(call)
    answer = edit(project, call, *rest)
    start = {"schema": SCHEMA, "stack": project.settings.stack, "action": action}
    write_answer(call, context.terminal, {**start, **answer.document}, answer.lines)
    return ExitCode.OK


def _check_secrets(call: Call, context: Context) -> None:
    """Keep secrets in clear out of pipes and logs, where nobody would expect them."""
    is_seen_by_owner = call.editing.file or context.terminal.stdout.isatty()
    if call.editing.show_secrets and not is_seen_by_owner:
        raise MetaPrefectError(
            "MP1311",
            "secrets in clear go to a terminal or into a file",
            fixes=(call.suggest("state", "export", "--show-secrets", "--file", "PATH"),),
            exit_code=ExitCode.USAGE,
        )


def _export(project: Project, call: Call) -> _Answer:
    document = project.state.export(show_secrets=call.editing.show_secrets)
    path = call.editing.file
    if not path:
        return _Answer({"state": document}, [line(render_document(document))])
    _write_private(path, render_document(document))
    return _Answer({"file": path}, [line(f"the state is in {path}")])


def _import(project: Project, call: Call, file: str) -> _Answer:
    try:
        document = json.loads(Path(file).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise _unusable(file, "read", error) from error
    project.state.import_document(document, force=call.editing.force)
    return _Answer({"file": file}, [line(f"the state is what {file} says; {_KEPT}")])


def _list(project: Project, call: Call) -> _Answer:
    stack = project.state.read()
    pending = [{"urn": urn, "kind": kind} for urn, kind in stack.pending_operations]
    document = {"resources": [_build_record(item) for item in stack.resources], "pending": pending}
    return _Answer(document, draw_records(stack, urns=call.looking.urns))


def _forget(project: Project, call: Call, resource: str) -> _Answer:
    flags = call.editing
    gone = project.state.forget(resource, with_dependents=flags.with_dependents, force=flags.force)
    return _Answer({"forgotten": gone}, [line(f"forgotten: {urn}") for urn in gone])


def _repair(project: Project, _call: Call) -> _Answer:
    project.state.repair()
    return _Answer({}, [line(f"the state is in order; {_KEPT}")])


_ACTIONS: Final[Mapping[str, tuple[str, Callable[..., _Answer]]]] = {
    "export": ("", _export),
    "import": ("FILE", _import),
    "ls": ("", _list),
    "forget": ("RESOURCE", _forget),
    "repair": ("", _repair),
}


def draw_records(stack: StackRecord, *, urns: bool = False) -> list[Line]:
    """Draw a line for each record, in the order of the file, and what is unfinished."""

    def name(urn: str) -> str:
        return urn if urns else find_name(urn)

    rows = [
        (name(item.urn), item.type, item.id or "-", ", ".join(_list_marks(item)))
        for item in stack.resources
    ]
    table = draw_table(("resource", "type", "id", ""), rows) if rows else []
    lines = [*table, *([BLANK] if table else []), line(count_noun(len(rows), "record"))]
    return lines + [
        line(f"unfinished: {kind} {name(urn)}") for urn, kind in stack.pending_operations
    ]


def _list_marks(item: ResourceRecord) -> list[str]:
    marks = {
        "protected": item.protect,
        "kept on destroy": item.retain_on_delete,
        "of others": item.external,
        "to be deleted": item.pending_delete,
    }
    return [mark for mark, holds in marks.items() if holds]


def _build_record(item: ResourceRecord) -> dict[str, Any]:
    return {
        "name": find_name(item.urn),
        "urn": item.urn,
        "type": item.type,
        "id": item.id or None,
        "marks": _list_marks(item),
    }


def _write_private(path: str, text: str) -> None:
    """Write a file that only its owner may read: a state tells much."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
    except OSError as error:
        raise _unusable(path, "written", error) from error


def _unusable(path: str, how: str, error: Exception) -> MetaPrefectError:
    return MetaPrefectError(
        "MP4116",
        f"{path} cannot be {how}",
        why=(error.strerror if isinstance(error, OSError) else "") or str(error),
        fixes=(f"meta-prefect state export --file {path}",) if how == "read" else (),
        exit_code=ExitCode.USAGE,
    )


def _misused(call: Call, summary: str) -> MetaPrefectError:
    return MetaPrefectError(
        "MP1310",
        summary,
        why=", ".join(f"{action} {noun}".rstrip() for action, (noun, _) in _ACTIONS.items()),
        fixes=(call.suggest("state", "--help"),),
        exit_code=ExitCode.USAGE,
    )
