import asyncio
import json
import os
import socket
import subprocess
import sys
import uuid

import psutil
import pytest

from meta_prefect.engine.state.checkpoint import build_timestamp
from meta_prefect.engine.state.disk import Disk
from meta_prefect.engine.state.lock import StackLock, may_be_alive, read_holder
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError
from tests.support.failing_system import FullSystem
from tests.support.waiting import wait_until

LONG_AGO = 1_700_000_000_000_000_000

COUNTER = """
import asyncio, sys
from pathlib import Path
from meta_prefect.engine.state.disk import Disk
from meta_prefect.engine.state.lock import StackLock

async def count(folder, times):
    for _ in range(times):
        lock = StackLock(folder / "locks", "dev", Disk())
        await lock.acquire(wait_seconds=60)
        number = int((folder / "counter").read_text())
        await asyncio.sleep(0.001)
        (folder / "counter").write_text(str(number + 1))
        lock.release()

asyncio.run(count(Path(sys.argv[1]), 100))
"""


def make_lock(folder, **collaborators):
    return StackLock(folder / "locks", "dev", Disk(), **collaborators)


def write_lock(folder, *, pid, hostname, nanoseconds=None):
    """Write a lock as the Pulumi command line does."""
    content = {
        "pid": pid,
        "username": "ci",
        "hostname": hostname,
        "timestamp": build_timestamp(nanoseconds),
    }
    path = folder / "locks" / f"{uuid.uuid4()}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def test_lock_is_a_file_like_pulumis(tmp_path):
    """The file says process, user, host and time, and its name is a UUID."""
    lock = make_lock(tmp_path)

    asyncio.run(lock.acquire())

    (path,) = (tmp_path / "locks").iterdir()
    content = json.loads(path.read_text())
    assert uuid.UUID(path.stem)
    assert list(content) == ["pid", "username", "hostname", "timestamp"]
    assert (content["pid"], content["hostname"]) == (os.getpid(), socket.gethostname())
    assert lock.is_held()


def test_released_lock_leaves_nothing(tmp_path):
    """A lock that was given back can be taken by others."""
    lock = make_lock(tmp_path)
    lock.acquire_now()
    lock.release()

    make_lock(tmp_path).acquire_now()

    assert not lock.is_held()


def test_locked_stack_is_refused(tmp_path):
    """Whoever comes second reads who was first, and since when; the first keeps the lock."""
    path = write_lock(tmp_path, pid=1, hostname="runner-12", nanoseconds=LONG_AGO)

    with pytest.raises(MetaPrefectError) as found:
        asyncio.run(make_lock(tmp_path).acquire())

    diagnostic = found.value.diagnostic
    assert (diagnostic.code, found.value.exit_code) == ("MP4201", ExitCode.LOCKED)
    assert diagnostic.summary == "stack dev is locked"
    assert diagnostic.why.startswith("by ci@runner-12, process 1, started ")
    assert diagnostic.fixes == ("if that run is dead: meta-prefect unlock -s dev",)
    assert list((tmp_path / "locks").iterdir()) == [path]


def test_lock_of_a_dead_process_is_taken_over(tmp_path):
    """A process of this host that ended holds nothing, and the user is told."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    path = write_lock(tmp_path, pid=process.pid, hostname=socket.gethostname())
    said = []

    asyncio.run(make_lock(tmp_path).acquire(said.append))

    assert not path.exists()
    assert len(said) == 1
    assert "taking over" in said[0]


def test_zombie_holds_nothing(tmp_path):
    """A process that ended and that nobody has asked after yet is dead, too."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    wait_until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE)
    path = write_lock(tmp_path, pid=process.pid, hostname=socket.gethostname())
    alive = may_be_alive(read_holder(path))
    process.wait()

    assert not alive


@pytest.mark.parametrize("first", range(1, 5))
def test_lock_that_cannot_be_written_is_not_held(tmp_path, first):
    """Taking a lock on a full disk is an error and leaves none."""
    lock = StackLock(tmp_path / "locks", "dev", Disk(FullSystem(first)))

    with pytest.raises(MetaPrefectError):
        lock.acquire_now()

    assert list((tmp_path / "locks").iterdir()) == []


def test_number_of_a_dead_process_may_be_used_again(tmp_path):
    """A process that started after the lock was written is another one."""
    path = write_lock(
        tmp_path, pid=os.getpid(), hostname=socket.gethostname(), nanoseconds=LONG_AGO
    )

    assert not may_be_alive(read_holder(path))


def test_processes_of_other_hosts_are_never_called_dead(tmp_path):
    """Nobody here can tell whether a process of another host runs."""
    path = write_lock(tmp_path, pid=2**22, hostname="elsewhere", nanoseconds=LONG_AGO)

    assert may_be_alive(read_holder(path))


def test_waiting_ends_when_the_lock_is_free(tmp_path):
    """Who wants to wait is told whom for, once, and gets the lock when it is given back."""
    path = write_lock(tmp_path, pid=1, hostname="elsewhere", nanoseconds=LONG_AGO)
    said = []

    def free(text):
        said.append(text)
        path.unlink()

    lock = make_lock(tmp_path)
    asyncio.run(lock.acquire(free, wait_seconds=30))

    assert lock.is_held()
    assert len(said) == 1
    assert said[0].startswith("waiting for the lock of stack dev, by ci@elsewhere")


def test_strange_file_is_a_lock(tmp_path):
    """A lock that cannot be read is somebody's, and is not taken over."""
    path = write_lock(tmp_path, pid=1, hostname="x")
    path.write_text("{")

    with pytest.raises(MetaPrefectError):
        make_lock(tmp_path).acquire_now()

    assert path.exists()


def test_unlocking_names_whose_it_was(tmp_path):
    """Taking the lock away by hand gives its holders, and whoever held it can see that."""
    lock = make_lock(tmp_path)
    lock.acquire_now()

    holders = make_lock(tmp_path).break_open()

    assert [holder.pid for holder in holders] == [os.getpid()]
    assert not lock.is_held()


def test_who_sees_another_after_writing_gives_up(tmp_path):
    """Of two that find the folder empty at once, none holds the lock without looking again."""

    class RacingDisk(Disk):
        def write(self, path, data):
            write_lock(tmp_path, pid=1, hostname="elsewhere", nanoseconds=LONG_AGO)
            super().write(path, data)

    lock = StackLock(tmp_path / "locks", "dev", RacingDisk())

    with pytest.raises(MetaPrefectError):
        lock.acquire_now()

    assert not lock.is_held()


def test_two_processes_never_hold_it_together(tmp_path):
    """Counting with two processes under the lock loses no count."""
    (tmp_path / "counter").write_text("0")
    command = [sys.executable, "-c", COUNTER, str(tmp_path)]
    processes = [subprocess.Popen(command) for _ in range(2)]

    codes = [process.wait(timeout=120) for process in processes]

    assert codes == [0, 0]
    assert (tmp_path / "counter").read_text() == "200"
