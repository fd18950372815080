import asyncio
import json
from dataclasses import replace

import pytest

from meta_prefect.engine.state.codec import FENCE
from meta_prefect.engine.state.disk import Disk
from meta_prefect.engine.state.session import Mark
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.interfaces.engine import ConfigValue
from meta_prefect.interfaces.values import Secret
from tests.support.state import (
    STACK_URN,
    LonelyDisk,
    make_backend,
    make_stack,
    make_state,
    urn_of,
)


class FullDisk(Disk):
    """A disk without room for journals, or for anything, from when it is told so."""

    no_journal = False
    no_room = False

    def append(self, path, data):
        if self.no_journal:
            raise MetaPrefectError("MP4106", "full")
        super().append(path, data)

    def write(self, path, data):
        if self.no_room:
            raise MetaPrefectError("MP4106", "full")
        super().write(path, data)


def run(backend, work, *, config=None, result="succeeded"):
    """Open a session, let `work` use it, and close it."""

    async def operate():
        session = await backend.open_session("dev", kind="up", message="why")
        await work(session)
        await session.close(result=result, changes={"create": 1}, config=config or {})
        return session

    return asyncio.run(operate())


async def create(session, state):
    number = await session.begin("creating", state)
    await session.success(number, old=None, new=state)


async def create_some(session):
    """Make the stack and two resources, the second with a secret."""
    await session.success(None, old=None, new=make_stack())
    await create(session, make_state("a", parent=STACK_URN, inputs={"x": 1}))
    await create(session, make_state("b", parent=STACK_URN, inputs={"x": Secret("pw")}))


async def same_all(session):
    """Say of every record that it is the same, in new objects with values that are not lazy."""
    for old in list(session.base.resources):
        new = replace(old, inputs=dict(old.inputs), dependencies=tuple(reversed(old.dependencies)))
        await session.success(None, old=old, new=new)


async def nothing(session):
    """Do nothing."""


def urns(backend):
    return [state.urn for state in backend.load("dev").resources]


def checkpoint(folder):
    return folder / ".pulumi" / "stacks" / "conf" / "dev.json"


def journal(folder):
    return folder / ".pulumi" / "meta-prefect" / "journal" / "conf" / "dev.jsonl"


def test_what_was_done_is_stored(tmp_path):
    """After an operation the state holds its records, the lock is free and the journal gone."""
    backend = make_backend(tmp_path)

    run(backend, create_some)

    loaded = backend.load("dev")
    assert [state.urn for state in loaded.resources] == [STACK_URN, urn_of("a"), urn_of("b")]
    assert loaded.resources[2].inputs == {"x": Secret("pw")}
    assert backend.list_lock_holders("dev") == []
    assert not journal(tmp_path).exists()


def test_nothing_is_written_when_nothing_changes(tmp_path):
    """A run in which every resource is the same leaves checkpoint and copy alone, byte for byte."""
    backend = make_backend(tmp_path)
    run(backend, create_some)
    before = {path: path.stat().st_ino for path in checkpoint(tmp_path).parent.iterdir()}

    session = run(backend, same_all)

    assert not session.dirty
    assert {path: path.stat().st_ino for path in checkpoint(tmp_path).parent.iterdir()} == before
    assert not journal(tmp_path).parent.exists() or not list(journal(tmp_path).parent.iterdir())


def test_history_has_a_record_per_operation(tmp_path):
    """Operations are in the history newest first, changed or not, failed or not."""
    backend = make_backend(tmp_path)
    run(backend, create_some)
    run(backend, same_all, result="failed")

    history = backend.read_history("dev")

    assert [record.result for record in history] == ["failed", "succeeded"]
    assert (history[0].kind, history[0].message) == ("update", "why")
    assert history[0].changes == {"create": 1}
    assert history[0].start_time <= history[0].end_time


def test_checkpoint_is_fenced_while_something_happens(tmp_path):
    """Between the first change and the end Pulumi's command line refuses the stack."""
    backend = make_backend(tmp_path)
    features = []

    async def look_between(session):
        await create_some(session)
        features.append(json.loads(checkpoint(tmp_path).read_text()).get("features"))

    run(backend, look_between)

    assert features == [[FENCE]]
    assert "features" not in json.loads(checkpoint(tmp_path).read_text())


