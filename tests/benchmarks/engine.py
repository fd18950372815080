"""
The embedded engine's speed, against the floor that the SDK sets.

Each part runs in a process of its own, one after the other and in one run, so that a ratio compares
what the same machine did in the same minutes. Ratios are of processor time: other work on the
machine stretches the seconds on the wall.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass

PARTS = ("floor", "runner", "up", "unchanged", "unchanged-up", "reading", "scoped", "destroy")
SIZES = (1, 100, 1000)
LARGE_SIZE = 5000


@dataclass(frozen=True)
class Taken:
    """
    What one part took.

    process_seconds: the whole process, on the wall; seconds: without starting Python.
    processor_seconds: of all threads, without starting Python.
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


def run(sizes):
    """Measure all parts at all sizes; gives what they took as it comes."""
    for flows in sizes:
        floor = 0.0
        with tempfile.TemporaryDirectory() as folder:
            for part in PARTS:
                taken = measure(part, flows, folder, floor)
                floor = floor or taken.processor_seconds
                yield taken


def compute_growth(results, part):
    """Say how much more a part takes at 1,000 flows than at 100; None without these sizes."""
    seconds = {taken.flows: taken.processor_seconds for taken in results if taken.part == part}
    return seconds[1000] / seconds[100] if {100, 1000} <= seconds.keys() else None


def render(taken):
    """Write a line of the table."""
    return (
        f"{taken.flows:>6} {taken.part:<13} {taken.process_seconds:>8.2f} {taken.seconds:>8.2f} "
        f"{taken.processor_seconds:>8.2f} {taken.ratio:>6.2f} {taken.peak_mib:>6.0f} "
        f"{taken.bytes_written / 1024:>9.0f} {taken.syncs:>6}"
    )


def main(*, as_json, large, sizes=SIZES):
    """Measure, and write a table or one JSON document."""
    sizes = (*sizes, LARGE_SIZE) if large else sizes
    load = os.getloadavg()
    if not as_json:
        sys.stdout.write(
            f"load {load[0]:.2f} {load[1]:.2f} {load[2]:.2f}, {os.cpu_count()} cores\n"
        )
        sys.stdout.write(
            " flows part           process     wall      cpu  ratio    MiB  KiB out  syncs\n"
        )
    results = []
    for taken in run(sizes):
        results.append(taken)
        if not as_json:
            sys.stdout.write(render(taken) + "\n")
            sys.stdout.flush()
    growth = {part: compute_growth(results, part) for part in PARTS}
    document = {
        "load_before": load,
        "load_after": os.getloadavg(),
        "cores": os.cpu_count(),
        "growth_100_to_1000": growth,
        "results": [asdict(taken) for taken in results],
    }
    if as_json:
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
    else:
        shown = ", ".join(f"{part} {value:.1f}" for part, value in growth.items() if value)
        after = document["load_after"]
        sys.stdout.write(f"growth from 100 to 1,000: {shown or 'not measured'}\n")
        sys.stdout.write(f"load afterwards {after[0]:.2f} {after[1]:.2f} {after[2]:.2f}\n")
