"""
Operations that are killed as by `kill -9`, and the runs after them.

The small program has every kind of change in it and is killed at every point there is; the one of
50 resources at 200 random ones. The provider's world is in files; one provider can look for what a
lost create made, for the other one a person looks.
"""

from __future__ import annotations

import json
import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from queue import SimpleQueue

import pytest

from tests.support.fork_server import JobServer
from tests.support.kill_jobs import FINDINGS, GROUP, OPERATIONS

SERVERS = 2
SIZE = 50
KILLS = 200
BIG = ("up", "update", "replace", "replace delete-first", "destroy")
SMALL = 8
WRONG = ("orphaned", "missing", "different", "doubled", "unfinished", "left")
LONGEST_SECONDS = 0.2


class Slaughterhouse:
    """Runs victims and their successors, some at once, each in a folder of its own."""

    def __init__(self, folder):
        self._folder = folder
        self._numbers = count()
        self._servers = SimpleQueue()
        self._threads = ThreadPoolExecutor(SERVERS)
        for _ in range(SERVERS):
            self._servers.put({"operate": JobServer(), "converge": JobServer(forks=False)})

    def close(self):
        self._threads.shutdown()
        for _ in range(SERVERS):
            for server in self._servers.get().values():
                server.close()

    def prepare(self, operation, size):
        """Make what stands before an operation; gives its folder."""
        folder = self._folder / f"before {operation} {size}"
        if not folder.exists():
            folder.mkdir()
            if OPERATIONS[operation][0] is not None:
                self._run("operate", folder, operation, size, before=True)
                self._warm(folder, operation, size)
        return folder

    def _warm(self, folder, operation, size):
        job = {"folder": str(folder), "operation": operation, "size": size, "findable": True}
        servers = [self._servers.get() for _ in range(SERVERS)]
        for pair in servers:
            for server in pair.values():
                server.run("warm", **job)
            self._servers.put(pair)

    def count_points(self, operation, size):
        """Say how many points an operation passes when it is left alone."""
        folder = self._copy(operation, size)
        self._run("operate", folder, operation, size)
        return self._read(folder)["points"]

    def kill_all(self, deaths, operation, size, **how):
        """Try many deaths, some at once; `how` is that of `kill_once`."""
        self.prepare(operation, size)
        return list(
            self._threads.map(lambda death: self.kill_once(death, operation, size, **how), deaths)
        )

    def kill_once(self, death, operation, size, *, then=None, findable=True):
        """
        Kill an operation, go on with `then` or the same, and give what is found at the end.

        `death` is `last`, the number of a point, or `seconds` after the start; `again` is the point
        at which the next run dies, too.
        """
        folder = self._copy(operation, size)
        death = {"findable": findable, **death}
        again = death.pop("again", 0)
        killed = self._run("operate", folder, operation, size, **death)
        if again:
            killed = self._run("operate", folder, operation, size, last=again)
        self._run("converge", folder, then or operation, size, findable=death["findable"])
        return {"killed": killed, "death": death, **self._read(folder)}

    def _copy(self, operation, size):
        folder = self._folder / str(next(self._numbers))
        shutil.copytree(self.prepare(operation, size), folder)
        return folder

    def _run(self, work, folder, operation, size, *, findable=True, **job):
        servers = self._servers.get()
        try:
            job.update(folder=str(folder), operation=operation, size=size, findable=findable)
            return servers[work].run(work, **job)
        finally:
            self._servers.put(servers)

    def _read(self, folder):
        findings = json.loads((folder / FINDINGS).read_text())
        shutil.rmtree(folder)
        return findings


@pytest.fixture(scope="module")
def slaughterhouse(tmp_path_factory):
    house = Slaughterhouse(tmp_path_factory.mktemp("kills"))
    yield house
    house.close()


def list_wrong(found):
    """Give the runs after which something was not as it should be."""
    return [run for run in found if any(run[key] for key in WRONG)]


@pytest.mark.parametrize(("findable", "step"), [(True, 1), (False, 2)])
def test_every_point_of_a_small_program(slaughterhouse, findable, step):
    """Wherever it is killed, an operation with every kind of change ends well when run again."""
    points = slaughterhouse.count_points("mixed", SMALL)
    deaths = [{"last": last} for last in range(1, points + 1, step)]

    found = slaughterhouse.kill_all(deaths, "mixed", SMALL, findable=findable)

    assert list_wrong(found) == []
    assert sum(run["killed"] for run in found) > len(found) * 0.8
    assert any(run["pending"] for run in found)


@pytest.mark.parametrize(("operation", "then"), [("mixed", "destroy"), ("destroy", "up")])
def test_another_operation_follows(slaughterhouse, operation, then):
    """What a killed operation was doing is known to whatever operation comes next."""
    points = slaughterhouse.count_points(operation, SMALL)
    deaths = [{"last": last} for last in range(1, points + 1, 4)]

    found = slaughterhouse.kill_all(deaths, operation, SMALL, then=then)

    assert list_wrong(found) == []


def test_run_after_a_kill_is_killed(slaughterhouse):
    """A recovery that is killed itself, wherever, is gone on with by the next run."""
    chance = random.Random("again")
    points = slaughterhouse.count_points("mixed", SMALL)
    deaths = [{"last": chance.randint(1, points), "again": again} for again in range(1, points, 3)]

    found = slaughterhouse.kill_all(deaths, "mixed", SMALL)

    assert list_wrong(found) == []
    assert sum(run["killed"] for run in found) > len(found) * 0.4


@pytest.mark.parametrize("operation", BIG)
def test_random_points_of_fifty_resources(slaughterhouse, operation):
    """Killed at a random point or moment, an operation on 50 resources converges."""
    chance = random.Random(operation)
    points = slaughterhouse.count_points(operation, SIZE)
    deaths = [draw_death(number, chance, points) for number in range(KILLS // len(BIG))]

    found = slaughterhouse.kill_all(deaths, operation, SIZE)

    assert list_wrong(found) == []
    expected = 0 if operation == "destroy" else SIZE - SIZE // GROUP
    assert {len(run["names"]) for run in found} == {expected}


def draw_death(number, chance, points):
    """Draw a point, every fourth time a moment; every other provider can look for lost creates."""
    findable = number % 2 == 0
    if number % 4 == 1:
        return {"findable": findable, "seconds": chance.uniform(0, LONGEST_SECONDS)}
    return {"findable": findable, "last": chance.randint(1, points)}
