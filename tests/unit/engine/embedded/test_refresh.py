"""How a refresh asks, and the base after it."""

import asyncio
from contextlib import contextmanager

import pytest

from meta_prefect.engine.embedded.providers import Registry
from meta_prefect.engine.embedded.refresh import RefreshPass, invert, rebuild
from meta_prefect.engine.embedded.reports import Reporter
from meta_prefect.engine.embedded.sources import InProcess
from meta_prefect.engine.embedded.steps import Difference
from meta_prefect.engine.embedded.targets import Targets
from meta_prefect.engine.state.checkpoint import ResourceState
from meta_prefect.interfaces.engine import Scope
from meta_prefect.interfaces.events import DiffKind, PropertyDiff
from meta_prefect.interfaces.provider import ConfigureResponse, ProviderError
from tests.support.memory_provider import MemoryCloud, MemoryProvider
from tests.support.state import make_stack, make_state, urn_of

PROVIDER = "urn:pulumi:dev::conf::pulumi:providers:test::p"


class ForeseeingCloud(MemoryCloud):
    """Hands out providers that want to know what comes; all that they hear is in `calls`."""

    previews = True

    async def connect(self, log):
        return ForeseeingProvider(self)


class ForeseeingProvider(MemoryProvider):
    """Notes when it is told of reads, and when that is over."""

    @contextmanager
    def foresee_reads(self, reads):
        self._cloud.calls.append(("foresee", [request.id for request in reads]))
        yield
        self._cloud.calls.append(("forget",))

    async def configure(self, request):
        self._cloud.calls.append(("configure",))
        if "configure" in self._cloud.failing:
            raise self._cloud.failing["configure"]
        return ConfigureResponse(supports_preview=self._cloud.previews)


def refresh(cloud, states, *, scope=None):
    """Refresh records of one provider; gives what the reporter was told went wrong."""
    record = ResourceState(PROVIDER, "pulumi:providers:test", custom=True, id="1")

    async def scene():
        reporter = Reporter(lambda event: None)
        registry = Registry(
            [InProcess({"test": cloud.connect})],
            {f"{PROVIDER}::1": record}.get,
            reporter.say,
            preview=False,
        )
        looking = RefreshPass(
            registry, Targets(scope or Scope()), reporter, parallel=1, counts=True
        )
        await looking.run([record, *states])
        return reporter.failures

    return asyncio.run(scene())


def make_things(*names, **fields):
    return [make_state(name, id=name, provider=f"{PROVIDER}::1", **fields) for name in names]


@pytest.mark.parametrize("previews", [True, False])
def test_a_provider_is_told_of_all_reads_before_the_first(previews):
    """What will be read is said once, in the order of the records, and is over after the last."""
    cloud = ForeseeingCloud()
    cloud.previews = previews

    refresh(cloud, make_things("a", "b"))

    reads = [call for call in cloud.calls if call[0] != "diff"]
    assert reads == [
        ("configure",),
        ("foresee", ["a", "b"]),
        ("read", "a"),
        ("read", "b"),
        ("forget",),
    ]


def test_only_what_will_be_read_is_foreseen():
    """Records outside the scope, and those that stand for nothing in the world, are not told."""
    cloud = ForeseeingCloud()
    states = [*make_things("a", "b"), *make_things("c", pending_replacement=True)]

    refresh(cloud, states, scope=Scope(targets=(urn_of("a"), urn_of("c"))))

    assert ("foresee", ["a"]) in cloud.calls


def test_a_provider_that_cannot_be_had_is_reported_by_each_read():
    """Telling a provider fails in silence: each record says what is wrong with its provider."""
    cloud = ForeseeingCloud()
    cloud.failing["configure"] = ProviderError("no such server")

    failures = refresh(cloud, make_things("a", "b"))

    assert [failure.summary for failure in failures] == ["no such server"] * 2


def test_rebuild_drops_references_to_what_is_gone():
    """References to records that are not there any more go, and everything else stays."""
    state = make_state(
        "b",
        dependencies=[urn_of("a"), urn_of("c")],
        property_dependencies={"x": [urn_of("a")], "y": [urn_of("c")]},
        deleted_with=urn_of("a"),
        replace_with=[urn_of("a")],
    )

    (_, rebuilt) = rebuild([make_state("c"), state])

    assert rebuilt.dependencies == [urn_of("c")]
    assert rebuilt.property_dependencies == {"x": [], "y": [urn_of("c")]}
    assert rebuilt.deleted_with == ""
    assert rebuilt.replace_with == []


def test_rebuild_leaves_orphans_without_a_parent():
    """A child whose parent is gone has none: that is what Pulumi stores."""
    orphan = make_state("c", parent=urn_of("b"))

    (_, rebuilt) = rebuild([make_stack(), orphan])

    assert rebuilt.parent == ""


def test_rebuild_keeps_what_needs_no_change():
    """A record whose references hold is the same object."""
    states = [make_state("a"), make_state("b", dependencies=[urn_of("a")])]

    assert rebuild(states) == states


def test_invert():
    """A difference that was asked for backwards is shown forwards, and replaces nothing."""
    difference = Difference(
        changed=True,
        replace=True,
        keys=("a",),
        diffs=("a", "b"),
        detailed_diff={
            "a": PropertyDiff(DiffKind.ADD_REPLACE),
            "b": PropertyDiff(DiffKind.UPDATE),
        },
    )

    inverted = invert(difference)

    assert inverted.changed
    assert not inverted.replace
    assert inverted.detailed_diff["a"].kind is DiffKind.DELETE_REPLACE
    assert inverted.detailed_diff["b"].kind is DiffKind.UPDATE
