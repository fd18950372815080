"""
The files of one stack: where they are, and how they are replaced.

Pulumi's layout below `.pulumi`, plus a folder of ours for journals that its command line never
lists. Knows bytes and texts; what is in them is the business of `codec` and `journal`.

Source: `pkg/backend/diy` of Pulumi 3.260.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from meta_prefect.engine.state.compression import compress, decompress
from meta_prefect.engine.state.disk import Disk, explain_errors
from meta_prefect.engine.state.json_text import render, to_bytes
from meta_prefect.interfaces.diagnostics import MetaPrefectError

ORGANIZATION: Final = "organization"
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_RECORD: Final = re.compile(r".+-(\d+)\.history\.json(?:\.gz|\.zst)?")
_SUFFIXES: Final = (".json", ".json.gz", ".json.zst")
_META: Final = b"version: 1\n"


class StackFiles:
    """The paths of a stack and the ways to read and replace what is there."""

    def __init__(self, root: Path, project: str, stack: str, disk: Disk) -> None:
        """
        `root` is the `.pulumi` folder.

        Raises:
            MetaPrefectError: MP4109, the name is not one for a stack.
        """
        if not _NAME.fullmatch(stack):
            raise MetaPrefectError(
                "MP4109",
                f"{stack!r} is not a name for a stack",
                why="letters, digits, dots, dashes and underscores, 100 at most",
            )
        self.disk = disk
        self.name = stack
        self.full_name = f"{ORGANIZATION}/{project}/{stack}"
        self.journal = root / "meta-prefect" / "journal" / project / f"{stack}.jsonl"
        self.locks = root / "locks" / ORGANIZATION / project / stack
        self._root = root
        self._stacks = root / "stacks" / project
        self._history = root / "history" / project / stack
        self._backups = root / "backups" / project / stack

    def find_checkpoint(self) -> Path | None:
        """Find the newest of the forms a checkpoint may have; None when there is no stack."""
        with explain_errors(self._stacks, "read"):
            found = [path for path in self._candidates() if path.is_file()]
        return max(found, key=lambda path: path.stat().st_mtime_ns) if found else None

    def _candidates(self) -> list[Path]:
        return [self._stacks / f"{self.name}{suffix}" for suffix in _SUFFIXES]

    def read_checkpoint(self) -> bytes | None:
        """Read the checkpoint as it is on disk; None when there is no stack."""
        path = self.find_checkpoint()
        return None if path is None else self.disk.read(path)

    def read_copy(self) -> bytes | None:
        """Read the checkpoint as it was before the last change; None when nothing is kept."""
        path = self.find_checkpoint()
        return None if path is None else self.disk.read(path.with_name(f"{path.name}.bak"))

    def identify_checkpoint(self) -> tuple[str, int, int] | None:
        """Give what differs as soon as the checkpoint is replaced; None when there is no stack."""
        path = self.find_checkpoint()
        if path is None:
            return None
        with explain_errors(path, "read"):
            found = path.stat()
        return path.name, found.st_ino, found.st_mtime_ns

    def decode(self, data: bytes) -> str:
        """
        Give the text of a checkpoint's bytes.

        Raises:
            MetaPrefectError: MP4101, it is damaged; MP4120, nothing here reads its compression.
        """
        try:
            return decompress(data).decode()
        except ValueError as error:
            raise self.damaged(str(error)) from error

    def encode(self, text: str) -> bytes:
        """Give the bytes of a checkpoint's text, compressed as the present one is."""
        path = self.find_checkpoint()
        return compress(to_bytes(text), "" if path is None else path.suffix)

    def damaged(self, why: str) -> MetaPrefectError:
        """Make the error for a checkpoint that cannot be read."""
        path = self.find_checkpoint() or self._candidates()[0]
        return MetaPrefectError(
            "MP4101",
            f"the state of stack {self.name} is damaged",
            why=why,
            where=str(path),
            fixes=(f"cp {self._find_backup() or f'{path}.bak'} {path}",),
        )

    def _find_backup(self) -> Path | None:
        found = [path for path in self._backups.glob(f"{self.name}.*") if path.suffix != ".attrs"]
        return max(found, key=lambda path: path.name, default=None)

    def write_checkpoint(self, data: bytes) -> None:
        """Replace the checkpoint."""
        path = self.find_checkpoint() or self._candidates()[0]
        meta = self._root / "meta.yaml"
        if not meta.exists():
            self.disk.write(meta, _META)
        self.disk.write(path, data)
        self.disk.remove(path.with_name(f"{path.name}.attrs"))

    def remove_drafts(self) -> None:
        """Take away what killed processes left half-written."""
        for folder in (self._root, self._stacks, self._history, self._backups):
            self.disk.remove_drafts(folder)

    def keep_copy(self) -> None:
        """Keep the present checkpoint as the one before the next change."""
        path = self.find_checkpoint()
        if path is not None:
            self.disk.copy(path, path.with_name(f"{path.name}.bak"))
            self.disk.remove(path.with_name(f"{path.name}.bak.attrs"))

    def write_history(self, nanoseconds: int, record: Mapping[str, Any], *, changed: bool) -> None:
        """Add an operation to the history; `changed`: back its state up, too."""
        stem = f"{self.name}-{nanoseconds}"
        path = self.find_checkpoint()
        if path is not None:
            suffix = path.name.removeprefix(self.name)
            if changed:
                # A file of its own: it must not share the fate of the one that is worked with.
                backup = self._backups / f"{self.name}.{nanoseconds}{suffix}"
                self.disk.write(backup, self.disk.read(path) or b"")
                path = backup
            self.disk.copy(path, self._history / f"{stem}.checkpoint{suffix}")
        self.disk.write(self._history / f"{stem}.history.json", to_bytes(render(record)))

    def read_history(self) -> list[dict[str, Any]]:
        """Read the history's records, newest first; damaged ones are left out."""
        with explain_errors(self._history, "read"):
            found = [path for path in self._history.glob("*") if _RECORD.fullmatch(path.name)]
            paths = sorted(found, key=_find_moment, reverse=True)
        return [record for path in paths if (record := _read_record(path))]

    def remove(self) -> None:
        """Take the stack away, its history and copies too."""
        for path in self._candidates():
            for suffix in ("", ".attrs", ".bak", ".bak.attrs"):
                self.disk.remove(path.with_name(f"{path.name}{suffix}"))
        self.disk.remove(self.journal)
        for folder in (self._history, self._backups):
            for path in sorted(folder.glob("*")):
                self.disk.remove(path)


def digest(data: bytes) -> str:
    """Give the check value by which a journal knows its checkpoint."""
    return hashlib.sha256(data).hexdigest()


def _find_moment(record: Path) -> int:
    found = _RECORD.fullmatch(record.name)
    return int(found[1]) if found else 0


def _read_record(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(decompress(path.read_bytes()))
    except (ValueError, MetaPrefectError):
        return {}
    return record if isinstance(record, dict) else {}
