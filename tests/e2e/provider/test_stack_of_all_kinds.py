"""
Each kind of a server in one stack on the embedded engine.

What a round proves of the provider is proven here of programs. The tests stand in the order of the
stack's life and share it: an operation takes its seconds.
"""

import asyncio
from types import SimpleNamespace

import pulumi
import pytest

from meta_prefect.interfaces.engine import ImportItem, OperationKind
from tests.support.hands_on_server import ROUTES, HandsOnServer
from tests.support.prefect_stack import PrefectStack
from tests.support.provider_bench import build_bench
from tests.support.rounds import Round, load_case

pytestmark = pytest.mark.e2e

REPLACED = {
    "flow": {"name": "{prefix}-other"},
    "work_pool": {"type": "docker"},
    "work_queue": {"workPoolId": "other"},
    "deployment": {"name": "{prefix}-other"},
    "deployment_schedule": {"slug": "other"},
    "tag_concurrency_limit": {"tag": "{prefix}-other"},
    "block_type": {"name": "Other of {prefix}"},
    "block_schema": {"version": "1.0"},
    "block_document": {"name": "two"},
    "automation": {"ownerResource": "prefect.deployment.{deployment.id}"},
}
"""An input that replaces, of each kind that has one."""


@pytest.fixture(scope="module")
def life(prefect_server, tmp_path_factory):
    """The stack, and the round of each kind with all that it is set up with."""
    rounds = asyncio.run(_prepare(prefect_server.url))
    stack = PrefectStack(tmp_path_factory.mktemp("all-kinds"), prefect_server.url)
    return SimpleNamespace(url=prefect_server.url, stack=stack, rounds=rounds)


async def _prepare(url):
    bench = await build_bench(url)
    rounds = {kind: Round(bench, load_case(kind), f"all-{_slug(kind)}", None) for kind in ROUTES}
    for item in rounds.values():
        await item.prepare()
    await bench.provider.close()
    return rounds


def _slug(kind):
    return kind.replace("_", "-")


def build_program(life, changes=()):
    """Declare each kind; `changes`: inputs that differ, by kind."""
    changes = dict(changes)

    def program(opts):
        for kind, item in life.rounds.items():
            values = {**item.values, **item.fill(changes.get(kind, {}))}
            pulumi.CustomResource(item.case["type"], kind, values, opts)

    return program


def act_by_hand(life, act):
    """Do something to each kind's object; `act` takes hands, kind and the object's record."""

    async def act_on_all():
        for kind in life.rounds:
            await act(HandsOnServer(life.url, kind), kind, life.stack.stored[kind])

    asyncio.run(act_on_all())


def test_all_are_made(life):
    """All kinds are made at once; then nothing is to be done, whatever a refresh finds."""
    program = build_program(life)

    assert life.stack.succeed(OperationKind.UP, program) == {"create": len(ROUTES) + 2}
    assert life.stack.succeed(OperationKind.PREVIEW, program) == {}
    assert life.stack.succeed(OperationKind.REFRESH) == {}


def test_drift_is_found_and_repaired(life):
    """What somebody changes by hand a refresh tells, and the next up puts back."""
    drifting = {kind for kind, item in life.rounds.items() if "drift" in item.case}

    async def change(hands, kind, thing):
        if kind in drifting:
            await hands.change(thing, life.rounds[kind].case["drift"]["declared"])

    act_by_hand(life, change)
    program = build_program(life)

    assert life.stack.succeed(OperationKind.REFRESH) == {"update": len(drifting)}
    assert life.stack.succeed(OperationKind.UP, program) == {"update": len(drifting)}
    assert {name for _, name in life.stack.steps} == drifting
    assert life.stack.succeed(OperationKind.REFRESH) == {}


def test_what_was_deleted_by_hand_is_made_again(life):
    """What somebody deletes by hand a refresh takes out of the state, and the next up makes."""

    async def delete(hands, _, thing):
        await hands.delete(thing)

    act_by_hand(life, delete)
    program = build_program(life)

    assert life.stack.succeed(OperationKind.REFRESH) == {"delete": len(ROUTES)}
    assert life.stack.succeed(OperationKind.UP, program) == {"create": len(ROUTES)}
    assert life.stack.succeed(OperationKind.PREVIEW, program) == {}


def test_replacements_leave_nothing_behind(life):
    """An input that replaces makes a new object, and the old one is gone from the server."""
    old = {kind: life.stack.stored[kind].id for kind in REPLACED}

    changes = life.stack.succeed(OperationKind.UP, build_program(life, REPLACED.items()))

    new = {kind: life.stack.stored[kind].id for kind in REPLACED}
    found = asyncio.run(_find(life, {kind: id for kind, id in old.items() if new[kind] != id}))
    assert changes == {"replace": len(REPLACED)}
    assert [kind for kind, thing in found.items() if thing is not None] == []
    assert {kind for kind in REPLACED if new[kind] == old[kind]} == {"work_pool"}
    assert life.stack.succeed(OperationKind.UP, build_program(life))["replace"] == len(REPLACED)


async def _find(life, ids):
    bench = await build_bench(life.url)
    found = {
        kind: await bench.import_(life.rounds[kind].case["type"], id) for kind, id in ids.items()
    }
    await bench.provider.close()
    return found


def test_imported_objects_show_no_change(life, tmp_path):
    """Another stack takes all of them over by their ids, and then has nothing to do."""
    other = PrefectStack(tmp_path, life.url, explicit=False)
    items = [
        ImportItem(state.type, kind, state.id, protect=False)
        for kind, state in life.stack.stored.items()
    ]

    assert other.succeed(OperationKind.IMPORT, imports=items)["import"] == len(ROUTES)
    assert other.succeed(OperationKind.PREVIEW, build_program(life)) == {}


def test_all_are_destroyed(life):
    """Destroying the stack leaves none of its objects on the server."""
    ids = {kind: state.id for kind, state in life.stack.stored.items()}

    changes = life.stack.succeed(OperationKind.DESTROY)

    found = asyncio.run(_find(life, ids))
    assert changes["delete"] >= len(ROUTES)
    assert [kind for kind, thing in found.items() if thing is not None] == []
