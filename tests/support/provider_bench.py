"""A bench for the Prefect provider: calls it as an engine does, keeps what an engine would keep."""

import asyncio
import dataclasses
from dataclasses import dataclass, field
from typing import Any

from meta_prefect.interfaces.provider import (
    CheckRequest,
    ConfigureRequest,
    CreateRequest,
    DeleteRequest,
    DiffRequest,
    ReadRequest,
    UpdateRequest,
)
from meta_prefect.provider.provider import PrefectProvider

_PATIENCE = 500
_PARALLEL = 16


@dataclass(frozen=True)
class Thing:
    """A resource as an engine's state has it."""

    id: str
    urn: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


def urn_of(type, name, stack="dev"):
    """Build a URN."""
    return f"urn:pulumi:{stack}::project::{type}::{name}"


@dataclass
class Bench:
    """
    One configured provider.

    messages: (severity, URN, text) of what the provider said.
    """

    provider: PrefectProvider
    messages: list[tuple[str, str, str]] = field(default_factory=list)

    async def has_said(self, text):
        """Say whether the last message has this text; one from another process takes a moment."""
        for _ in range(_PATIENCE):
            if self.messages and text in self.messages[-1][2]:
                return True
            await asyncio.sleep(0.01)
        return False

    async def check(self, urn, values, olds=None):
        """Check, and give the inputs; failures are the test's."""
        response = await self.provider.check(CheckRequest(urn, olds or {}, values))
        assert response.failures == ()
        return dict(response.inputs)

    async def failures(self, type, values):
        """Check, and give the failures by property."""
        response = await self.provider.check(CheckRequest(urn_of(type, "x"), {}, values))
        return {failure.property: failure.reason for failure in response.failures}

    async def create(self, type, values, name="it"):
        """Check and create."""
        urn = urn_of(type, name)
        inputs = await self.check(urn, values)
        made = await self.provider.create(CreateRequest(urn, inputs))
        return Thing(made.id, urn, inputs, dict(made.properties))

    async def diff(self, thing, values):
        """Check and compare."""
        news = await self.check(thing.urn, values, thing.inputs)
        return await self.provider.diff(
            DiffRequest(thing.id, thing.urn, thing.inputs, thing.outputs, news)
        )

    async def update(self, thing, values):
        """Check and change; gives the new state."""
        news = await self.check(thing.urn, values, thing.inputs)
        outputs = await self.provider.update(
            UpdateRequest(thing.id, thing.urn, thing.inputs, thing.outputs, news)
        )
        return dataclasses.replace(thing, inputs=news, outputs=dict(outputs))

    async def refresh_all(self, things):
        """Foresee the reads of things, and read them as an engine does; as `refresh` gives them."""
        slots = asyncio.Semaphore(_PARALLEL)

        async def refresh(thing):
            async with slots:
                return await self.refresh(thing)

        with self.provider.foresee_reads([_build_read(thing) for thing in things]):
            return await asyncio.gather(*map(refresh, things))

    async def refresh(self, thing):
        """Read; gives the new state, or None when it is gone."""
        found = await self.provider.read(_build_read(thing))
        if not found.id:
            return None
        return dataclasses.replace(thing, inputs=dict(found.inputs), outputs=dict(found.properties))

    async def import_(self, type, id):
        """Read what is not in state yet; None when there is no such thing."""
        urn = urn_of(type, "imported")
        found = await self.provider.read(ReadRequest(id, urn, {}, {}))
        if not found.id:
            return None
        return Thing(found.id, urn, dict(found.inputs), dict(found.properties))

    async def delete(self, thing):
        """Take it away."""
        await self.provider.delete(DeleteRequest(thing.id, thing.urn, thing.inputs, thing.outputs))


def _build_read(thing):
    return ReadRequest(thing.id, thing.urn, thing.inputs, thing.outputs)


async def build_bench(api_url, *, transport=None, **settings):
    """Make a bench for an API; reads no environment."""
    messages = []
    provider = PrefectProvider(
        lambda severity, urn, text: messages.append((severity.value, urn, text)),
        environment={"PREFECT_HOME": "/nonexistent"},
        transport=transport,
    )
    await provider.configure(ConfigureRequest({"apiUrl": api_url, **settings}))
    return Bench(provider, messages)
