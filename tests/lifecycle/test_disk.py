"""
Disks that are full, read-only or torn, and locks that are taken away: never silent, never lost.

What is left over is as after a kill (`test_kills`), with the bytes of files changed on top; here
the runs before and after are in this process.
"""

from __future__ import annotations

import json
import shutil
import zlib
from contextlib import suppress

import pytest

from meta_prefect.engine.state.disk import Disk
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from meta_prefect.interfaces.engine import Outcome
from tests.support.embedded import EmbeddedBench, Thing
from tests.support.failing_system import FullSystem, ReadOnlySystem, StickySystem
from tests.support.file_world import FileCloud
from tests.support.fork_server import JobServer
from tests.support.kill_jobs import FINDINGS, Job, find_end
from tests.support.state import STACK, LonelyDisk

WRONG = ("orphaned", "missing", "different", "doubled", "unfinished", "left")
CHECKPOINT = "state/.pulumi/stacks/conf/dev.json"
JOURNAL = "state/.pulumi/meta-prefect/journal/conf/dev.jsonl"
STEPS = 9
"""Every so many points of the operation that is killed."""


@pytest.fixture(scope="module")
def server():
    server = JobServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def before(server, tmp_path_factory):
    """The folder of a small stack, as it is before the operation in question."""
    folder = tmp_path_factory.mktemp("before")
    server.run("operate", before=True, **describe(folder))
    server.run("warm", **describe(folder))
    return folder


@pytest.fixture(scope="module")
def killed(server, before, tmp_path_factory):
    """Folders of operations that were killed at every so many points."""
    folders = []
    for last in range(1, 10**6, STEPS):
        folders.append(tmp_path_factory.mktemp("killed") / "stack")
        shutil.copytree(before, folders[-1])
        if not server.run("operate", last=last, **describe(folders[-1])):
            return folders[:-1]
    raise AssertionError("the operation does not end")


def describe(folder, *, findable=True):
    return {"folder": str(folder), "operation": "mixed", "size": 8, "findable": findable}


def copy(folder, tmp_path):
    """Give a copy of a folder that the test may change."""
    target = tmp_path / "stack"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder, target)
    return target


def find_wrong(folder, **job):
    """Run again until nothing changes, and give what is wrong then."""
    found = find_end(Job(describe(folder, **job)))
    return {key: found[key] for key in WRONG if found[key]}


def run_on(folder, system, **job):
    """Do the operation on a disk that fails; gives the error codes, or nothing when all is well."""
    try:
        result = Job(describe(folder, **job), system).run()
    except MetaPrefectError as error:
        return {error.diagnostic.code}
    if result.outcome is Outcome.SUCCEEDED:
        return set()
    return {item.code for item in result.diagnostics}


@pytest.mark.parametrize("findable", [True, False], ids=["findable", "not findable"])
@pytest.mark.parametrize("kind", [FullSystem, StickySystem])
def test_disk_that_becomes_full(before, tmp_path, kind, findable):
    """Wherever the disk becomes full, the operation says so; when there is room, it converges."""
    whole = FullSystem()
    run_on(copy(before, tmp_path), whole)
    silent, wrong = [], {}
    for first in range(1, whole.counted + 1, 2):
        folder, system = copy(before, tmp_path), kind(first)
        codes = run_on(folder, system, findable=findable)
        if "MP4106" not in codes and system.counted >= first:
            silent.append(first)
        wrong[first] = find_wrong(folder, findable=findable)

    assert silent == []
    assert not any(wrong.values()), wrong


@pytest.mark.parametrize("calls", [1, 3])
def test_disk_that_is_full_for_a_while(before, tmp_path, calls):
    """What did not fit is written as soon as it does, and nothing of it is lost."""
    whole = FullSystem()
    run_on(copy(before, tmp_path), whole)
    wrong = {}
    for first in range(1, whole.counted + 1, 3):
        folder = copy(before, tmp_path)
        run_on(folder, StickySystem(first, calls))
        wrong[first] = find_wrong(folder)

    assert not any(wrong.values()), wrong


