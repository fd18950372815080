"""That the benchmarks run; what they find is for people."""

import json
import subprocess
import sys

import pytest

from tests.benchmarks import provider
from tests.benchmarks.engine import Taken, judge


def test_engine_benchmark_runs():
    """The engine's benchmark gives every part of a stack of one flow, with its counts."""
    command = [sys.executable, "-m", "tests.benchmarks", "engine", "--json", "--size", "1"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)

    document = json.loads(done.stdout)
    results = {taken["part"]: taken for taken in document["results"]}
    assert list(results)[:3] == ["floor", "runner", "up"]
    assert results["up"]["syncs"] > 0
    assert results["unchanged"]["bytes_written"] == 0


@pytest.mark.e2e
def test_provider_benchmark_runs():
    """The provider's benchmark compares each goal, and says why a database is left out."""
    command = [sys.executable, "-m", "tests.benchmarks", "provider", "--json", "--size", "2"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=400)

    document = json.loads(done.stdout)
    databases = {ratio["database"] for ratio in document["ratios"]}
    compared = {(ratio["part"], ratio["beside"]) for ratio in document["ratios"]}
    assert databases | document["skipped"].keys() == {"sqlite", "postgresql"}
    assert ("up", "raw-write") in compared
    assert ("unchanged", "deploy") in compared


def take(part, flows, seconds, **fields):
    """Make up a measurement."""
    given = {"process_seconds": seconds, "processor_seconds": seconds, "peak_mib": 100.0}
    counts = {"bytes_written": 0, "syncs": 0, "ratio": 1.0}
    return Taken(part, flows, seconds=seconds, **{**given, **counts, **fields})


def test_goals_are_judged():
    """What was measured is held against the goals, and what was not is left out."""
    results = [
        take("up", 100, 1.0),
        take("up", 1000, 13.0, ratio=1.5),
        take("unchanged", 1000, 1.0, ratio=1.6),
        take("pulumi-up", 1000, 520.0),
        take("up", 5000, 30.0, peak_mib=500.0),
    ]

    goals = {goal.name: goal.is_met for goal in judge(results)}

    assert goals == {
        "up against the floor": True,
        "unchanged against the floor": False,
        "growth of up from 100": False,
        "up against the executable": True,
        "MiB of up at 5,000": False,
    }


def measure(part, count, seconds):
    """Make up a measurement of the provider."""
    return provider.Taken("sqlite", part, count, seconds + 1.0, seconds, 0.0, 0.0)


def test_parts_are_compared():
    """Raw requests count by their mean; Prefect's deploying counts whole, in proportion to size."""
    results = [
        measure("deploy", 100, 29.0),
        measure("raw-write", 1000, 90.0),
        measure("up", 1000, 99.0),
        measure("unchanged", 1000, 9.0),
        measure("raw-write", 1000, 110.0),
    ]

    found = provider.compute_ratios(results)

    ratios = {(ratio.part, ratio.beside): ratio.value for ratio in found if ratio.count == 1000}
    assert ratios == {
        ("up", "raw-write"): pytest.approx(0.99),
        ("up", "deploy"): pytest.approx(100.0 / 290.0),
        ("unchanged", "deploy"): pytest.approx(10.0 / 290.0),
    }