def test_copy_holds_the_state_before(tmp_path):
    """The copy beside the checkpoint is the state before the last change, without a fence."""
    backend = make_backend(tmp_path)
    run(backend, create_some)
    before = checkpoint(tmp_path).read_text()

    async def delete_b(session):
        old = session.base.resources[2]
        number = await session.begin("deleting", old)
        await session.success(number, old=old, new=None)

    run(backend, delete_b)

    assert checkpoint(tmp_path).with_name("dev.json.bak").read_text() == before
    assert urns(backend) == [STACK_URN, urn_of("a")]


def test_carried_over_records_keep_their_text(tmp_path):
    """A change of one record leaves the text of the others, ciphertexts included."""
    backend = make_backend(tmp_path)
    run(backend, create_some)
    before = json.loads(checkpoint(tmp_path).read_text())["checkpoint"]["latest"]["resources"]

    async def update_a(session):
        old = session.base.resources[1]
        number = await session.begin("updating", old)
        await session.success(number, old=old, new=replace(old, inputs={"x": 2}))

    run(backend, update_a)

    after = json.loads(checkpoint(tmp_path).read_text())["checkpoint"]["latest"]["resources"]
    assert after[0] == before[0]
    assert after[2] == before[2]
    assert after[1]["inputs"] == {"x": 2}


def test_new_record_keeps_unknown_fields_and_ciphertexts(tmp_path):
    """An update takes over what the old record says and nobody here understands."""
    backend = make_backend(tmp_path)
    run(backend, create_some)
    document = backend.export_stack("dev")
    old = document["deployment"]["resources"][2]
    old["fromTheFuture"] = [1]
    backend.import_stack("dev", document)

    async def update_b(session):
        state = session.base.resources[2]
        new = make_state("b", parent=STACK_URN, inputs={"x": Secret("pw"), "y": 1})
        await session.success(None, old=state, new=new)

    run(backend, update_b)

    found = {item["urn"]: item for item in backend.export_stack("dev")["deployment"]["resources"]}
    assert found[urn_of("b")]["fromTheFuture"] == [1]
    assert found[urn_of("b")]["inputs"] == {"x": old["inputs"]["x"], "y": 1}


def test_same_with_new_inputs_is_written(tmp_path):
    """A step without begin whose record says something new is no reason to stay silent."""
    backend = make_backend(tmp_path)
    run(backend, create_some)

    async def same_a(session):
        old = session.base.resources[1]
        await session.success(None, old=old, new=replace(old, inputs={"x": 2}))

    session = run(backend, same_a)

    assert session.dirty
    assert backend.load("dev").resources[1].inputs == {"x": 2}


def test_reading_is_no_change(tmp_path):
    """A resource that is read again and says the same leaves the state alone."""
    backend = make_backend(tmp_path)
    run(backend, create_some)

    async def read_a(session):
        old = session.base.resources[1]
        number = await session.begin("reading", old)
        await session.success(number, old=old, new=replace(old))
        await session.failure(await session.begin("importing", make_state("c")))

    assert not run(backend, read_a).dirty


def test_new_outputs_are_written_once(tmp_path):
    """Outputs that come after the step are stored; equal ones are no change."""
    backend = make_backend(tmp_path)
    run(backend, create_some)

    async def set_outputs(session):
        old = session.base.resources[0]
        new = replace(old)
        await session.success(None, old=old, new=new)
        await session.outputs(new)
        before = session.dirty
        new.outputs = {"url": "x"}
        await session.outputs(new)
        assert (before, session.dirty) == (False, True)

    run(backend, set_outputs)

    assert backend.load("dev").resources[0].outputs == {"url": "x"}


def test_refresh_that_finds_all_as_it_was_is_no_change(tmp_path):
    """Records that say what the old ones said are replaced by the old ones."""
    backend = make_backend(tmp_path)
    run(backend, create_some)

    async def refresh(session):
        olds = list(session.base.resources)
        await session.rebase([replace(old, inputs=dict(old.inputs)) for old in olds])
        assert session.base.resources == olds

    assert not run(backend, refresh).dirty


