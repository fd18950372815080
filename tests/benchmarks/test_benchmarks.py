"""That the benchmarks run; what they find is for people."""

import json
import subprocess
import sys

import pytest


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
