import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest

from meta_prefect.engine.state.entries import Mark
from meta_prefect.engine.state.integrity import check_snapshot
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from meta_prefect.interfaces.values import Secret
from tests.support.state import Died, DyingDisk, LonelyDisk, make_backend, make_state, urn_of

FILE = ".pulumi/stacks/conf/dev.json"
JOURNAL = ".pulumi/meta-prefect/journal/conf/dev.jsonl"
BEFORE_THE_LAST_LINE = 12
BEYOND_THE_END = 26


class World:
    """What providers made: ids, and how often a call was made for each."""

    def __init__(self, *ids):
        self.ids = set(ids)
        self.created = []

    async def create(self, session, name):
        state = make_state(name, id="", inputs={"s": Secret("pw")})
        number = await session.begin("creating", state)
        state.id = f"{name}-{len(self.created) + 2}"
        self.ids.add(state.id)
        self.created.append(state.urn)
        await session.success(number, old=None, new=state)

    async def replace(self, session, old):
        new = make_state("r", id="r-9")
        number = await session.begin("creating", new)
        self.ids.add(new.id)
        await session.success(number, old=old, new=new, mark=Mark.DELETE)
        await self.delete(session, old)

    async def delete(self, session, old):
        number = await session.begin("deleting", old)
        self.ids.discard(old.id)
        await session.success(number, old=old, new=None)


def open_dead(folder, disk=None):
    """Open the stack as a process that holds every other one for dead."""
    return make_backend(folder, disk=disk or LonelyDisk(), is_alive=lambda _: False)


async def make_base(folder):
    """Make a stack of four resources."""
    session = await open_dead(folder).open_session("dev", kind="up", message="")
    for name in ("kept", "u", "d", "r"):
        await session.success(None, old=None, new=make_state(name))
    await session.close(result="succeeded", changes={}, config={})


async def operate(folder, disk, world):
    """Update, create, delete and replace, all at once."""
    session = await open_dead(folder, disk).open_session("dev", kind="up", message="")
    base = {state.id: state for state in session.base.resources}

    async def update(old):
        number = await session.begin("updating", old)
        await session.success(number, old=old, new=replace(old, inputs={"x": 1}))

    await asyncio.gather(
        update(base["u-1"]),
        world.create(session, "c"),
        world.delete(session, base["d-1"]),
        world.replace(session, base["r-1"]),
    )
    await world.create(session, "e")
    await session.close(result="succeeded", changes={}, config={})


async def run_to_death(folder, last):
    """Operate until the disk dies at its write number `last`; say whether it did, and the world."""
    world = World("kept-1", "u-1", "d-1", "r-1")
    disk = DyingDisk(last)
    try:
        await operate(folder, disk, world)
    except Died:
        return True, world
    return False, world


def find_contradictions(snapshot, world):
    """Name what the state does not know about the world, nor says that it may not know."""
    recorded = {state.id for state in snapshot.resources if state.custom}
    pending = {(item.resource.urn, item.type) for item in snapshot.pending_operations}
    unknown = {
        id
        for id in world.ids - recorded
        if (urn_of(id.partition("-")[0]), "creating") not in pending
    }
    gone = {
        state.id
        for state in snapshot.resources
        if state.id not in world.ids and (state.urn, "deleting") not in pending
    }
    return unknown | gone


@pytest.mark.parametrize("last", range(1, BEYOND_THE_END))
def test_process_that_dies_at_any_write_leaves_the_truth(tmp_path, last):
    """After a death at any write, what the world holds is recorded or named as pending."""
    asyncio.run(make_base(tmp_path))
    _, world = asyncio.run(run_to_death(tmp_path, last))
    seen = open_dead(tmp_path).load("dev")

    async def recover():
        session = await open_dead(tmp_path).open_session("dev", kind="up", message="")
        snapshot = session.base
        session._lock.release()
        return snapshot

    recovered = asyncio.run(recover())

    assert find_contradictions(recovered, world) == set()
    assert check_snapshot(recovered) == []
    assert [state.urn for state in seen.resources] == [state.urn for state in recovered.resources]
    assert not (tmp_path / JOURNAL).exists()
    assert "metaPrefectJournal" not in (tmp_path / FILE).read_text()


def test_every_write_of_an_operation_is_a_place_to_die(tmp_path):
    """The numbers tried above reach beyond the last write."""
    asyncio.run(make_base(tmp_path))

    died, _ = asyncio.run(run_to_death(tmp_path, BEYOND_THE_END))

    assert not died


@pytest.mark.parametrize("last", range(1, 7))
def test_recovery_may_die_too(tmp_path, last):
    """A recovery that is killed begins again, and ends the same."""
    asyncio.run(make_base(tmp_path))
    _, world = asyncio.run(run_to_death(tmp_path, BEFORE_THE_LAST_LINE))
    expected = [state.id for state in open_dead(tmp_path).load("dev").resources]

    async def recover(disk):
        return await open_dead(tmp_path, disk).open_session("dev", kind="up", message="")

    with suppress(Died):
        asyncio.run(recover(DyingDisk(last)))
    session = asyncio.run(recover(None))

    assert [state.id for state in session.base.resources] == expected
    assert find_contradictions(session.base, world) == set()