def test_refresh_drops_references_to_what_is_gone(tmp_path):
    """After a refresh nothing refers to a record that was not found."""
    backend = make_backend(tmp_path)

    async def create_chain(session):
        await session.success(None, old=None, new=make_state("a"))
        await session.success(None, old=None, new=make_state("b", dependencies=(urn_of("a"),)))

    async def lose_a(session):
        await session.rebase(session.base.resources[1:])
        assert session.base.resources[0].dependencies == ()

    run(backend, create_chain)
    run(backend, lose_a)

    assert [tuple(state.dependencies) for state in backend.load("dev").resources] == [()]


def test_replacement_marks_survive_a_run_that_ends_between(tmp_path):
    """The old record of a replacement whose delete did not come is there, still to be deleted."""
    backend = make_backend(tmp_path)
    run(backend, create_some)

    async def replace_a(session):
        old = session.base.resources[1]
        new = make_state("a", id="a-2")
        number = await session.begin("creating", new)
        await session.success(number, old=old, new=new, mark=Mark.DELETE)

    run(backend, replace_a)

    found = [(state.id, state.delete) for state in backend.load("dev").resources]
    assert found == [("a-2", False), ("", False), ("a-1", True), ("b-1", False)]


def test_unknown_outcome_stays_pending(tmp_path):
    """A step nobody knows the end of is a pending operation until it is settled."""
    backend = make_backend(tmp_path)

    async def lose(session):
        await session.keep_pending(await session.begin("creating", make_state("a", id="")))

    async def settle(session):
        await session.settle(urn_of("a"))

    run(backend, lose)
    left = backend.read_stack("dev").pending_operations
    run(backend, nothing)
    still = backend.read_stack("dev").pending_operations
    run(backend, settle)

    assert left == still == [(urn_of("a"), "creating")]
    assert backend.read_stack("dev").pending_operations == []


def test_failed_step_leaves_no_trace(tmp_path):
    """A begin that ended in failure is neither a record nor pending."""
    backend = make_backend(tmp_path)

    async def fail(session):
        await session.failure(await session.begin("creating", make_state("a")))

    run(backend, fail)

    assert backend.load("dev").resources == []
    assert backend.load("dev").pending_operations == []


def test_lock_taken_away_is_told_after_writing(tmp_path):
    """Who unlocks a running operation makes it fail, but does not make it lose anything."""
    backend = make_backend(tmp_path)

    async def lose_lock(session):
        await create_some(session)
        backend.unlock("dev")

    with pytest.raises(MetaPrefectError) as found:
        run(backend, lose_lock)

    assert (found.value.diagnostic.code, found.value.exit_code) == ("MP4202", ExitCode.LOCKED)
    assert len(urns(backend)) == 3


def test_full_disk_stops_steps_and_loses_none(tmp_path):
    """A step must not start when its begin does not fit; what ended is in the state at the end."""
    disk = FullDisk()
    backend = make_backend(tmp_path, disk=disk)

    async def fill(session):
        await create_some(session)
        number = await session.begin("creating", make_state("c"))
        disk.no_journal = True
        with pytest.raises(MetaPrefectError):
            await session.success(number, old=None, new=make_state("c", id="c-9"))
        with pytest.raises(MetaPrefectError):
            await session.begin("creating", make_state("d"))

    run(backend, fill)

    assert [state.id for state in backend.load("dev").resources if state.urn == urn_of("c")] == [
        "c-9"
    ]


def test_step_that_must_not_start_is_not_pending(tmp_path):
    """A begin that could not be made durable is no operation of unknown outcome."""
    disk = FullDisk()
    backend = make_backend(tmp_path, disk=disk)

    async def fill(session):
        await create_some(session)
        disk.no_journal = True
        with pytest.raises(MetaPrefectError):
            await session.begin("creating", make_state("d"))

    run(backend, fill)

    assert backend.load("dev").pending_operations == []


