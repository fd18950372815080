"""
The provider's speed, beside raw requests that do the same and beside `prefect deploy --all`.

One local server for all parts of a database, one after the other in one run, each part in a process
of its own: a ratio compares what one machine and one server did in the same minutes. Raw requests
are measured before and after what they are beside, those that read on the very same deployments;
their mean counts, as the machine may have other work meanwhile.
Goals are about seconds on the wall, as it is the server that takes them. Seconds of processors are
shown beside them: they tell a busy machine from work that a part has caused.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import textwrap
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean

import psutil
import yaml

from tests.benchmarks.provider_measure import FLOW, POOL, build_values
from tests.support.postgres import run_postgres, why_no_postgres
from tests.support.prefect_cli import run_prefect
from tests.support.prefect_server import run_prefect_server

_MADE_RAW = ("raw-write", "raw-clear")
_LOOKED_AT = ("raw-read", "refresh", "raw-read", "unchanged")
PARTS = (*_MADE_RAW, "up", *_LOOKED_AT, "destroy", *_MADE_RAW, "deploy", "raw-clear")
SIZES = (100, 1000)
POSTGRES_SIZE = 100
MOST_DEPLOYS = 100
"""`prefect deploy --all` takes so long that it is measured at this size only."""
_COMMON_GOALS = (
    ("refresh", "raw-read", 1.3),
    ("up", "deploy", 1 / 3),
    ("unchanged", "deploy", 1 / 20),
)
GOALS = {
    "sqlite": (("up", "raw-write", 1.2), *_COMMON_GOALS),
    # Several writers are to make up for all that an `up` does beside writing.
    "postgresql": (("up", "raw-write", 1.0), *_COMMON_GOALS),
}
"""By database: a part takes at most so many times as long as another one."""


@dataclass(frozen=True)
class Taken:
    """
    What one part took.

    process_seconds: the whole process; seconds: without starting Python.
    processor_seconds: ours; server_seconds: the server's, without its database's.
    """

    database: str
    part: str
    count: int
    process_seconds: float
    seconds: float
    processor_seconds: float
    server_seconds: float


@dataclass(frozen=True)
class Ratio:
    """One part beside another: `value` times as long, `most` is the goal."""

    database: str
    count: int
    part: str
    beside: str
    value: float
    most: float


def run_database(database, sizes, folder):
    """Measure all parts on a server of one database; gives what they took as it comes."""
    with ExitStack() as stack:
        url = ""
        if database == "postgresql":
            url = stack.enter_context(run_postgres(folder / "postgres"))
        home = folder / f"{database}-home"
        home.mkdir()
        server = stack.enter_context(run_prefect_server(home, url))
        for count in sizes:
            for part in PARTS if count <= MOST_DEPLOYS else PARTS[: PARTS.index("deploy")]:
                yield measure(database, part, count, server, folder / f"{database}-{count}")


def measure(database, part, count, server, folder):
    """Do a part, and say what it took."""
    folder.mkdir(exist_ok=True)
    before = read_processor_seconds(server.pid)
    if part == "deploy":
        seconds = deploy(count, server.url, folder / "project")
        taken = {"process_seconds": seconds, "seconds": seconds, "processor_seconds": 0.0}
    else:
        taken = run_measure(database, part, count, server.url, folder)
    served = read_processor_seconds(server.pid) - before
    return Taken(database, part, count, **taken, server_seconds=served)


def run_measure(database, part, count, api_url, folder):
    """Run a part in a process of its own; gives what it took by name."""
    start = time.perf_counter()
    hint = f"{database}://" if database == "postgresql" else ""
    command = [sys.executable, "-m", "tests.benchmarks.provider_measure"]
    done = subprocess.run(
        [*command, part, str(count), api_url, str(folder)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PREFECT_API_DATABASE_CONNECTION_URL": hint},
    )
    return {"process_seconds": time.perf_counter() - start, **json.loads(done.stdout)}


def read_processor_seconds(pid):
    """Read what a process and its children have taken of the processors until now."""
    process = psutil.Process(pid)
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def deploy(count, api_url, folder):
    """Make a pool and a project; gives the seconds of `prefect deploy --all` in it."""
    folder.mkdir()
    flow = f"""
    from prefect import flow

    @flow(name="{FLOW}")
    def bench_flow(number: int) -> None:
        pass
    """
    (folder / "flows.py").write_text(textwrap.dedent(flow))
    (folder / "prefect.yaml").write_text(yaml.safe_dump(build_project(count), sort_keys=False))
    run_prefect(folder, api_url, "work-pool", "create", POOL, "--type", "process")
    start = time.perf_counter()
    run_prefect(folder, api_url, "deploy", "--all")
    return time.perf_counter() - start


def build_project(count):
    """Build the prefect.yaml that makes the same deployments."""
    deployments = []
    for number in range(count):
        values = build_values(number)
        deployments.append(
            {
                **{key: values[key] for key in ("name", "entrypoint", "parameters")},
                **{key: values[key] for key in ("tags", "version", "description")},
                "work_pool": {"name": POOL, "job_variables": values["job_variables"]},
                "schedules": [{"interval": 3600, "slug": "hourly", "active": False}],
            }
        )
    return {"pull": build_values(0)["pull_steps"], "deployments": deployments}


def compute_ratios(results):
    """Compare parts by the goals; a part of another size is taken in proportion."""
    for database, count in dict.fromkeys((taken.database, taken.count) for taken in results):
        for part, beside, most in GOALS[database]:
            taken = _find(results, database, part, count)
            other = _find(results, database, beside, count) or _scale(
                _find(results, database, beside, MOST_DEPLOYS), count
            )
            if taken and other:
                whole = "process_seconds" if beside == "deploy" else "seconds"
                value = getattr(taken, whole) / getattr(other, whole)
                yield Ratio(database, count, part, beside, value, most)


def _find(results, database, part, count):
    """Find a part's measurement, the mean of several; None where it was not measured."""
    key = (database, part, count)
    found = [taken for taken in results if (taken.database, taken.part, taken.count) == key]
    if not found:
        return None
    times = ("process_seconds", "seconds", "processor_seconds", "server_seconds")
    return Taken(*key, *(fmean(getattr(item, name) for item in found) for name in times))


