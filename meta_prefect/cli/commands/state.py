"""`state`: look at the stored state and edit it by hand; nothing in the world is touched."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from meta_prefect.cli.context import Context
from meta_prefect.cli.options import Call
from meta_prefect.cli.views.documents import write_answer
from meta_prefect.cli.views.text import line
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

if TYPE_CHECKING:
    from meta_prefect.project.state_edits import StateEdits

SCHEMA: Final = "meta-prefect.state.v1"


def run(call: Call, context: Context) -> ExitCode:
    """Do one of the edits."""
    action, *rest = call.words
    if action not in _ACTIONS:
        raise _misused(call, f"there is no `state {action}`")
    words, edit = _ACTIONS[action]
    if len(rest) != words:
        raise _misused(call, f"`state {action}` takes {words} more words, not {len(rest)}")
    project = context.open_project(call)
    document = edit(project.state, call, *rest)
    said = document.pop("said")
    answer = {"schema": SCHEMA, "stack": project.settings.stack, "action": action, **document}
    write_answer(call, context.terminal, answer, [line(text) for text in said])
    return ExitCode.OK


def _export(state: StateEdits, _call: Call) -> dict[str, Any]:
    document = state.export()
    return {"state": document, "said": json.dumps(document, indent=2).splitlines()}


def _import(state: StateEdits, call: Call, file: str) -> dict[str, Any]:
    try:
        document = json.loads(Path(file).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise MetaPrefectError(
            "MP4116", f"{file} cannot be read", why=str(error), exit_code=ExitCode.USAGE
        ) from error
    state.import_document(document, force=call.editing.force)
    return {"file": file, "said": [f"the state is what {file} says; the old one is kept as .bak"]}


def _forget(state: StateEdits, call: Call, resource: str) -> dict[str, Any]:
    flags = call.editing
    gone = state.forget(resource, with_dependents=flags.with_dependents, force=flags.force)
    return {"forgotten": gone, "said": [f"forgotten: {urn}" for urn in gone]}


def _repair(state: StateEdits, _call: Call) -> dict[str, Any]:
    state.repair()
    return {"said": ["the state is in order; the old one is kept as .bak"]}


_ACTIONS: Final[Mapping[str, tuple[int, Callable[..., dict[str, Any]]]]] = {
    "export": (0, _export),
    "import": (1, _import),
    "forget": (1, _forget),
    "repair": (0, _repair),
}


def _misused(call: Call, summary: str) -> MetaPrefectError:
    return MetaPrefectError(
        "MP1310",
        summary,
        why="export, import FILE, forget RESOURCE, repair",
        fixes=(call.suggest("state", "--help"),),
        exit_code=ExitCode.USAGE,
    )
