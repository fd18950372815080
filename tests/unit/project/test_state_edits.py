"""Edits of stored state by hand."""

import asyncio
import json
from dataclasses import replace

import pytest

from meta_prefect.engine.state.checkpoint import PendingOperation, ResourceState
from meta_prefect.engine.urn import build_urn
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from meta_prefect.project.state_edits import StateEdits
from tests.support.state import (
    PROJECT,
    STACK_URN,
    make_backend,
    make_stack,
    make_state,
    urn_of,
)


@pytest.fixture
def backend(tmp_path):
    """A stack with `a`, `b` that needs `a`, a protected `c`, and a create of `d` in flight."""
    backend = make_backend(tmp_path)

    async def fill():
        session = await backend.open_session("dev", kind="up", message="")
        await session.success(None, old=None, new=make_stack())
        made = (
            make_state("a", parent=STACK_URN),
            make_state("b", parent=STACK_URN, dependencies=(urn_of("a"),)),
            make_state("c", parent=STACK_URN, protect=True),
        )
        for state in made:
            number = await session.begin("creating", state)
            await session.success(number, old=None, new=state)
        await session.keep_pending(
            await session.begin("creating", make_state("d", parent=STACK_URN, id=""))
        )
        await session.close(result="failed", changes={}, config={})

    asyncio.run(fill())
    return backend


def names(backend):
    return [item.urn.rpartition("::")[2] for item in backend.load("dev").resources][1:]


def test_a_resource_is_forgotten_by_its_name(backend):
    """A record that nobody needs goes, and only that one."""
    gone = StateEdits(backend, PROJECT, "dev").forget("b")

    assert gone == (urn_of("b"),)
    assert names(backend) == ["a", "c"]


def test_what_is_needed_goes_with_what_needs_it_or_not_at_all(backend):
    """Dependents are named first, and go along when asked for."""
    edits = StateEdits(backend, PROJECT, "dev")

    with pytest.raises(MetaPrefectError, match="MP4113") as caught:
        edits.forget("a")
    edits.forget(urn_of("a"), with_dependents=True)

    assert caught.value.diagnostic.why == "b"
    assert names(backend) == ["c"]


def test_what_is_protected_needs_force(backend):
    """A protected record stays unless force says otherwise."""
    edits = StateEdits(backend, PROJECT, "dev")

    with pytest.raises(MetaPrefectError, match="MP4114"):
        edits.forget("c")
    edits.forget("c", force=True)

    assert names(backend) == ["a", "b"]


def test_a_create_whose_end_is_unknown_is_forgotten(backend):
    """What the engine refuses to make twice can be made again afterwards."""
    StateEdits(backend, PROJECT, "dev").forget("d")

    assert backend.load("dev").pending_operations == []
    assert names(backend) == ["a", "b", "c"]


def test_what_was_to_be_replaced_stays_when_the_replacement_is_forgotten(backend):
    """Where a record and an operation have one URN, the operation is what nobody knows about."""
    lost = PendingOperation(make_state("b", id=""), "creating")
    backend.edit_stack("dev", lambda found: replace(found, pending_operations=[lost]))

    gone = StateEdits(backend, PROJECT, "dev").forget("b")

    assert gone == (urn_of("b"),)
    assert backend.load("dev").pending_operations == []
    assert names(backend) == ["a", "b", "c"]


def test_an_unknown_name_gets_a_suggestion(backend):
    """Nothing is dropped by a misspelt name."""
    with pytest.raises(MetaPrefectError, match="MP4115"):
        StateEdits(backend, PROJECT, "dev").forget("zz")

    assert names(backend) == ["a", "b", "c"]


def test_an_export_can_be_imported_again(backend):
    """What was exported is the state again, whatever happened since."""
    edits = StateEdits(backend, PROJECT, "dev")
    document = json.loads(json.dumps(edits.export()))
    edits.forget("b")

    edits.import_document(document)

    assert names(backend) == ["a", "b", "c"]


def test_a_name_of_several_resources_is_refused(backend):
    """Which of two is meant, only a URN can say."""
    twin = build_urn("dev", PROJECT, "", "test:index:Other", "b")
    state = ResourceState(twin, "test:index:Other", custom=True, id="b-2", parent=STACK_URN)
    backend.edit_stack("dev", lambda found: replace(found, resources=[*found.resources, state]))
    edits = StateEdits(backend, PROJECT, "dev")

    with pytest.raises(MetaPrefectError, match="MP4117") as caught:
        edits.forget("b")
    edits.forget(twin)

    assert caught.value.diagnostic.why == f"{urn_of('b')}\n{twin}"
    assert names(backend) == ["a", "b", "c"]


def test_the_state_of_another_stack_is_not_taken_by_accident(backend):
    """The names in its URNs give it away; force takes it."""
    document = StateEdits(backend, PROJECT, "dev").export()
    edits = StateEdits(backend, PROJECT, "prod")

    with pytest.raises(MetaPrefectError, match="MP4118"):
        edits.import_document(document)
    edits.import_document(document, force=True)

    assert len(edits.read().resources) == 4


@pytest.mark.parametrize("document", [{}, [], {"deployment": {"resources": [1, {}]}}])
def test_what_is_no_export_is_refused(backend, document):
    """Whatever JSON a file holds, the state stays what it was."""
    edits = StateEdits(backend, PROJECT, "dev")

    with pytest.raises(MetaPrefectError, match="MP4101"):
        edits.import_document(document)

    assert names(backend) == ["a", "b", "c"]


def test_a_stack_that_is_not_there_has_no_records(tmp_path):
    """Looking makes no stack."""
    edits = StateEdits(make_backend(tmp_path), PROJECT, "dev")

    with pytest.raises(MetaPrefectError, match="MP4108"):
        edits.read()


def test_a_lock_is_shown_and_taken_away(backend, tmp_path):
    """Whoever holds the lock is named, and afterwards nobody does."""
    folder = tmp_path / ".pulumi" / "locks" / "organization" / "conf" / "dev"
    folder.mkdir(parents=True, exist_ok=True)
    holder = {"pid": 1, "username": "ann", "hostname": "far", "timestamp": "2026-01-01T00:00:00Z"}
    (folder / "11111111-1111-4111-8111-111111111111.json").write_text(json.dumps(holder))
    edits = StateEdits(backend, PROJECT, "dev")

    (shown,) = edits.list_lock_holders()
    edits.unlock()

    assert (shown.username, shown.hostname) == ("ann", "far")
    assert edits.list_lock_holders() == []
