"""`unlock`: show who holds the stack's lock and since when, ask, take it away."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from meta_prefect.cli.context import Context
from meta_prefect.cli.options import Call
from meta_prefect.cli.prompts import ask_yes
from meta_prefect.cli.views.documents import write_answer
from meta_prefect.cli.views.text import line, say_age
from meta_prefect.interfaces.diagnostics import ExitCode

if TYPE_CHECKING:
    from meta_prefect.engine.state.lock import LockHolder

SCHEMA: Final = "meta-prefect.lock.v1"


def run(call: Call, context: Context) -> ExitCode:
    """Take the lock away, where somebody holds it."""
    project = context.open_project(call)
    stack = project.settings.stack
    holders = project.state.list_lock_holders()
    texts = [_describe(holder) for holder in holders]
    if not (call.operating.yes or not holders):
        context.terminal.talk([line(f"stack {stack} is locked {text}") for text in texts])
        if not ask_yes(context, call, f"Take the lock of {stack} away?"):
            return ExitCode.CANCELLED
    if holders:
        project.state.unlock()
    document = {"schema": SCHEMA, "stack": stack, "holders": [_build(item) for item in holders]}
    said = [f"stack {stack} is free again, it was locked {text}" for text in texts]
    lines = [line(text) for text in said or [f"stack {stack} is not locked"]]
    write_answer(call, context.terminal, document, lines)
    return ExitCode.OK


def _describe(holder: LockHolder) -> str:
    began = datetime.fromtimestamp(holder.timestamp, UTC)
    since = f"since {began:%Y-%m-%d %H:%M} UTC ({say_age(time.time() - holder.timestamp)})"
    return f"by {holder.username}@{holder.hostname}, process {holder.pid}, {since}"


def _build(holder: LockHolder) -> dict[str, Any]:
    began = datetime.fromtimestamp(holder.timestamp, UTC).isoformat()
    return {
        "user": holder.username,
        "host": holder.hostname,
        "process": holder.pid,
        "since": began if holder.timestamp else None,
    }
