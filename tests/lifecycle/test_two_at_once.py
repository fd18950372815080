"""
Two processes on one stack at once: one waits or is refused, and no update is lost.

Each adds one to a number in state as often as it can; at the end the number is how often that
succeeded.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from meta_prefect.interfaces.diagnostics import MetaPrefectError
from meta_prefect.interfaces.engine import Outcome
from tests.support.embedded import EmbeddedBench, Thing
from tests.support.file_world import FileCloud
from tests.support.state import STACK, make_backend, make_state, urn_of
from tests.support.waiting import wait_until

PROCESSES = 3
SECONDS = 5.0
NUMBER = "number"
HELD = "held"


async def add_one(backend, wait_seconds):
    """Do a small operation: one record gets a number that is greater by one."""
    session = await backend.open_session(STACK, kind="up", message="", wait_seconds=wait_seconds)
    old = next((state for state in session.base.resources if state.urn == urn_of(NUMBER)), None)
    new = make_state(NUMBER, inputs={"n": 1 if old is None else old.inputs["n"] + 1})
    begun = await session.begin("creating" if old is None else "updating", new)
    await session.success(begun, old=old, new=new)
    await session.close(result="succeeded", changes={}, config={})


def count_up(folder, wait_seconds):
    """Add one as often as the lock allows; gives how often, and refusals by code."""
    backend = make_backend(folder)
    done, refused = 0, Counter()
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            asyncio.run(add_one(backend, wait_seconds))
        except MetaPrefectError as error:
            refused[error.diagnostic.code] += 1
        else:
            done += 1
    return {"done": done, "refused": refused}


def hold_lock(folder):
    """Bring a resource up whose create waits until a file is gone."""
    (folder / HELD).touch()

    class SlowCloud(FileCloud):
        def next_id(self, name):
            wait_until(lambda: not (folder / HELD).exists())
            return super().next_id(name)

    bench = EmbeddedBench(folder, SlowCloud(folder / "world"))
    return {"outcome": bench.up(lambda: Thing("slow")).outcome}


def start(work, folder, *arguments):
    """Start a process that does one of the works above."""
    command = [sys.executable, "-m", __name__, work, str(folder), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def finish(process):
    """Wait for a process, and give what it found."""
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return json.loads(output)


def read_number(folder):
    snapshot = make_backend(folder).load(STACK)
    return {state.urn: state.inputs["n"] for state in snapshot.resources}[urn_of(NUMBER)]


def test_no_update_is_lost(tmp_path):
    """However often processes refuse each other, the number is how often they succeeded."""
    processes = [start("count_up", tmp_path, 0) for _ in range(PROCESSES)]
    found = [finish(process) for process in processes]

    refused = sum((Counter(item["refused"]) for item in found), Counter())
    assert read_number(tmp_path) == sum(item["done"] for item in found)
    assert sum(item["done"] for item in found) > SECONDS
    assert set(refused) <= {"MP4201"}
    assert make_backend(tmp_path).list_lock_holders(STACK) == []


def test_those_who_wait_are_not_refused(tmp_path):
    """Processes that wait for each other all come to their turn."""
    processes = [start("count_up", tmp_path, 60) for _ in range(2)]
    found = [finish(process) for process in processes]

    assert all(item["refused"] == {} for item in found)
    assert read_number(tmp_path) == sum(item["done"] for item in found)


def test_second_operation_is_refused_by_name(tmp_path):
    """Who comes second reads who is first; a preview, which writes nothing, goes on."""
    process = start("hold_lock", tmp_path)
    bench = EmbeddedBench(tmp_path, FileCloud(tmp_path / "world"))
    wait_until(lambda: bench.backend.list_lock_holders(STACK))
    before = (tmp_path / HELD).exists()

    codes = [code_of(lambda: bench.up(lambda: None)), code_of(bench.destroy)]
    preview = bench.preview(lambda: None)
    (tmp_path / HELD).unlink()

    assert before
    assert codes == [("MP4201", process.pid)] * 2
    assert preview.outcome is Outcome.SUCCEEDED
    assert finish(process) == {"outcome": "succeeded"}
    assert list(bench.stored) == ["slow"]


def code_of(work):
    """Give the code of a refusal, and the process that it names."""
    try:
        work()
    except MetaPrefectError as error:
        pid = error.diagnostic.why.partition("process ")[2].partition(",")[0]
        return error.diagnostic.code, int(pid)
    return "", 0


WORKS = {
    "count_up": lambda folder, wait_seconds: count_up(folder, float(wait_seconds)),
    "hold_lock": hold_lock,
}

if __name__ == "__main__":
    name, folder, *arguments = sys.argv[1:]
    sys.stdout.write(json.dumps(WORKS[name](Path(folder), *arguments)))