def _scale(taken, count):
    """Take a measurement in proportion to another size."""
    if taken is None:
        return None
    seconds = taken.seconds * count / taken.count
    return Taken(taken.database, taken.part, count, seconds, seconds, 0.0, 0.0)


def render(taken):
    """Write a line of the table."""
    return (
        f"{taken.database:<11}{taken.count:>6} {taken.part:<10} {taken.process_seconds:>8.2f} "
        f"{taken.seconds:>8.2f} {taken.processor_seconds:>8.2f} {taken.server_seconds:>8.2f}"
    )


def render_ratio(ratio):
    """Write a line about a goal."""
    verdict = "holds" if ratio.value <= ratio.most else "MISSED"
    return (
        f"{ratio.database:<11}{ratio.count:>6} {ratio.part} beside {ratio.beside}: "
        f"{ratio.value:.3f} of it, at most {ratio.most:.3f}: {verdict}"
    )


def run(sizes):
    """Measure on both databases; gives what the parts took as it comes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # another user's database has its folder in here
        yield from run_database("sqlite", sizes, folder)
        if not why_no_postgres():
            small = tuple(size for size in sizes if size <= POSTGRES_SIZE)
            yield from run_database("postgresql", small, folder)


def main(*, as_json, sizes=SIZES):
    """Measure, and write a table or one JSON document."""
    load = os.getloadavg()
    if not as_json:
        sys.stdout.write(f"load {load[0]:.2f}, {os.cpu_count()} cores\n")
        sys.stdout.write("database    count part        process     wall      cpu   server\n")
    results = []
    for taken in run(sizes):
        results.append(taken)
        if not as_json:
            sys.stdout.write(render(taken) + "\n")
            sys.stdout.flush()
    ratios = list(compute_ratios(results))
    skipped = why_no_postgres()
    document = {
        "load_before": load,
        "load_after": os.getloadavg(),
        "cores": os.cpu_count(),
        "skipped": {"postgresql": skipped} if skipped else {},
        "ratios": [asdict(ratio) for ratio in ratios],
        "results": [asdict(taken) for taken in results],
    }
    if as_json:
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
        return
    sys.stdout.write("".join(render_ratio(ratio) + "\n" for ratio in ratios))
    if skipped:
        sys.stdout.write(f"postgresql: not measured: {skipped}\n")
