"""A flow with `dask_k8s` runs here with a real Dask cluster, by the same code as in Kubernetes."""

import json
import os
import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.e2e

FLOW = """
import json
import os

from prefect import flow, task

from meta_prefect.implementations.task_runner import dask_k8s


@task
def square(number):
    from distributed import get_worker

    return number * number, os.getpid(), get_worker().scheduler.address


@dask_k8s({size})
@flow
def squares(fails: bool = False):
    found = square.map(range(6)).result()
    if fails:
        raise RuntimeError("after its tasks")
    return found


if __name__ == "__main__":
    state = squares(fails={fails}, return_state=True)
    print(json.dumps([state.type, [] if {fails} else state.result(), os.getpid()]))
"""


def run(folder, api_url, size, fails=False):
    """Run the flow in a process of its own; gives its state, its result and its process."""
    script = folder / "flow_on_dask.py"
    script.write_text(textwrap.dedent(FLOW.format(size=size, fails=fails)))
    done = subprocess.run(
        [sys.executable, script],
        env={**os.environ, "PREFECT_API_URL": api_url, "PREFECT_HOME": str(folder / "home")},
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_tasks_run_in_the_workers_of_a_cluster_of_their_own(prefect_server, tmp_path):
    """Their results come back, from other processes than the flow's."""
    state, found, flow_process = run(tmp_path, prefect_server.url, "num_workers=2")

    assert state == "COMPLETED"
    assert [number for number, _, _ in found] == [0, 1, 4, 9, 16, 25]
    assert flow_process not in {process for _, process, _ in found}
    assert len({scheduler for _, _, scheduler in found}) == 1


def test_a_range_starts_with_what_it_needs(prefect_server, tmp_path):
    """An adaptive cluster grows from nothing once there are tasks."""
    state, found, _ = run(tmp_path, prefect_server.url, "min_workers=0, max_workers=2")

    assert state == "COMPLETED"
    assert len(found) == 6


def test_a_flow_that_fails_leaves_no_worker_behind(prefect_server, tmp_path):
    """The cluster goes with the run, so the process ends."""
    state, _, _ = run(tmp_path, prefect_server.url, "num_workers=1", fails=True)

    assert state == "FAILED"
