import asyncio
import gzip
import json
from dataclasses import replace

import pytest

from meta_prefect.engine.state.checkpoint import PendingOperation, Snapshot
from meta_prefect.engine.state.codec import encode_file
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.interfaces.values import Secret
from tests.support.state import (
    STACK_URN,
    NumberingCrypter,
    make_backend,
    make_stack,
    make_state,
    urn_of,
)

STACKS = ".pulumi/stacks/conf"


def up(backend, *states, stack="dev"):
    """Add records to a stack."""

    async def operate():
        session = await backend.open_session(stack, kind="up", message="")
        for state in states:
            await session.success(None, old=None, new=state)
        await session.close(result="succeeded", changes={"create": len(states)}, config={})

    asyncio.run(operate())


def code_of(call, *arguments, **options):
    """Give the code of the error that a call raises."""
    with pytest.raises(MetaPrefectError) as found:
        call(*arguments, **options)
    return found.value.diagnostic.code


def open_session(backend):
    return asyncio.run(backend.open_session("dev", kind="up", message=""))


def test_stacks_of_the_project_are_listed(tmp_path):
    """Stacks are listed by name, other files and projects are not."""
    backend = make_backend(tmp_path)
    up(backend, make_stack(), stack="prod")
    up(backend, make_stack(), stack="dev")
    (tmp_path / ".pulumi/stacks/other").mkdir()
    (tmp_path / ".pulumi/stacks/other/x.json").write_text("{}")

    assert backend.list_stacks() == ["dev", "prod"]
    assert make_backend(tmp_path / "none").list_stacks() == []


def test_stack_is_looked_at_without_a_passphrase(tmp_path):
    """A reader sees every record, with secrets as secrets and their values unread."""
    up(
        make_backend(tmp_path),
        make_stack(),
        make_state(
            "a",
            parent=STACK_URN,
            inputs={"s": Secret("pw"), "x": 1},
            protect=True,
            property_dependencies={"x": [STACK_URN]},
        ),
    )

    def refuse():
        raise AssertionError("nobody may be asked")

    found = make_backend(tmp_path, refuse).read_stack("dev").resources[1]

    assert (found.urn, found.id, found.parent) == (urn_of("a"), "a-1", STACK_URN)
    assert found.inputs == {"s": Secret(None), "x": 1}
    assert (found.dependencies, found.protect, found.retain_on_delete) == (
        (STACK_URN,),
        True,
        False,
    )


def test_missing_stack_is_none(tmp_path):
    """What is not there is not there, for readers."""
    backend = make_backend(tmp_path)

    assert backend.read_stack("dev") is None
    assert backend.load("dev") is None
    assert backend.read_history("dev") == []


def test_new_stack_is_written_even_if_it_stays_empty(tmp_path):
    """An operation on a stack that is not there makes it."""
    backend = make_backend(tmp_path)

    up(backend)

    assert backend.list_stacks() == ["dev"]
    assert (tmp_path / ".pulumi/meta.yaml").read_text() == "version: 1\n"


def test_compressed_checkpoint_stays_compressed(tmp_path):
    """The newest form of a checkpoint is the one that counts and is replaced."""
    folder = tmp_path / STACKS
    folder.mkdir(parents=True)
    (tmp_path / ".pulumi/meta.yaml").write_text("version: 1\n")
    (folder / "dev.json").write_text("old")
    text = encode_file("x", Snapshot(resources=[make_stack()]), NumberingCrypter())
    (folder / "dev.json.gz").write_bytes(gzip.compress(text.encode()))
    backend = make_backend(tmp_path)

    up(backend, make_state("a"))

    assert len(backend.load("dev").resources) == 2
    assert urn_of("a") in gzip.decompress((folder / "dev.json.gz").read_bytes()).decode()
    assert (folder / "dev.json").read_text() == "old"


def test_old_attributes_go_with_the_file_they_were_of(tmp_path):
    """The hash that Pulumi keeps beside a file does not outlive the file."""
    backend = make_backend(tmp_path)
    up(backend, make_stack())
    (tmp_path / STACKS / "dev.json.attrs").write_text("{}")

    up(backend, make_state("a"))

    assert not (tmp_path / STACKS / "dev.json.attrs").exists()


