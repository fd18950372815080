"""How much an operation writes, and how often it waits for the disk."""

import pytest

from meta_prefect.engine.state.disk import Disk, System
from meta_prefect.interfaces.engine import Outcome
from tests.support.embedded import EmbeddedBench
from tests.support.kill_jobs import build_program

SMALLEST = 50


class CountingSystem(System):
    """A system that counts what is written and how often it waits."""

    def __init__(self):
        self.written = 0
        self.syncs = 0

    def write(self, handle, data):
        done = super().write(handle, data)
        self.written += done
        return done

    def sync(self, handle):
        self.syncs += 1

    def sync_folder(self, handle):
        self.syncs += 1


def count(bench, system, work):
    """Do something, and give what it wrote and how often it waited."""
    written, syncs = system.written, system.syncs
    result = work()
    assert result.outcome is Outcome.SUCCEEDED
    return system.written - written, system.syncs - syncs


def measure(folder, size):
    """Give bytes and syncs of up, update and destroy, by operation."""
    folder.mkdir()
    system = CountingSystem()
    bench = EmbeddedBench(folder, disk=Disk(system))
    return {
        "up": count(bench, system, lambda: bench.up(build_program(size))),
        "update": count(bench, system, lambda: bench.up(build_program(size, x=2))),
        "replace": count(bench, system, lambda: bench.up(build_program(size, immutable=2))),
        "destroy": count(bench, system, bench.destroy),
    }


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bytes")
    return {size: measure(folder / str(size), size) for size in (50, 100, 200)}


@pytest.mark.parametrize("operation", ["up", "update", "replace", "destroy"])
def test_bytes_grow_as_resources_do(measured, operation):
    """Twice the resources are twice the bytes, and no more than a few kilobytes each."""
    written = {size: found[operation][0] for size, found in measured.items()}

    assert 1.7 < written[100] / written[50] < 2.1
    assert 1.7 < written[200] / written[100] < 2.1
    assert written[200] / 200 < 6000


@pytest.mark.parametrize("operation", ["up", "update", "replace", "destroy"])
def test_waits_for_the_disk_are_no_more_than_steps(measured, operation):
    """Steps that run at once share their syncs."""
    for size, found in measured.items():
        assert found[operation][1] <= size


def test_nothing_changes_and_nothing_of_the_state_is_written(tmp_path):
    """A run that changes nothing leaves state, copy and backups as they are."""
    system = CountingSystem()
    bench = EmbeddedBench(tmp_path, disk=Disk(system))
    bench.up(build_program(SMALLEST))
    state = tmp_path / ".pulumi"
    kept = [
        path
        for folder in ("stacks", "backups", "meta-prefect")
        for path in (state / folder).rglob("*")
    ]
    before = {path: path.stat().st_mtime_ns for path in kept}

    written, _ = count(bench, system, lambda: bench.up(build_program(SMALLEST)))

    assert {path: path.stat().st_mtime_ns for path in kept} == before
    assert written < 1000


def test_preview_writes_nothing(tmp_path):
    """A preview leaves no file, and takes no lock."""
    system = CountingSystem()
    bench = EmbeddedBench(tmp_path, disk=Disk(system))

    written, _ = count(bench, system, lambda: bench.preview(build_program(SMALLEST)))

    assert written == 0
    assert list(tmp_path.iterdir()) == []
