"""
State that is not in a folder, looked at through the `pulumi` executable.

A command for each question. Not to be confused with `engine.state.backend`, which reads the files
of a folder itself and needs no executable.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from meta_prefect.engine.automation.command import Command
from meta_prefect.engine.automation.errors import NoSuchStack
from meta_prefect.engine.automation.workspace import Place, open_project
from meta_prefect.engine.state.backend import build_stack_record
from meta_prefect.engine.state.codec import decode_latest
from meta_prefect.engine.state.properties import UnreadSecrets
from meta_prefect.interfaces.engine import HistoryRecord, StackRecord


class ExecutableReader:
    """The stacks of one project in any backend; a `StackReader`."""

    def __init__(self, find_place: Callable[[], Place], project: str, root: str) -> None:
        """
        Look at nothing yet.

        `find_place` raises when there is no executable; `root` is the program's folder.
        """
        self._find_place = find_place
        self._project = project
        self._root = root

    def list_stacks(self) -> Sequence[str]:
        """List the names of the project's stacks, sorted."""
        found = json.loads(self._run(["stack", "ls", "--json"], ""))
        return sorted(item["name"].rpartition("/")[2] for item in found)

    def read_stack(self, name: str) -> StackRecord | None:
        """Read a stack; secrets stay encrypted and unread."""
        try:
            text = self._run(["stack", "export", "--stack", name], name)
        except NoSuchStack:
            return None
        deployment = json.loads(text).get("deployment") or {}
        return build_stack_record(name, decode_latest(deployment, lambda _: UnreadSecrets()))

    def read_history(self, name: str) -> Sequence[HistoryRecord]:
        """Read past operations, newest first."""
        try:
            text = self._run(["stack", "history", "--json", "--stack", name], name)
        except NoSuchStack:
            return []
        return [_build_history_record(item) for item in json.loads(text)]

    def _run(self, arguments: Sequence[str], stack: str) -> str:
        place = self._find_place().for_looking()
        with open_project(place, self._project, self._root) as folder:
            command = Command(place.executable.path, folder, place.build_environment({}))
            return command.run(arguments, stack)


def _build_history_record(item: Mapping[str, Any]) -> HistoryRecord:
    return HistoryRecord(
        kind=item.get("kind", ""),
        start_time=_read_seconds(item.get("startTime", "")),
        end_time=_read_seconds(item.get("endTime", "")),
        message=item.get("message", ""),
        result=item.get("result", ""),
        changes=item.get("resourceChanges") or {},
    )


def _read_seconds(text: str) -> int:
    """Read a moment; 0 for one that has not come yet."""
    if not text:
        return 0
    moment = datetime.fromisoformat(text)
    return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())
