"""
A provider of package `test` with its cloud in memory, for tests of the embedded engine.

Ids are `NAME-K`; the output `out` is `out-ID`. A change of `immutable` asks for a replacement. What
else it does is set on its cloud: `failing` (errors by method and name) and `hold`.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter

from meta_prefect.engine.urn import urn_name
from meta_prefect.interfaces.provider import (
    Changes,
    CheckResponse,
    ConfigureResponse,
    CreateResponse,
    DiffResponse,
    InvokeResponse,
    ProviderError,
    ReadResponse,
)
from meta_prefect.interfaces.values import UNKNOWN, without_secrets


class MemoryCloud:
    """What the provider's instances share: objects by id, and every call as (method, name)."""

    def __init__(self):
        self.objects = {}
        self.calls = []
        self.failing = {}
        self.held = {}
        self.cancelled = 0
        self.closed = 0
        self._made = Counter()

    async def connect(self, log):
        """Make an instance: a `ProviderFactory`."""
        return MemoryProvider(self)

    def hold(self, method, name):
        """Make a call wait for ever; gives the event that is set when it waits."""
        self.held[method, name] = waiting = threading.Event()
        return waiting

    def next_id(self, name):
        self._made[name] += 1
        return f"{name}-{self._made[name]}"


class MemoryProvider:
    """One configured instance."""

    def __init__(self, cloud):
        self._cloud = cloud

    async def _note(self, method, urn):
        name = urn_name(urn)
        self._cloud.calls.append((method, name))
        if (method, name) in self._cloud.held:
            self._cloud.held[method, name].set()
            await asyncio.Event().wait()
        if (method, name) in self._cloud.failing:
            raise self._cloud.failing[method, name]

    async def check_config(self, request):
        return CheckResponse(request.news)

    async def diff_config(self, request):
        return DiffResponse(Changes.NONE)

    async def configure(self, request):
        return ConfigureResponse()

    async def check(self, request):
        await self._note("check", request.urn)
        return CheckResponse(request.news)

    async def diff(self, request):
        await self._note("diff", request.urn)
        old, new = without_secrets(request.old_inputs), without_secrets(request.news)
        keys = sorted(key for key in old | new if old.get(key) != new.get(key))
        replaces = tuple(key for key in keys if key == "immutable")
        return DiffResponse(Changes.SOME if keys else Changes.NONE, tuple(keys), replaces)

    async def create(self, request):
        if request.preview:
            return CreateResponse(UNKNOWN, {**request.properties, "out": UNKNOWN})
        await self._note("create", request.urn)
        id = self._cloud.next_id(urn_name(request.urn))
        self._cloud.objects[id] = {**request.properties, "out": f"out-{id}"}
        return CreateResponse(id, self._cloud.objects[id])

    async def read(self, request):
        await self._note("read", request.urn)
        found = self._cloud.objects.get(request.id)
        if found is None:
            return ReadResponse("")
        inputs = {key: value for key, value in found.items() if key != "out"}
        return ReadResponse(request.id, found, inputs)

    async def update(self, request):
        if request.preview:
            return {**request.news, "out": request.old_outputs.get("out")}
        await self._note("update", request.urn)
        self._cloud.objects[request.id] = {**request.news, "out": f"out-{request.id}"}
        return self._cloud.objects[request.id]

    async def delete(self, request):
        await self._note("delete", request.urn)
        self._cloud.objects.pop(request.id, None)

    async def invoke(self, request):
        return InvokeResponse({"echo": request.args.get("x")})

    async def cancel(self):
        self._cloud.cancelled += 1

    async def close(self):
        self._cloud.closed += 1


class FindingProvider(MemoryProvider):
    """An instance that can look for lost creates: by the name at the start of the id."""

    async def find_created(self, urn, inputs):
        if ("find", urn_name(urn)) in self._cloud.failing:
            raise ProviderError("the API is down")
        for id, found in self._cloud.objects.items():
            if id.rpartition("-")[0] == urn_name(urn):
                return ReadResponse(id, found, inputs)
        return ReadResponse("")


class FindableCloud(MemoryCloud):
    """A cloud whose provider can look for lost creates."""

    async def connect(self, log):
        """Make an instance: a `ProviderFactory`."""
        return FindingProvider(self)