@pytest.mark.parametrize("limit", [700, 1500, 2500, 4000, 6000, 8000])
def test_files_that_may_not_grow(server, before, tmp_path, limit):
    """A limit of the system on the size of files is met like a full disk."""
    folder = copy(before, tmp_path)

    with pytest.raises(AssertionError):
        server.run("operate", limit=limit, **describe(folder))

    assert find_wrong(folder) == {}


def test_folder_that_is_read_only(before, tmp_path):
    """State that may not be written stops an operation before it begins; a preview is fine."""
    folder = copy(before, tmp_path)
    work = Job(describe(folder), ReadOnlySystem())
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    codes = run_on(folder, ReadOnlySystem())
    preview = work.bench.preview(work.program)

    assert codes == {"MP4105"}
    assert preview.outcome is Outcome.SUCCEEDED
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == files


def repeat_last_line(data):
    return data + data.splitlines(keepends=True)[-1]


def repeat_last_lines(data):
    return data + b"".join(data.splitlines(keepends=True)[-3:])


def add_zeros(data):
    return data + bytes(500)


def add_garbage(data):
    return data + b'\xff\xfe{"sequence":\n\x00\n' * 3


def add_half_a_line(data):
    return data + data.splitlines()[-1][:40]


def add_line_out_of_turn(data):
    text = b'{"sequence":999,"kind":"failure","number":1'
    return data + text + b',"crc":"%08x"}\n' % zlib.crc32(text)


DAMAGES = (
    repeat_last_line,
    repeat_last_lines,
    add_zeros,
    add_garbage,
    add_half_a_line,
    add_line_out_of_turn,
)


@pytest.mark.parametrize("damage", DAMAGES)
def test_tail_of_the_journal_is_damaged(killed, tmp_path, damage):
    """Whatever stands behind the lines of a journal, they say what they say."""
    wrong = []
    for folder in killed:
        journal = copy(folder, tmp_path) / JOURNAL
        if journal.exists() and journal.stat().st_size:
            journal.write_bytes(damage(journal.read_bytes()))
            wrong.append(find_wrong(tmp_path / "stack"))

    assert len(wrong) > 3
    assert not any(wrong)


def test_tail_of_the_journal_is_torn(server, before, tmp_path):
    """However much of the last append has reached the disk, the next run ends well."""
    wrong = {}
    for last, tear in enumerate(range(1, 400, 11), 30):
        folder = copy(before, tmp_path)
        server.run("operate", last=last, tear=tear, **describe(folder))
        wrong[last, tear] = find_wrong(folder)

    assert not any(wrong.values()), wrong


def test_journal_cut_anywhere_loads(killed, tmp_path):
    """A journal that lost more than its last line still gives a state that is sound."""
    folder = max(killed, key=lambda folder: size_of(folder / JOURNAL))
    journal = copy(folder, tmp_path) / JOURNAL
    data = journal.read_bytes()
    work = Job(describe(tmp_path / "stack"))

    for length in range(0, len(data), 97):
        journal.write_bytes(data[:length])
        assert work.bench.backend.load(STACK).resources


def size_of(path):
    return path.stat().st_size if path.exists() else 0


