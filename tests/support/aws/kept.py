"""
Objects that moto cannot hold: a JSON file for each, in a folder that all plugin processes share.

A file is written at once or not at all, so that processes do not read half of one.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from pathlib import Path


class KeptObjects:
    """Objects by the kind of thing they are and their id."""

    def __init__(self, folder):
        self._folder = Path(folder)

    def write(self, kind, id, values):
        """Keep an object, instead of what was kept under its id."""
        path = self._find_path(kind, id)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{uuid.uuid4().hex}")
        draft.write_text(json.dumps({"id": id, "values": values}))
        draft.replace(path)

    def read(self, kind, id):
        """Give an object; None when there is none."""
        path = self._find_path(kind, id)
        return json.loads(path.read_text())["values"] if path.exists() else None

    def delete(self, kind, id):
        """Forget an object; fine when there is none."""
        self._find_path(kind, id).unlink(missing_ok=True)

    def list_ids(self, kind):
        """Give the ids of all objects of a kind."""
        files = (self._folder / kind).glob("*.json")
        return sorted(json.loads(file.read_text())["id"] for file in files)

    def _find_path(self, kind, id):
        name = hashlib.sha256(id.encode()).hexdigest()[:32]
        return self._folder / kind / f"{name}.json"


def read_folder():
    """
    Give the folder that the environment names.

    Raises:
        KeyError: `META_PREFECT_AWS_KEPT` is not set.
    """
    return Path(os.environ["META_PREFECT_AWS_KEPT"])
