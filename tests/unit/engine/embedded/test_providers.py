"""The registry of providers, and its stand-ins."""

import asyncio

import pytest

from meta_prefect.engine.embedded.providers import Registry
from meta_prefect.engine.embedded.sources import InProcess
from meta_prefect.engine.state.checkpoint import ResourceState
from meta_prefect.interfaces.diagnostics import MetaPrefectError, Severity
from meta_prefect.interfaces.provider import (
    Changes,
    CheckRequest,
    CheckResponse,
    ConfigureResponse,
    CreateRequest,
    DiffRequest,
    DiffResponse,
    ProviderError,
    UpdateRequest,
)
from meta_prefect.interfaces.values import UNKNOWN
from meta_prefect.interfaces.wire import UNKNOWN_TEXT

URN = "urn:pulumi:dev::conf::pulumi:providers:test::p"
RESOURCE = "urn:pulumi:dev::conf::test:index:Thing::a"


class QuietProvider:
    """Keeps what it was asked."""

    def __init__(self, supports_preview=True):
        self.asked = []
        self.answers = ConfigureResponse(supports_preview=supports_preview)
        self.changes = Changes.NONE

    async def check_config(self, request):
        self.asked.append(("check_config", request.olds, request.news))
        return CheckResponse(request.news)

    async def diff_config(self, request):
        self.asked.append(("diff_config", request.old_inputs, request.news))
        return DiffResponse(self.changes)

    async def configure(self, request):
        self.asked.append(("configure", request.urn, request.id, request.args))
        return self.answers

    async def check(self, request): ...

    async def diff(self, request): ...

    async def create(self, request):
        raise ProviderError("must not be called")

    async def read(self, request): ...

    async def update(self, request):
        raise ProviderError("must not be called")

    async def delete(self, request): ...

    async def invoke(self, request): ...

    async def cancel(self): ...

    async def close(self):
        self.asked.append(("close",))


def build_registry(provider, *, stored=None, preview=False, said=None):
    async def make(log):
        return provider

    return Registry(
        [InProcess({"test": make})],
        (stored or {}).get,
        lambda *message: said.append(message) if said is not None else None,
        preview=preview,
    )


def test_internal_inputs_stay_inside():
    """What is not configuration never reaches the provider; checked inputs have it, outputs not."""
    provider = QuietProvider()
    inputs = {"region": "r", "__internal": {"pluginDownloadURL": "u"}}

    async def scene():
        registry = build_registry(provider)
        checked = await registry.check(CheckRequest(URN, inputs, inputs))
        created = await registry.create(CreateRequest(URN, checked.inputs))
        return checked.inputs, created.properties

    assert asyncio.run(scene()) == (inputs, {"region": "r"})
    assert provider.asked[0] == ("check_config", {"region": "r"}, {"region": "r"})
    assert provider.asked[1][3] == {"region": "r"}


def test_a_stored_provider_is_loaded_once():
    """The provider of a stored resource is configured from its record when it is first needed."""
    provider = QuietProvider()
    record = ResourceState(URN, "pulumi:providers:test", custom=True, id="1", inputs={"r": 1})

    async def scene():
        registry = build_registry(provider, stored={f"{URN}::1": record})
        return await registry.find(f"{URN}::1"), await registry.find(f"{URN}::1")

    first, second = asyncio.run(scene())

    assert first is second is provider
    assert provider.asked == [("configure", URN, "1", {"r": 1})]


def test_a_stored_provider_is_loaded_once_for_all_who_ask_at_once():
    """Resources that need their provider at the same moment wait for one start of it."""
    made = []
    record = ResourceState(URN, "pulumi:providers:test", custom=True, id="1")

    async def make(log):
        made.append(QuietProvider())
        await asyncio.sleep(0)  # as a process does, it takes its time to start
        return made[-1]

    async def scene():
        registry = Registry(
            [InProcess({"test": make})],
            {f"{URN}::1": record}.get,
            lambda *message: None,
            preview=False,
        )
        return await asyncio.gather(*(registry.find(f"{URN}::1") for _ in range(3)))

    assert asyncio.run(scene()) == made * 3
    assert len(made) == 1


def test_an_unknown_reference():
    """A provider that is nowhere is an error that names it."""
    with pytest.raises(ProviderError, match="there is no provider"):
        asyncio.run(build_registry(QuietProvider()).find(f"{URN}::1"))


def test_no_plugin():
    """A package without a plugin is refused before anything is configured."""
    urn = URN.replace("test", "aws")

    with pytest.raises(MetaPrefectError, match="MP5102"):
        asyncio.run(build_registry(QuietProvider()).check(CheckRequest(urn, {}, {})))


@pytest.mark.parametrize(("outputs", "changes"), [({"r": 1}, Changes.NONE), ({}, Changes.SOME)])
def test_a_provider_that_cannot_compare(outputs, changes):
    """When a provider does not know, its old outputs decide."""
    provider = QuietProvider()
    provider.changes = Changes.UNKNOWN
    request = DiffRequest("1", URN, {}, outputs, {"r": 1})

    assert asyncio.run(build_registry(provider).diff(request)).changes is changes


def test_ids_are_unknown_in_a_preview():
    """A previewed provider has no id yet, and is found under the unknown one."""

    async def scene():
        registry = build_registry(QuietProvider(), preview=True)
        created = await registry.create(CreateRequest(URN, {}, preview=True))
        return created.id, await registry.find(f"{URN}::{UNKNOWN_TEXT}")

    id, found = asyncio.run(scene())

    assert id is UNKNOWN
    assert isinstance(found, QuietProvider)


def test_unknown_configuration():
    """A provider with unknown configuration is not asked: the engine knows nothing in its place."""
    provider, said = QuietProvider(), []

    async def scene():
        registry = build_registry(provider, preview=True, said=said)
        await registry.create(CreateRequest(URN, {"region": UNKNOWN}, preview=True))
        found = await registry.find(f"{URN}::{UNKNOWN_TEXT}")
        return (
            await found.check(CheckRequest(RESOURCE, {}, {"x": 1})),
            await found.diff(DiffRequest("1", RESOURCE, {}, {}, {})),
            await found.create(CreateRequest(RESOURCE, {"x": 1}, preview=True)),
        )

    checked, compared, created = asyncio.run(scene())

    assert checked.inputs == {"x": 1}
    assert compared.changes is Changes.SOME
    assert (created.id, created.properties) == (UNKNOWN, {})
    assert [name for name, *_ in provider.asked] == []
    assert [(severity, urn) for severity, urn, _ in said] == [(Severity.WARNING, RESOURCE)]


def test_a_provider_that_cannot_preview():
    """A provider without previews is not asked in one: what is wanted is what will be."""

    async def scene():
        registry = build_registry(QuietProvider(supports_preview=False), preview=True)
        await registry.create(CreateRequest(URN, {}, preview=True))
        found = await registry.find(f"{URN}::{UNKNOWN_TEXT}")
        created = await found.create(CreateRequest(RESOURCE, {"x": 1}, preview=True))
        updated = await found.update(UpdateRequest("1", RESOURCE, {}, {}, {"x": 2}, preview=True))
        return created, updated

    created, updated = asyncio.run(scene())

    assert (created.id, created.properties) == (UNKNOWN, {"x": 1})
    assert updated == {"x": 2}


def test_closing():
    """Every instance that was opened is closed at the end."""
    provider = QuietProvider()

    async def scene():
        registry = build_registry(provider)
        await registry.check(CheckRequest(URN, {}, {}))
        await registry.close()

    asyncio.run(scene())

    assert provider.asked[-1] == ("close",)
