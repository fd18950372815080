"""A flow with `dask_k8s` runs here with a real Dask cluster, by the same code as in Kubernetes."""

import json
import os
import subprocess
import sys
import textwrap

import pytest
from distributed import Client, LocalCluster

from meta_prefect.implementations.dask_run import stay_awake

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

MODULES = {
    "helpers.py": "def add(first, second):\n    return first + second\n",
    "late.py": "ONE = 1\n",
    "flows/near.py": "OFFSET = 100\n",
    "flows/{name}.py": """
import os

import near
from helpers import add
from prefect import flow, task


def twice(number):
    return 2 * number


@task
def compute(number):
    import late

    return twice(add(number, near.OFFSET)) + late.ONE, os.getcwd()


@flow
def numbers():
    return compute.map(range(3)).result()
""",
}
# As a run in a pod does, but for the cluster: processes that start in another folder.
RUN = """
import importlib
import json
import sys
from contextlib import chdir, contextmanager
from types import SimpleNamespace

from distributed.deploy.subprocess import SubprocessCluster
from prefect.flows import load_flow_from_entrypoint

from meta_prefect.implementations.task_runner import dask_k8s


@contextmanager
def open_elsewhere(**_):
    with chdir(sys.argv[1]):
        cluster = SubprocessCluster(n_workers=1, worker_kwargs={"nthreads": 1})
    with cluster:
        yield cluster


def load(module):
    loaded = importlib.import_module(module)
    if module == "dask_kubernetes.operator":
        return SimpleNamespace(**{**vars(loaded), "KubeCluster": open_elsewhere})
    return loaded


if __name__ == "__main__":
    builder = dask_k8s(num_workers=1, image="flows:1")
    runner = builder.build(load, {"KUBERNETES_SERVICE_HOST": "here"})
    flows = [load_flow_from_entrypoint(words) for words in sys.argv[2:]]
    print(json.dumps([flow.with_options(task_runner=runner)() for flow in flows]))
"""


def run(folder, api_url, size, fails=False):
    """Run the flow in a process of its own; gives its state, its result and its process."""
    script = folder / "flow_on_dask.py"
    script.write_text(textwrap.dedent(FLOW.format(size=size, fails=fails)))
    return start([script], api_url, folder)


def start(words, api_url, home, folder=None):
    """Run Python in a folder; gives what it said last."""
    done = subprocess.run(
        [sys.executable, *words],
        env={**os.environ, "PREFECT_API_URL": api_url, "PREFECT_HOME": str(home / "home")},
        cwd=folder,
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


def test_tasks_use_the_projects_modules_where_the_project_is_not(prefect_server, tmp_path):
    """
    Modules that the flow's file or a task imports are there; also with a file called like another.

    The second is loaded under a name that Prefect makes up.
    """
    elsewhere, project = tmp_path / "elsewhere", tmp_path / "project"
    elsewhere.mkdir()
    for path, text in MODULES.items():
        for name in ("orders", "calendar"):
            file = project / path.format(name=name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    script = tmp_path / "runs" / "run.py"
    script.parent.mkdir()
    script.write_text(RUN)

    flows = ["flows/orders.py:numbers", "flows/calendar.py:numbers"]
    found = start([script, elsewhere, *flows], prefect_server.url, tmp_path, project)

    there = str(elsewhere)
    assert found == [[[201, there], [203, there], [205, there]]] * 2


def read_idle_since(dask_scheduler):
    """Give since when a scheduler has had nothing to do, as the operator asks; None: it has."""
    return dask_scheduler.check_idle()


def test_a_run_that_does_something_else_keeps_its_cluster():
    """The operator ends a cluster by the time since which it is idle; a run moves that time on."""
    size = {"n_workers": 0, "processes": False, "dashboard_address": None}
    with LocalCluster(**size) as cluster, Client(cluster, set_as_default=False) as client:
        first, second = (client.run_on_scheduler(read_idle_since) for _ in range(2))
        client.run_on_scheduler(stay_awake)
        third = client.run_on_scheduler(read_idle_since)

    assert first == second
    assert third > second
