"""Task runners: set on the flow when its file is imported, made when a run begins."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from prefect import flow, task
from prefect.task_runners import ProcessPoolTaskRunner, TaskRunner, ThreadPoolTaskRunner

from meta_prefect.implementations.task_runner import dask_k8s, dask_local, processes, threads
from meta_prefect.interfaces.components import (
    DaskOperator,
    ExistingCluster,
    Namespace,
    WorkerPool,
)
from tests.unit.implementations.specs import BASE

IN_KUBERNETES = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "META_PREFECT_IMAGE": "flows:1"}


class KubeCluster:
    """Stands for the operator's."""


class FakeDask:
    """Stands for the Dask packages; a runner is what it was made with."""

    def __call__(self, module):
        if module == "prefect_dask":
            return SimpleNamespace(DaskTaskRunner=lambda **given: given)
        if module.endswith("kubecluster"):
            return SimpleNamespace(CreateMode=SimpleNamespace(CREATE_ONLY="create only"))
        if module == "distributed":
            return SimpleNamespace(Client=None)
        return SimpleNamespace(make_cluster_spec=self.make_spec, KubeCluster=KubeCluster)

    def make_spec(self, **given):
        pods = {
            part: {"spec": {"containers": [{"args": ["start"]}]}}
            for part in ("worker", "scheduler")
        }
        return {"given": given, "spec": pods}


def missing(module):
    raise ModuleNotFoundError(f"No module named {module!r}", name=module)


def test_prefects_own_runners_have_the_size():
    """Threads and processes need no other package."""
    in_threads = threads(3)(flow)(lambda: None)
    in_processes = processes(2)(flow)(lambda: None)

    assert isinstance(in_threads.task_runner, ThreadPoolTaskRunner)
    assert isinstance(in_processes.task_runner, ProcessPoolTaskRunner)
    assert in_threads.task_runner.duplicate() == ThreadPoolTaskRunner(max_workers=3)


def test_dask_is_not_needed_to_import_a_flow():
    """The flow has a task runner that says what is missing once a run makes it."""
    made = dask_k8s(num_workers=2)(flow)(lambda: None)

    assert isinstance(made.task_runner, TaskRunner)
    with pytest.raises(RuntimeError, match="starts with a flow run"):
        made.task_runner.submit(task(lambda: 1), {})
    with pytest.raises(ModuleNotFoundError, match="pip install 'meta-prefect"):
        dask_local().build(missing)


def test_a_local_cluster_has_the_size():
    """What is not given is left to Dask."""
    assert dask_local(2).build(FakeDask()) == {
        "cluster_kwargs": {"n_workers": 2, "threads_per_worker": 1}
    }
    assert dask_local().build(FakeDask()) == {"cluster_kwargs": {"threads_per_worker": 1}}


def test_outside_of_kubernetes_a_run_uses_its_own_machine():
    """The same flow can be tried anywhere."""
    runner = dask_k8s(num_workers=1).build(FakeDask(), {})

    assert runner == {
        "cluster_class": "distributed.LocalCluster",
        "cluster_kwargs": {"n_workers": 1, "threads_per_worker": 1},
    }


def test_in_kubernetes_a_run_makes_a_cluster_of_its_own():
    """It is named after the run, has the run's image, and goes when it is idle."""
    builder = dask_k8s(
        num_workers=5, cpu=1, memory=2, service_account="me", namespace="n", env={"A": "1"}
    )
    environment = {**IN_KUBERNETES, "PREFECT__FLOW_RUN_ID": "01234567-89ab-cdef"}

    first = builder.build(FakeDask(), environment)
    second = builder.build(FakeDask(), environment)

    spec = first["cluster_kwargs"]["custom_cluster_spec"]
    given = dict(spec["given"])
    assert first["cluster_class"].__qualname__ == "KubeCluster"
    assert first["cluster_kwargs"]["namespace"] == "n"
    assert given.pop("name").startswith("mp-0123456789ab-")
    assert given == {
        "image": "flows:1",
        "n_workers": 5,
        "resources": {
            "requests": {"cpu": "1000m", "memory": "2048Mi"},
            "limits": {"memory": "2048Mi"},
        },
        "env": [{"name": "A", "value": "1"}],
        "idle_timeout": 300,
    }
    assert first["cluster_kwargs"]["create_mode"] == "create only"
    assert spec["spec"]["worker"]["spec"]["serviceAccountName"] == "me"
    assert second["cluster_kwargs"]["custom_cluster_spec"]["given"]["name"] != spec["given"]["name"]


def test_it_asks_for_the_operator_where_the_stack_makes_the_place():
    """A pool of somebody else has one, or not."""
    spec = dask_k8s(1).update_deployment(BASE)

    assert spec.dask_operator is None
    place = Namespace("flows", ExistingCluster("lab"))
    ours = replace(spec, work_pool=WorkerPool(type="kubernetes", place=place))
    assert ours.dask_operator == DaskOperator(place)
    assert DaskOperator(place) in ours.needs


def test_a_range_adapts():
    """`max_workers` gives a cluster that grows and shrinks."""
    runner = dask_k8s(min_workers=0, max_workers=9, image="i").build(FakeDask(), IN_KUBERNETES)

    assert runner["adapt_kwargs"] == {"minimum": 0, "maximum": 9}


def test_a_cluster_without_an_image_is_refused():
    """Dask's own image has no Prefect, so its workers could run no task."""
    with pytest.raises(RuntimeError, match="give an image"):
        dask_k8s(1).build(FakeDask(), {"META_PREFECT_DASK": "kubernetes"})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: threads(0), r"threads\(max_workers=0\)"),
        (lambda: processes(0), r"processes\(max_workers=0\)"),
        (lambda: dask_local(0), r"dask_local\(num_workers=0\)"),
        (dask_k8s, "give num_workers"),
        (lambda: dask_k8s(2, max_workers=3), "a number or a range"),
        (lambda: dask_k8s(min_workers=4, max_workers=3), "0 <= min <= max"),
        (lambda: dask_k8s(1, cpu=0), r"dask_k8s\(cpu=0\)"),
    ],
)
def test_a_value_that_will_not_do_is_refused(make, message):
    """The message names the builder and the value."""
    with pytest.raises(ValueError, match=message):
        make()
