"""
The embedded engine's speed, against the floor that the SDK sets and against Pulumi's executable.

Each part runs in a process of its own, one after the other and in one run, so that a ratio compares
what the same machine did in the same minutes. Ratios are of processor time: other work on the
machine stretches the seconds on the wall.

The parts: `floor` is the program on the SDK alone, in front of a monitor that answers at once;
`runner` the same as the engine runs it, with its shortcuts; the others are operations. With a
`pulumi` on PATH its executable does two of them, at a size of its own, as it takes minutes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass

PARTS = ("floor", "runner", "up", "unchanged", "unchanged-up", "reading", "scoped", "destroy")
EXECUTABLE_PARTS = {"up": "pulumi-up", "unchanged": "pulumi-unchanged"}
SIZES = (1, 100, 1000)
EXECUTABLE_SIZE = 100
LARGE_SIZE = 5000


@dataclass(frozen=True)
class Taken:
    """
    What one part took.

    process_seconds: the whole process, on the wall; seconds: without starting Python.
    processor_seconds: of all threads and children, without starting Python.
    bytes_written: by our engine as it counts them, by others as the system counts blocks.
    syncs: how often it waited for the disk.
    ratio: processor time against the floor of the same size.
    """

    part: str
    flows: int
    process_seconds: float
    seconds: float
    processor_seconds: float
    peak_mib: float
    bytes_written: int
    syncs: int
    ratio: float


def measure(part, flows, folder, floor):
    """Run a part in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.measure", part, str(flows), folder]
    start = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    taken = json.loads(done.stdout)
    ratio = taken["processor_seconds"] / (floor or taken["processor_seconds"])
    return Taken(part, flows, time.perf_counter() - start, ratio=ratio, **taken)


def run(sizes, executable_size):
    """Measure all parts at all sizes; gives what they took as it comes."""
    for flows in sizes:
        floor = 0.0
        with tempfile.TemporaryDirectory() as folder:
            for part in PARTS:
                taken = measure(part, flows, folder, floor)
                floor = floor or taken.processor_seconds
                yield taken
        if flows == executable_size and shutil.which("pulumi"):
            with tempfile.TemporaryDirectory() as folder:
                for part in EXECUTABLE_PARTS.values():
                    yield measure(part, flows, folder, floor)


@dataclass(frozen=True)
class Goal:
    """A number that is to stay below a limit, or above it."""

    name: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def is_met(self):
        """Whether it does."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def index(results):
    """Give what was measured by part and size."""
    return {(taken.part, taken.flows): taken for taken in results}


def judge(results):
    """Hold what was measured against the goals; what was not measured is left out."""
    found = index(results)
    goals = [*_judge_thousand(found), *_judge_executable(found)]
    if ("up", LARGE_SIZE) in found:
        goals.append(Goal("MiB of up at 5,000", found["up", LARGE_SIZE].peak_mib, 400))
    return goals


def _judge_thousand(found):
    if ("up", 1000) not in found:
        return
    yield Goal("up against the floor", found["up", 1000].ratio, 2)
    yield Goal("unchanged against the floor", found["unchanged", 1000].ratio, 1.5)
    for flows, name in ((100, "up"), (100, "unchanged")):
        if (name, flows) in found:
            growth = found[name, 1000].process_seconds / found[name, flows].process_seconds
            yield Goal(f"growth of {name} from 100", growth, 12)
    if ("scoped", 1) in found:
        # The wall clock, as reading is over before the rest begins; a process starts once in each.
        alone, one_of_many = (
            found["scoped", flows].process_seconds - found["reading", flows].seconds
            for flows in (1, 1000)
        )
        yield Goal("scoped, one of 1,000 against one of one", one_of_many / alone, 1.5)


def _judge_executable(found):
    limits = {"up": 40, "unchanged": 8}
    for (part, flows), times in compare_executable(found).items():
        if flows == 1000:
            yield Goal(f"{part} against the executable", times, limits[part], at_least=True)


def compare_executable(found):
    """Say how many times faster than the executable we are, by part and size."""
    return {
        (part, flows): found[slow, flows].seconds / taken.seconds
        for (part, flows), taken in found.items()
        if (slow := EXECUTABLE_PARTS.get(part)) and (slow, flows) in found
    }


def render(taken):
    """Write a line of the table."""
    return (
        f"{taken.flows:>6} {taken.part:<16} {taken.process_seconds:>8.2f} {taken.seconds:>8.2f} "
        f"{taken.processor_seconds:>8.2f} {taken.ratio:>6.2f} {taken.peak_mib:>6.0f} "
        f"{taken.bytes_written / 1024:>9.0f} {taken.syncs:>6}"
    )


def render_goal(goal):
    """Write a goal's line."""
    sign = ">=" if goal.at_least else "<="
    return (
        f"{'met' if goal.is_met else 'MISSED':<7} {goal.name}: {goal.value:.2f} {sign} {goal.limit}"
    )


def say(text):
    """Write a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def say_load(when):
    """Write how busy the machine is."""
    load = os.getloadavg()
    say(f"load {when} {load[0]:.2f} {load[1]:.2f} {load[2]:.2f}, {os.cpu_count()} cores")


def main(*, as_json, large, sizes=SIZES, executable_size=EXECUTABLE_SIZE):
    """Measure, and write a table or one JSON document."""
    sizes = (*sizes, LARGE_SIZE) if large else sizes
    load = os.getloadavg()
    results = []
    if not as_json:
        say_load("before")
        say(" flows part              process     wall      cpu  ratio    MiB  KiB out  syncs")
    for taken in run(sizes, executable_size):
        results.append(taken)
        if not as_json:
            say(render(taken))
    goals = judge(results)
    if as_json:
        document = {
            "load_before": load,
            "load_after": os.getloadavg(),
            "cores": os.cpu_count(),
            "times_faster_than_pulumi": {
                f"{part} {flows}": times
                for (part, flows), times in compare_executable(index(results)).items()
            },
            "goals": [{**asdict(goal), "met": goal.is_met} for goal in goals],
            "results": [asdict(taken) for taken in results],
        }
        say(json.dumps(document, indent=2))
        return
    for (part, flows), times in compare_executable(index(results)).items():
        say(f"{part} at {flows}: {times:.1f} times as fast as Pulumi's executable")
    for goal in goals:
        say(render_goal(goal))
    say_load("afterwards")