def test_rest_of_the_journal_is_written_when_the_state_has_no_room(tmp_path):
    """What was waiting for room is in the journal at least, and then nothing is lost."""
    disk = FullDisk()
    backend = make_backend(tmp_path, disk=disk)

    async def fill(session):
        await create_some(session)
        number = await session.begin("creating", make_state("c"))
        disk.no_journal = disk.no_room = True
        with pytest.raises(MetaPrefectError):
            await session.success(number, old=None, new=make_state("c", id="c-9"))
        disk.no_journal = False

    with pytest.raises(MetaPrefectError) as found:
        run(backend, fill)

    assert found.value.others == ()
    assert "c-9" in {state.id for state in make_backend(tmp_path).load("dev").resources}


def test_what_is_recorded_nowhere_is_named(tmp_path):
    """When the state at the end cannot be written either, the error names what is lost."""
    disk = FullDisk()
    backend = make_backend(tmp_path, disk=disk)

    async def fill(session):
        await create_some(session)
        number = await session.begin("creating", make_state("c"))
        disk.no_journal = disk.no_room = True
        with pytest.raises(MetaPrefectError):
            await session.success(number, old=None, new=make_state("c", id="c-9"))

    with pytest.raises(MetaPrefectError) as found:
        run(backend, fill)

    (lost,) = found.value.others
    assert urn_of("c") in lost.summary
    assert lost.why == "id c-9"


def test_inconsistent_result_is_not_written(tmp_path):
    """A state that would break a rule stays in the journal, and is refused with the way out."""
    backend = make_backend(tmp_path)

    async def dangle(session):
        await session.success(None, old=None, new=make_state("a", parent="gone"))

    with pytest.raises(MetaPrefectError) as found:
        run(backend, dangle)

    backend.repair_stack("dev")
    assert found.value.diagnostic.code == "MP4102"
    assert found.value.diagnostic.fixes == ("meta-prefect state repair -s dev",)
    assert urns(backend) == [urn_of("a")]


def test_secret_config_is_encrypted_in_the_history(tmp_path):
    """The history never holds a secret in clear; without secrets in the state it is left out."""
    backend = make_backend(tmp_path)
    config = {"conf:a": ConfigValue("x"), "conf:b": ConfigValue("hidden", secret=True)}

    run(backend, create_some, config=config)

    history = tmp_path / ".pulumi" / "history" / "conf" / "dev"
    (path,) = history.glob("*.history.json")
    stored = json.loads(path.read_text())["config"]
    assert stored["conf:a"] == "x"
    assert stored["conf:b"]["secure"].startswith("v1:")
    assert "hidden" not in path.read_text()


def test_wrong_passphrase_stops_before_anything_is_written(tmp_path):
    """A step that needs no secret itself is not stored in a stack whose passphrase is another."""
    backend = make_backend(tmp_path)
    run(backend, lambda session: create(session, make_state("a", inputs={"s": Secret("x")})))
    before = checkpoint(tmp_path).read_bytes()

    async def add_component(session):
        with pytest.raises(MetaPrefectError) as found:
            await session.success(None, old=None, new=make_stack())
        assert found.value.diagnostic.code == "MP4301"

    run(make_backend(tmp_path, passphrase=lambda: "other"), add_component)

    assert checkpoint(tmp_path).read_bytes() == before
    assert not journal(tmp_path).exists()


def test_nobody_is_asked_for_a_passphrase_without_secrets(tmp_path):
    """A stack that holds no secret is worked on without one."""

    def ask():
        raise AssertionError("nobody may be asked")

    backend = make_backend(tmp_path, ask)

    async def create_plain(session):
        await create(session, make_state("a"))

    run(backend, create_plain)

    assert urns(backend) == [urn_of("a")]


def test_the_first_secret_of_a_stack_can_be_read_after_a_kill(tmp_path):
    """A create that was in flight when its operation was killed keeps its secret inputs legible."""

    async def killed():
        session = await make_backend(tmp_path).open_session("dev", kind="up", message="")
        await session.success(None, old=None, new=make_stack())
        state = make_state("a", parent=STACK_URN, inputs={"x": Secret("pw")})
        await session.begin("creating", state)

    asyncio.run(killed())

    (pending,) = make_backend(tmp_path, disk=LonelyDisk()).load("dev").pending_operations
    assert pending.resource.inputs["x"].value == "pw"