def test_torn_journal_is_read_up_to_the_tear(tmp_path):
    """Whatever is missing at its end, a journal gives a sound state that knows no more than it."""
    asyncio.run(make_base(tmp_path))
    asyncio.run(run_to_death(tmp_path, BEFORE_THE_LAST_LINE))
    data = (tmp_path / JOURNAL).read_bytes()

    for length in range(0, len(data) + 1, 7):
        (tmp_path / JOURNAL).write_bytes(data[:length])
        snapshot = open_dead(tmp_path).load("dev")
        assert check_snapshot(snapshot) == []
        assert {"kept-1", "u-1"} <= {state.id for state in snapshot.resources}


def test_reader_sees_one_moment(tmp_path):
    """A reader between whose looks an operation ends sees the state after it, not before."""
    asyncio.run(make_base(tmp_path))
    asyncio.run(run_to_death(tmp_path, BEFORE_THE_LAST_LINE))
    expected = [state.id for state in open_dead(tmp_path).load("dev").resources]

    class FoldingDisk(LonelyDisk):
        """A disk on which the killed operation is finished after the first look."""

        looks = 0

        def read(self, path):
            data = super().read(path)
            self.looks += 1
            if self.looks == 1:
                open_dead(tmp_path).edit_stack("dev", lambda found: found)
            return data

    disk = FoldingDisk()
    found = open_dead(tmp_path, disk).load("dev")

    assert [state.id for state in found.resources] == expected
    assert disk.looks > 2


def test_state_that_an_operation_works_on_is_not_edited(tmp_path):
    """Without its lock, too, a running operation is the only one to write."""
    asyncio.run(make_base(tmp_path))

    async def intrude():
        session = await make_backend(tmp_path).open_session("dev", kind="up", message="")
        await session.begin("creating", make_state("c"))
        other = make_backend(tmp_path)
        other.unlock("dev")
        with pytest.raises(MetaPrefectError) as found:
            other.edit_stack("dev", lambda snapshot: snapshot)
        with pytest.raises(MetaPrefectError):
            other.remove_stack("dev", force=True)
        return found.value.diagnostic

    diagnostic = asyncio.run(intrude())

    assert diagnostic.code == "MP4201"
    assert "still at work" in diagnostic.why
    assert (tmp_path / JOURNAL).exists()


def test_step_of_a_running_operation_is_not_lost(tmp_path):
    """A reader takes a step for one of unknown outcome only when its operation is dead."""

    async def look():
        session = await make_backend(tmp_path).open_session("dev", kind="up", message="")
        await session.begin("creating", make_state("c"))
        running = make_backend(tmp_path).load("dev").pending_operations
        session._journal.close()
        return running, make_backend(tmp_path).load("dev").pending_operations

    running, dead = asyncio.run(look())

    assert running == []
    assert [item.type for item in dead] == ["creating"]


def test_journal_of_another_state_is_refused(tmp_path):
    """A fenced state that was changed beside its journal is left alone, with both files."""
    asyncio.run(make_base(tmp_path))
    asyncio.run(run_to_death(tmp_path, BEFORE_THE_LAST_LINE))
    changed = (tmp_path / FILE).read_text().replace("kept-1", "kept-2")
    (tmp_path / FILE).write_text(changed)

    with pytest.raises(MetaPrefectError) as found:
        open_dead(tmp_path).load("dev")

    assert found.value.diagnostic.code == "MP4107"
    assert (tmp_path / JOURNAL).exists()
    assert (tmp_path / FILE).read_text() == changed


def test_journal_that_was_folded_is_dropped(tmp_path):
    """A journal beside a plain state of another hash is done, and is not applied twice."""
    asyncio.run(make_base(tmp_path))
    asyncio.run(run_to_death(tmp_path, BEFORE_THE_LAST_LINE))
    stale = (tmp_path / JOURNAL).read_bytes()
    asyncio.run(open_dead(tmp_path).open_session("dev", kind="up", message=""))
    before = (tmp_path / FILE).read_bytes()
    (tmp_path / JOURNAL).write_bytes(stale)

    snapshot = open_dead(tmp_path).load("dev")
    asyncio.run(open_dead(tmp_path).open_session("dev", kind="up", message=""))

    ids = [state.id for state in snapshot.resources]
    assert len(ids) == len(set(ids))
    assert [state.id for state in open_dead(tmp_path).load("dev").resources] == ids
    assert not (tmp_path / JOURNAL).exists()
    assert before.count(b'"urn"') == (tmp_path / FILE).read_bytes().count(b'"urn"')