def test_checkpoint_is_torn(killed, tmp_path):
    """A checkpoint of which half is missing is made again, or refused with a copy to take."""
    mended, copied = [], []
    for folder in killed:
        checkpoint = copy(folder, tmp_path) / CHECKPOINT
        checkpoint.write_bytes(checkpoint.read_bytes()[: size_of(checkpoint) // 2])
        command = find_cure(tmp_path / "stack")
        if command:
            _, source, target = command.split()
            shutil.copy(source, target)
        (copied if command else mended).append(find_wrong(tmp_path / "stack"))

    assert mended
    assert copied
    assert not any([*mended, *copied])


def find_cure(folder):
    """Give the command that the error about a damaged state names; nothing when it loads."""
    try:
        Job(describe(folder)).bench.backend.load(STACK)
    except MetaPrefectError as error:
        return error.diagnostic.fixes[0] if error.diagnostic.code == "MP4101" else "?"
    return ""


class Intruder(FileCloud):
    """A cloud in which somebody does something in the middle of an operation."""

    def __init__(self, folder, name, action):
        super().__init__(folder)
        self._name = name
        self._action = action

    def next_id(self, name):
        if name == self._name:
            self._action()
        return super().next_id(name)


def program():
    first = Thing("a", x=1)
    second = Thing("b", x=first.out)
    Thing("c", x=second.out)


def test_lock_taken_away(tmp_path):
    """An operation whose lock is taken away writes what it did, and fails."""
    cloud = Intruder(tmp_path / "world", "b", lambda: bench.backend.unlock(STACK))
    bench = EmbeddedBench(tmp_path, cloud)

    with pytest.raises(MetaPrefectError) as found:
        bench.up(program)

    assert found.value.diagnostic.code == "MP4202"
    assert {state.id for state in bench.stored.values()} == set(cloud.objects)
    assert len(cloud.objects) == 3


def test_lock_taken_away_and_another_operation(tmp_path):
    """What an operation without a lock is at work on, no other one touches."""
    said = []

    def intrude():
        other.backend.unlock(STACK)
        with pytest.raises(MetaPrefectError) as found:
            other.up(program)
        said.append(found.value)

    cloud = Intruder(tmp_path / "world", "b", intrude)
    bench = EmbeddedBench(tmp_path, cloud)
    other = EmbeddedBench(tmp_path, FileCloud(tmp_path / "world"))
    with suppress(MetaPrefectError):
        bench.up(program)

    assert [(error.diagnostic.code, error.exit_code) for error in said] == [
        ("MP4201", ExitCode.LOCKED)
    ]
    assert "still at work" in said[0].diagnostic.why
    assert {state.id for state in bench.stored.values()} == set(cloud.objects)


def test_operation_taken_for_dead(tmp_path):
    """An operation that another host has finished meanwhile writes over nothing of it."""

    def intrude():
        other.backend.unlock(STACK)
        other.up(lambda: Thing("a", x=2))

    cloud = Intruder(tmp_path / "world", "c", intrude)
    bench = EmbeddedBench(tmp_path, cloud)
    other = EmbeddedBench(tmp_path, FileCloud(tmp_path / "world"), disk=LonelyDisk())

    with pytest.raises(MetaPrefectError) as found:
        bench.up(program)

    named = {item.why for item in found.value.others}
    assert found.value.diagnostic.code == "MP4119"
    assert {f"id {id}" for id in cloud.list_of("c")} <= named
    assert list(bench.stored) == ["a"]
    assert bench.stored["a"].inputs == {"x": 2}
    assert not (tmp_path / JOURNAL).exists()


def test_history_that_does_not_fit(before, tmp_path):
    """A history that cannot be written is told, though the state is written by then."""

    class NoHistory(Disk):
        def write(self, path, data):
            if "history" in path.parts:
                raise MetaPrefectError("MP4106", "full")
            super().write(path, data)

    folder = copy(before, tmp_path)
    work = Job(describe(folder))
    work.bench = EmbeddedBench(folder / "state", work.cloud, disk=NoHistory())

    with pytest.raises(MetaPrefectError) as found:
        work.run()

    assert found.value.others == ()
    assert find_wrong(folder) == {}


def test_findings_are_not_made_up(server, before, tmp_path):
    """What the runs after a kill look at does tell an orphan and a leftover."""
    folder = copy(before, tmp_path)
    (folder / "world" / "stray-1").write_text("{}")
    (folder / "state/.pulumi/locks").mkdir(exist_ok=True)
    (folder / "state/.pulumi/locks/x.json").write_text("{}")
    server.run("converge", **describe(folder))
    found = json.loads((folder / FINDINGS).read_text())

    assert found["orphaned"] == ["stray-1"]
    assert found["left"] == ["x.json"]
