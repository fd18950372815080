"""
A cloud in a folder, one file an object, for programs whose process is killed.

Its provider is the one of `memory_provider`; what differs is that objects outlive the process, and
that every change passes points to die at.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import MutableMapping

from meta_prefect.engine.urn import urn_name
from meta_prefect.interfaces.provider import ReadResponse
from meta_prefect.interfaces.values import without_secrets
from tests.support.memory_provider import MemoryCloud, MemoryProvider
from tests.support.mortal import Points


class StoredObjects(MutableMapping):
    """Objects by id; each change is whole or not at all."""

    def __init__(self, folder, points):
        self._folder = folder
        self._points = points
        folder.mkdir(exist_ok=True)

    def __getitem__(self, id):
        try:
            return json.loads((self._folder / id).read_text())
        except FileNotFoundError:
            raise KeyError(id) from None

    def __setitem__(self, id, properties):
        self._points.pass_one()
        draft = self._folder.with_name(f"{id}.draft")
        draft.write_text(json.dumps(without_secrets(dict(properties))))
        draft.replace(self._folder / id)
        self._points.pass_one()

    def __delitem__(self, id):
        self._points.pass_one()
        try:
            (self._folder / id).unlink()
        except FileNotFoundError:
            raise KeyError(id) from None
        self._points.pass_one()

    def __iter__(self):
        return iter(sorted(path.name for path in self._folder.iterdir()))

    def __len__(self):
        return len(list(self._folder.iterdir()))


class FileCloud(MemoryCloud):
    """A cloud in a folder; ids are `NAME-` and a random part."""

    def __init__(self, folder, points=None, *, findable=True):
        super().__init__()
        self.objects = StoredObjects(folder, points or Points())
        self._findable = findable

    async def connect(self, log):
        """Make an instance: a `ProviderFactory`."""
        return FindingFileProvider(self) if self._findable else MemoryProvider(self)

    def next_id(self, name):
        return f"{name}-{uuid.uuid4().hex[:8]}"

    def list_of(self, name):
        """Give the ids of all objects with a name."""
        return [id for id in self.objects if id.rpartition("-")[0] == name]


class FindingFileProvider(MemoryProvider):
    """An instance that looks for lost creates by name and what makes an object another one."""

    async def find_created(self, urn, inputs):
        wanted = without_secrets(dict(inputs)).get("immutable")
        for id in self._cloud.list_of(urn_name(urn)):
            found = self._cloud.objects[id]
            if found.get("immutable") == wanted:
                return ReadResponse(id, found, inputs)
        return ReadResponse("")