def test_old_layout_is_refused(tmp_path):
    """Stacks that are not sorted by project are for Pulumi to move."""
    (tmp_path / ".pulumi/stacks").mkdir(parents=True)
    (tmp_path / ".pulumi/stacks/dev.json").write_text("{}")
    backend = make_backend(tmp_path)

    assert code_of(backend.list_stacks) == "MP4110"
    assert code_of(open_session, backend) == "MP4110"


@pytest.mark.parametrize("name", ["", "a/b", "../x", "a b", "x" * 101])
def test_bad_name_is_refused(tmp_path, name):
    """A name that Pulumi would not take is not taken."""
    assert code_of(make_backend(tmp_path).load, name) == "MP4109"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version":3}'])
def test_damaged_state_is_refused_and_left_alone(tmp_path, content):
    """What cannot be read is not overwritten, the lock is free again, and the copy is named."""
    backend = make_backend(tmp_path)
    up(backend, make_stack())
    path = tmp_path / STACKS / "dev.json"
    path.write_text(content)

    with pytest.raises(MetaPrefectError) as found:
        open_session(backend)

    assert found.value.diagnostic.code == "MP4101"
    assert found.value.diagnostic.fixes[0].startswith("cp ")
    assert path.read_text() == content
    assert backend.list_lock_holders("dev") == []


@pytest.mark.parametrize(
    "change",
    [
        {"version": 9},
        {"version": 4, "features": ["ofTheFuture"]},
        {"version": 4, "features": ["snippets-prototype"], "snippets": {"a": 1}},
    ],
)
def test_state_of_a_newer_engine_is_not_written(tmp_path, change):
    """A state that needs features we lack is refused by whoever would write it."""
    backend = make_backend(tmp_path)
    up(backend, make_stack())
    path = tmp_path / STACKS / "dev.json"
    document = json.loads(path.read_text())
    document["checkpoint"]["latest"].update(
        {key: change.pop(key) for key in ("snippets",) if key in change}
    )
    path.write_text(json.dumps({**document, **change}))

    assert code_of(open_session, backend) == "MP4103"


def test_inconsistent_state_is_refused_and_repaired(tmp_path):
    """A broken rule stops every operation until the state is repaired."""
    backend = make_backend(tmp_path)
    document = {
        "version": 3,
        "deployment": {"resources": [{"urn": "u", "type": "t", "parent": "p"}]},
    }
    backend.import_stack("dev", document, check=False)
    before = (code_of(open_session, backend), code_of(backend.load, "dev"))

    backend.repair_stack("dev")

    assert before == ("MP4102", "MP4102")
    assert [state.parent for state in backend.load("dev").resources] == [""]


def test_export_can_be_imported(tmp_path):
    """Exporting and importing changes nothing, and needs no passphrase."""
    backend = make_backend(tmp_path)
    up(backend, make_stack(), make_state("a", inputs={"s": Secret("pw")}))
    document = backend.export_stack("dev")

    backend.import_stack("copy", document)

    assert backend.export_stack("copy") == document
    assert list(document) == ["version", "deployment"]
    assert backend.load("copy").resources[1].inputs == {"s": Secret("pw")}


def test_export_in_clear(tmp_path):
    """Secrets are shown only when they are asked for."""
    backend = make_backend(tmp_path)
    up(backend, make_state("a", inputs={"s": Secret("pw")}))

    shown = json.dumps(backend.export_stack("dev", show_secrets=True))

    assert '"plaintext": "\\"pw\\""' in shown
    assert "pw" not in json.dumps(backend.export_stack("dev"))


def test_import_in_clear_is_encrypted(tmp_path):
    """Secrets that come in clear do not stay so."""
    backend = make_backend(tmp_path)
    up(backend, make_state("a", inputs={"s": Secret("hidden")}))

    backend.import_stack("dev", backend.export_stack("dev", show_secrets=True))

    assert "hidden" not in (tmp_path / STACKS / "dev.json").read_text()
    assert backend.load("dev").resources[0].inputs == {"s": Secret("hidden")}


@pytest.mark.parametrize("document", [{}, {"deployment": None}, {"deployment": {"resources": [1]}}])
def test_other_documents_are_not_imported(tmp_path, document):
    """What is no export is refused, and no stack is made of it."""
    backend = make_backend(tmp_path)

    assert code_of(backend.import_stack, "dev", document) == "MP4101"
    assert backend.list_stacks() == []


