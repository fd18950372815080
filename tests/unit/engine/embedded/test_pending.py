"""What is found out about operations of unknown outcome."""

import asyncio

import pytest

from meta_prefect.engine.embedded.pending import settle_pending
from meta_prefect.engine.embedded.reports import Reporter
from meta_prefect.engine.state.checkpoint import PendingOperation, ResourceState, Snapshot
from meta_prefect.engine.state.integrity import check_snapshot
from meta_prefect.interfaces.provider import ProviderError, ReadResponse
from tests.support.state import make_stack, make_state, urn_of


class Recorder:
    """Keeps what is stored, in order."""

    def __init__(self):
        self.stored = []

    async def rebase(self, resources):
        self.stored.append([state.id for state in resources if state.id])
        return resources

    async def settle(self, urn):
        self.stored.append(urn)


class Provider:
    """Knows the objects of a world by URN."""

    def __init__(self, world):
        self._world = world

    async def read(self, request):
        return ReadResponse(request.id if request.id in self._world.values() else "")


class FindingProvider(Provider):
    async def find_created(self, urn, inputs):
        return ReadResponse(self._world.get(urn, ""), {"out": 1})


class Registry:
    """Has one provider, or none."""

    def __init__(self, provider=None):
        self._provider = provider

    async def find(self, reference):
        if self._provider is None:
            raise ProviderError("there is none")
        return self._provider


def settle(pending, resources, provider):
    """Settle operations; gives what was found, and what was stored."""
    recorder = Recorder()
    operations = [PendingOperation(state, kind) for kind, state in pending]
    reporter = Reporter(lambda event: None)
    found = settle_pending(operations, resources, Registry(provider), recorder, reporter)
    return asyncio.run(found), recorder.stored


def test_record_of_a_lost_create_is_durable_before_it_is_forgotten():
    """What was found is stored first: a kill in between asks again."""
    provider = FindingProvider({urn_of("a"): "a-7"})
    found, stored = settle([("creating", make_state("a", id=""))], [make_stack()], provider)

    assert stored == [["a-7"], urn_of("a")]
    assert found.resources[-1].outputs == {"out": 1}
    assert found.blocked == frozenset()


@pytest.mark.parametrize("provider", [None, Provider({})])
def test_create_of_which_nobody_knows_is_blocked(provider):
    """Without a provider that can look for it, a create stays pending and must not be repeated."""
    resources = [make_stack()]
    found, stored = settle([("creating", make_state("a", id=""))], resources, provider)

    assert found.blocked == {urn_of("a")}
    assert found.resources is resources
    assert stored == []


def test_lost_replacement_leaves_the_old_one_to_delete():
    """The new one that was made first takes its place, in front of all that needs it."""
    resources = [make_state("a"), make_state("b", dependencies=(urn_of("a"),))]
    provider = FindingProvider({urn_of("a"): "a-2"})
    found, _ = settle([("creating", make_state("a", id=""))], resources, provider)

    marks = {(state.id, state.delete) for state in found.resources}
    assert marks == {("a-1", True), ("a-2", False), ("b-1", False)}
    assert check_snapshot(Snapshot(resources=list(found.resources))) == []


def test_lost_replacement_of_what_is_deleted_already():
    """The record that only waited for the new one goes."""
    resources = [make_state("a", pending_replacement=True)]
    provider = FindingProvider({urn_of("a"): "a-2"})
    found, _ = settle([("creating", make_state("a", id=""))], resources, provider)

    assert [state.id for state in found.resources] == ["a-2"]


def test_old_one_is_not_taken_for_the_new_one():
    """Where the provider finds what has a record, the new one was not made."""
    resources = [make_state("a")]
    provider = FindingProvider({urn_of("a"): "a-1"})
    found, stored = settle([("creating", make_state("a", id=""))], resources, provider)

    assert found.resources is resources
    assert stored == [urn_of("a")]


@pytest.mark.parametrize(
    "state",
    [
        ResourceState("urn:pulumi:s::p::pulumi:providers:test::default", "pulumi:providers:test"),
        ResourceState("urn:pulumi:s::p::app:index:Group::g", "app:index:Group"),
    ],
)
def test_what_is_in_state_only_is_made_again(state):
    """A provider or a component that was lost stands for nothing in the world."""
    found, stored = settle([("creating", state)], [], None)

    assert found.blocked == frozenset()
    assert stored == [state.urn]


def test_interrupted_update_is_done_again():
    """A record whose update was lost asks for another one, once."""
    resources = [make_state("a")]
    again, stored = settle([("updating", make_state("a"))] * 2, resources, None)

    assert list(again.resources[0].init_errors) == ["an update of it was interrupted"]
    assert stored == [["a-1"]]


@pytest.mark.parametrize(
    ("world", "left"), [({}, []), ({urn_of("a"): "a-1"}, ["a-1"])], ids=["gone", "still there"]
)
def test_lost_deletion_is_looked_for(world, left):
    """A record whose object is gone goes; one whose object is still there stays."""
    found, _ = settle([("deleting", make_state("a"))], [make_state("a")], Provider(world))

    assert [state.id for state in found.resources] == left


def test_lost_deletion_stays_where_nobody_can_look():
    """A provider that cannot say leaves the record for the next deletion."""
    resources = [make_state("a"), make_state("b", delete=True)]
    pending = [
        ("deleting", make_state("a")),
        ("deleting", make_state("b")),
        ("reading", make_stack()),
    ]
    found, stored = settle(pending, resources, None)

    assert found.resources is resources
    assert stored == []
