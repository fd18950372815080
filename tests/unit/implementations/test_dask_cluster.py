"""The cluster that a run asks the Dask operator for, made with the installed dask-kubernetes."""

import pytest
from dask_kubernetes.operator import make_cluster_spec

from meta_prefect.implementations.dask_cluster import (
    DaskPods,
    RunPod,
    build_cluster_name,
    finish_spec,
    read_run_pod,
)
from meta_prefect.interfaces.components import NodeGroup

ENVIRONMENT = {
    "PREFECT__FLOW_RUN_ID": "01234567-89AB-cdef-0123-456789abcdef",
    "PREFECT_API_URL": "https://prefect.test/api",
    "PREFECT_API_KEY": "s3cret",
    "PREFECT_INTEGRATIONS_KUBERNETES_WORKER_API_KEY_SECRET_NAME": "main-worker-api-key",
    "META_PREFECT_IMAGE": "flows:1",
    "META_PREFECT_POD_NAME": "job-x",
    "META_PREFECT_POD_UID": "uid-1",
    "META_PREFECT_NAMESPACE": "shop-dev-flows",
    "META_PREFECT_SERVICE_ACCOUNT": "report",
}
RUN = read_run_pod(ENVIRONMENT)


def finish(pods, run=RUN):
    """Make a spec as the builder does."""
    made = make_cluster_spec(
        name=build_cluster_name(run),
        image=pods.find_image(run),
        n_workers=5,
        resources=pods.resources,
        env=pods.build_env(run),
        idle_timeout=300,
    )
    return finish_spec(made, pods, run)


def test_the_cluster_belongs_to_the_pod_of_its_run():
    """When the pod goes, Kubernetes takes the cluster; and the operator does when it is idle."""
    spec = finish(DaskPods())

    assert spec["metadata"]["ownerReferences"] == [
        {"apiVersion": "v1", "kind": "Pod", "name": "job-x", "uid": "uid-1"}
    ]
    assert spec["metadata"]["labels"] == {
        "prefect.io/flow-run-id": ENVIRONMENT["PREFECT__FLOW_RUN_ID"]
    }
    assert spec["spec"]["idleTimeout"] == 300


def test_a_cluster_in_another_namespace_belongs_to_nothing():
    """An owner elsewhere counts as gone, so Kubernetes would take the cluster at once."""
    assert "ownerReferences" in finish(DaskPods(namespace="shop-dev-flows"))["metadata"]
    assert "ownerReferences" not in finish(DaskPods(namespace="elsewhere"))["metadata"]


def test_workers_can_have_nodes_and_gpus_of_their_own():
    """They go to the group's nodes, whose taints they do not mind; the scheduler needs neither."""
    group = NodeGroup("gpu", taints=(("team", "vision"),))

    spec = finish(DaskPods(node_group=group, gpu=1))["spec"]

    pod = spec["worker"]["spec"]
    assert pod["nodeSelector"] == {"meta-prefect.io/node-group": "gpu"}
    assert [(item["key"], item.get("value")) for item in pod["tolerations"]] == [
        ("nvidia.com/gpu", None),
        ("team", "vision"),
    ]
    assert pod["containers"][0]["resources"] == {"limits": {"nvidia.com/gpu": "1"}}
    assert "tolerations" not in spec["scheduler"]["spec"]
    assert "nvidia.com/gpu" not in str(spec["scheduler"])


def test_names_are_short_small_and_new_each_time():
    """The operator makes longer names of it, and a second try must not meet the first."""
    first, second = build_cluster_name(RUN), build_cluster_name(RUN)

    assert first != second
    assert first.startswith("mp-0123456789ab-")
    assert len(first) <= 53
    assert first == first.lower()
    assert build_cluster_name(RunPod()).startswith("mp-local-")


def test_workers_know_their_size_and_the_scheduler_has_its_own():
    """Threads, memory limit, patience and node of the workers; resources of the scheduler."""
    spec = finish(DaskPods(cpu=2.5, memory=4, node_group="big"))["spec"]

    worker, scheduler = (spec[part]["spec"]["containers"][0] for part in ("worker", "scheduler"))
    assert worker["args"][-6:] == [
        "--nthreads",
        "2",
        "--death-timeout",
        "60",
        "--memory-limit",
        "4096MiB",
    ]
    assert worker["resources"]["limits"] == {"memory": "4096Mi"}
    assert scheduler["resources"]["requests"] == {"cpu": "250m", "memory": "1024Mi"}
    assert spec["worker"]["spec"]["nodeSelector"] == {"meta-prefect.io/node-group": "big"}
    assert "nodeSelector" not in spec["scheduler"]["spec"]
    assert spec["worker"]["replicas"] == 5


def test_both_kinds_of_pods_are_the_runs_own():
    """They have its image and its account, and read its key from the same Secret."""
    spec = finish(DaskPods(env=(("A", "1"),)))["spec"]

    for part in ("worker", "scheduler"):
        pod = spec[part]["spec"]
        assert pod["serviceAccountName"] == "report"
        assert pod["containers"][0]["image"] == "flows:1"
        assert pod["containers"][0]["env"] == [
            {"name": "PREFECT_API_URL", "value": "https://prefect.test/api"},
            {"name": "A", "value": "1"},
            {
                "name": "PREFECT_API_KEY",
                "valueFrom": {"secretKeyRef": {"name": "main-worker-api-key", "key": "value"}},
            },
        ]
    assert "s3cret" not in str(spec)


def test_a_run_that_knows_nothing_still_gets_a_cluster():
    """In a pool of somebody else no template tells the pod about itself."""
    spec = finish(DaskPods(image="i"), RunPod())

    assert "ownerReferences" not in spec["metadata"]
    assert "serviceAccountName" not in spec["spec"]["worker"]["spec"]


def test_packages_that_a_run_installed_are_installed_in_its_cluster():
    """Prefect's own image does it for the run, and so it does for the workers."""
    run = read_run_pod({"EXTRA_PIP_PACKAGES": "meta-prefect[dask] pandas"})

    container = finish(DaskPods(), run)["spec"]["worker"]["spec"]["containers"][0]

    assert container["image"].startswith("prefecthq/prefect:3")
    assert container["env"] == [
        {"name": "EXTRA_PIP_PACKAGES", "value": "meta-prefect[dask] pandas"}
    ]


def test_tasks_have_the_variables_of_their_run():
    """Those that the deployment names, in the pods of the cluster as in the run's own."""
    run = read_run_pod({"META_PREFECT_DASK_ENV": "A,B", "A": "1", "B": "2", "C": "3"})

    container = finish(DaskPods(image="i", env=(("B", "own"),)), run)["spec"]["worker"]["spec"]

    assert container["containers"][0]["env"] == [
        {"name": "A", "value": "1"},
        {"name": "B", "value": "own"},
    ]


def test_a_cluster_without_an_image_is_refused():
    """Dask's own image has no Prefect, so its workers could run no task."""
    with pytest.raises(RuntimeError, match="give an image"):
        DaskPods().find_image(RunPod())