def test_edit_is_one_write_under_the_lock(tmp_path):
    """An edit replaces the state, keeps a copy, and leaves no history."""
    backend = make_backend(tmp_path)
    up(backend, make_stack(), make_state("a"))
    before = (tmp_path / STACKS / "dev.json").read_text()

    backend.edit_stack("dev", lambda found: replace(found, resources=found.resources[:1]))

    assert [state.urn for state in backend.load("dev").resources] == [STACK_URN]
    assert (tmp_path / STACKS / "dev.json.bak").read_text() == before
    assert len(backend.read_history("dev")) == 1


def test_nothing_is_done_to_a_locked_stack(tmp_path):
    """Whoever would write waits for nobody: the lock says no; readers and exports go on."""
    backend = make_backend(tmp_path)
    up(backend, make_stack())
    open_session(backend)
    other = make_backend(tmp_path)

    calls = [
        (open_session, other),
        (other.edit_stack, "dev", lambda found: found),
        (other.import_stack, "dev", backend.export_stack("dev")),
        (other.remove_stack, "dev"),
    ]

    assert {code_of(*call) for call in calls} == {"MP4201"}
    assert len(other.load("dev").resources) == 1


def test_unlocked_stack_can_be_used(tmp_path):
    """After unlocking, the next one gets the lock."""
    backend = make_backend(tmp_path)
    open_session(backend)

    assert len(backend.unlock("dev")) == 1
    assert open_session(backend).base.resources == []


def test_stack_with_resources_is_not_removed(tmp_path):
    """Removing takes the stack with its history, and wants force while there is something in it."""
    backend = make_backend(tmp_path)
    up(backend, make_stack())

    refused = code_of(backend.remove_stack, "dev")
    backend.remove_stack("dev", force=True)

    assert refused == "MP4111"
    assert (backend.list_stacks(), backend.read_history("dev")) == ([], [])
    assert code_of(backend.remove_stack, "dev") == "MP4108"


def test_missing_stack_is_not_found(tmp_path):
    """What is done to a stack that is not there says so, and leaves no trace."""
    backend = make_backend(tmp_path)

    with pytest.raises(MetaPrefectError) as found:
        backend.edit_stack("dev", lambda snapshot: snapshot)

    assert (found.value.diagnostic.code, found.value.exit_code) == ("MP4108", ExitCode.NOT_FOUND)
    assert list(tmp_path.iterdir()) == []


def test_damaged_history_is_passed_over(tmp_path):
    """A record of the history that cannot be read hides no other."""
    backend = make_backend(tmp_path)
    up(backend, make_stack())
    (tmp_path / ".pulumi/history/conf/dev/dev-1.history.json").write_text("{")

    assert len(backend.read_history("dev")) == 1


def test_compressed_history_is_read(tmp_path):
    """Records that the Pulumi command line has compressed stand among the others."""
    backend = make_backend(tmp_path)
    up(backend, make_stack())
    folder = tmp_path / ".pulumi/history/conf/dev"
    record = gzip.compress(b'{"kind":"destroy","message":"packed"}')
    (folder / "dev-1.history.json.gz").write_bytes(record)
    (folder / "dev-1.history.json.gz.attrs").write_text("{}")

    assert [item.kind for item in backend.read_history("dev")] == ["update", "destroy"]


def test_backup_is_a_file_of_its_own(tmp_path):
    """What happens to the bytes of the state does not happen to its backup."""
    backend = make_backend(tmp_path)
    up(backend, make_stack())
    (backup,) = (tmp_path / ".pulumi/backups/conf/dev").iterdir()
    state = tmp_path / STACKS / "dev.json"

    assert backup.read_bytes() == state.read_bytes()
    assert not backup.samefile(state)


def test_stack_with_an_operation_of_unknown_outcome_is_not_removed(tmp_path):
    """A stack without records may still have made something."""
    backend = make_backend(tmp_path)
    up(backend)
    lost = PendingOperation(make_state("a", id=""), "creating")
    backend.edit_stack("dev", lambda found: replace(found, pending_operations=[lost]))

    assert code_of(backend.remove_stack, "dev") == "MP4111"
