"""Background processes, with real children that only sleep."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from meta_prefect.interfaces.provider import ProviderError
from meta_prefect.provider.ports import find_free_port, is_free
from meta_prefect.provider.processes import (
    Launch,
    ProcessIdentity,
    build_token,
    find_by_token,
    has_processes,
    is_running,
    start_detached,
    stop_tree,
    wait_until_alone,
)
from tests.support.waiting import wait_until

SLEEP = "import time; time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); "
PARENT = (
    "import subprocess, sys; "
    f"subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); print(1, flush=True); "
)


class Children:
    """Starts children in a folder and ends whatever is left of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "logs" / "child.log"
        self.started: list[ProcessIdentity] = []

    def start(self, code: str) -> ProcessIdentity:
        """Run Python code in the background."""
        launch = Launch((sys.executable, "-c", code), dict(os.environ), self.folder, self.log)
        self.started.append(start_detached(launch, build_token()))
        return self.started[-1]

    def wait_for_output(self) -> str:
        """Wait until the child has said something."""
        wait_until(lambda: self.log.stat().st_size > 0)
        return self.log.read_text()


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    """Children that do not outlive the test."""
    children = Children(tmp_path)
    yield children
    for identity in children.started:
        asyncio.run(stop_tree(identity, 0))


def test_started_process_is_running(children: Children) -> None:
    """A process is found again by what was noted of it."""
    identity = children.start(SLEEP)

    assert is_running(identity)
    assert find_by_token(identity.token) == identity


def test_process_has_its_own_session(children: Children) -> None:
    """A background process leads a session that no terminal of ours belongs to."""
    identity = children.start(SLEEP)

    assert os.getsid(identity.pid) == identity.pid != os.getsid(0)


def test_other_token_is_another_process(children: Children) -> None:
    """A number and a start time without the token are not believed."""
    identity = children.start(SLEEP)

    assert not is_running(replace(identity, token=build_token()))


def test_other_start_time_is_another_process(children: Children) -> None:
    """A number that was given away again is not believed, even with our token."""
    identity = children.start(SLEEP)

    assert not is_running(replace(identity, start_time="1"))


def test_killed_process_is_not_running(children: Children) -> None:
    """A process that was killed counts as gone before anybody has waited for it."""
    identity = children.start(SLEEP)
    os.kill(identity.pid, signal.SIGKILL)
    wait_until(lambda: not is_running(identity))

    assert not is_running(identity)
    assert not has_processes(identity)


def test_ended_process_has_left_its_port(children: Children) -> None:
    """A process with many threads counts as running until the last of them let its files go."""
    port = find_free_port("127.0.0.1")
    threads = "[threading.Thread(target=time.sleep, args=(60,)).start() for _ in range(30)]"
    identity = children.start(
        f"import socket, threading, time; kept = bytearray(10**8); "
        f"server = socket.create_server(('127.0.0.1', {port})); {threads}; print(1, flush=True)"
    )
    children.wait_for_output()
    os.kill(identity.pid, signal.SIGKILL)
    while is_running(identity):
        pass

    assert is_free("127.0.0.1", port)


def test_output_goes_to_the_log(children: Children) -> None:
    """What a process writes to stdout and stderr is in its log, readable for the owner only."""
    children.start(
        "import sys; print('out', flush=True); print('err', file=sys.stderr)" + "\n" + SLEEP
    )

    assert "out" in children.wait_for_output()
    assert children.log.stat().st_mode & 0o777 == 0o600


def test_missing_command_is_an_error(tmp_path: Path) -> None:
    """A command that is not there is named."""
    launch = Launch(("/no/such/python",), {}, tmp_path, tmp_path / "log")

    with pytest.raises(ProviderError, match="/no/such/python"):
        start_detached(launch, build_token())


def test_stop_ends_the_whole_tree(children: Children) -> None:
    """Stopping takes the children of a process along and is done when they are gone."""
    identity = children.start(PARENT + SLEEP)
    children.wait_for_output()

    asyncio.run(stop_tree(identity, 10))

    assert not has_processes(identity)


def test_stop_finds_children_of_a_dead_root(children: Children) -> None:
    """A child whose parent is gone is found by the token and stopped."""
    identity = children.start(PARENT)
    children.wait_for_output()
    wait_until(lambda: not is_running(identity))
    orphaned = has_processes(identity)

    asyncio.run(stop_tree(identity, 10))

    assert orphaned
    assert not has_processes(identity)


def test_stop_reaches_other_sessions(children: Children) -> None:
    """A child that went into a session of its own is stopped with the tree."""
    identity = children.start(PARENT.replace("])", "], start_new_session=True)") + SLEEP)
    children.wait_for_output()

    asyncio.run(stop_tree(identity, 10))

    assert not has_processes(identity)


def test_drained_tree_is_alone(children: Children) -> None:
    """Waiting for a tree to be alone ends when the last child has, and leaves the root running."""
    identity = children.start(PARENT.replace("sleep(60)", "sleep(1)") + SLEEP)
    children.wait_for_output()

    left = asyncio.run(wait_until_alone(identity, 10))

    assert left == 0
    assert is_running(identity)


def test_undrained_tree_is_counted(children: Children) -> None:
    """Children that outlast the wait are counted, and left running."""
    identity = children.start(PARENT + SLEEP)
    children.wait_for_output()

    assert asyncio.run(wait_until_alone(identity, 0.2)) == 1


def test_stubborn_process_is_killed(children: Children) -> None:
    """What ignores the request to end is killed after the grace time."""
    identity = children.start(STUBBORN + SLEEP)
    children.wait_for_output()

    asyncio.run(stop_tree(identity, 0.3))

    assert not is_running(identity)


def test_stopping_nothing_is_no_error() -> None:
    """A process that never was is stopped already."""
    nobody = ProcessIdentity(0, "", "")

    asyncio.run(stop_tree(nobody, 10))

    assert not has_processes(nobody)


def test_identity_survives_outputs() -> None:
    """An identity is the same after it went through a resource's outputs."""
    identity = ProcessIdentity(7, "123", "abc")

    assert ProcessIdentity.from_outputs(identity.as_outputs()) == identity


def test_incomplete_outputs_fit_no_process() -> None:
    """Outputs without a process, as after a lost state, are not taken for one."""
    assert not is_running(ProcessIdentity.from_outputs({"pid": os.getpid()}))
