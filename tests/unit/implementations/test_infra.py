"""Infrastructure: pools, job variables and sizes."""

import pytest

from meta_prefect.implementations.code import code_git
from meta_prefect.implementations.infra import docker, ecs, eks, job_variables, process
from meta_prefect.interfaces.components import (
    Cluster,
    ClusterAutoscaler,
    EcsCluster,
    EcsWorker,
    ExistingCluster,
    KubernetesWorker,
    Namespace,
    NodeGroup,
    Worker,
    WorkerPool,
    existing,
)
from meta_prefect.interfaces.deployment import GitCode, LocalCode
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from tests.unit.implementations.specs import BASE

IN_NEW_CLUSTER = Namespace(nodes=NodeGroup())


@pytest.mark.parametrize(
    ("builder", "pool", "variables"),
    [
        (
            process(env={"A": "1"}, working_dir="/data"),
            WorkerPool(),
            {"working_dir": "/data", "env": {"A": "1"}},
        ),
        (
            eks(cpu=0.8, memory=1.5),
            WorkerPool(type="kubernetes", place=IN_NEW_CLUSTER),
            {"cpu_request": "800m", "memory_request": "1536Mi", "memory_limit": "1536Mi"},
        ),
        (
            eks(
                gpu=1,
                image="i",
                namespace="n",
                service_account="s",
                node_group="big",
                memory=1,
                memory_limit=2,
                cpu_limit=0.0001,
                pull_policy="Always",
                disk=9.5,
                priority="high",
                tolerations=[{"key": "team", "operator": "Exists"}],
                pool="heavy",
            ),
            WorkerPool("heavy", "kubernetes", place=Namespace("n", nodes=NodeGroup())),
            {
                "gpu": 1,
                "tolerations": [
                    {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},
                    {"key": "team", "operator": "Exists"},
                ],
                "image": "i",
                "ephemeral_storage_request": "10Gi",
                "priority_class_name": "high",
                "service_account_name": "s",
                "node_selector": {"meta-prefect.io/node-group": "big"},
                "memory_request": "1024Mi",
                "memory_limit": "2048Mi",
                "cpu_limit": "1m",
                "image_pull_policy": "Always",
                "env": {"META_PREFECT_IMAGE": "i"},
            },
        ),
        (
            docker(image="i", memory=2, networks=["n"], volumes=["/a:/b"]),
            WorkerPool(type="docker"),
            {"image": "i", "mem_limit": "2048m", "networks": ["n"], "volumes": ["/a:/b"]},
        ),
        (
            ecs(cpu=1, memory=2, spot=True, family="f", task_role="arn", cluster=existing("c")),
            WorkerPool(type="ecs", place=EcsCluster()),
            {
                "cpu": 1024,
                "memory": 2048,
                "launch_type": "FARGATE_SPOT",
                "family": "f",
                "match_latest_revision_in_family": True,
                "task_role_arn": "arn",
                "cluster": "c",
            },
        ),
        (
            eks(pool=existing("theirs"), namespace="n"),
            WorkerPool(existing("theirs"), "kubernetes"),
            {"namespace": "n"},
        ),
    ],
)
def test_a_place_is_a_pool_and_job_variables(builder, pool, variables):
    """Sizes are in the words of each kind of worker; what is not given is left to the pool."""
    spec = builder.update_deployment(BASE)

    assert spec.work_pool == pool
    assert spec.job_variables == variables
    assert pool in builder.requires


def test_a_place_brings_a_worker_that_fits():
    """On this machine, in the cluster, on Fargate; none for a pool of somebody else."""
    jobs = WorkerPool(type="kubernetes", place=IN_NEW_CLUSTER)
    tasks = WorkerPool(type="ecs", place=EcsCluster())

    assert process(limit=2).requires == {WorkerPool(), Worker(limit=2)}
    assert eks().requires == {jobs, KubernetesWorker(jobs)}
    assert ecs().requires == {tasks, EcsWorker(tasks)}
    assert len(eks(pool=existing("theirs")).requires) == 1
    assert len(ecs(pool=existing("theirs")).requires) == 1


def test_only_processes_find_their_code_themselves():
    """Containers have none of the project's files."""
    assert process().update_deployment(BASE).code == LocalCode()
    assert eks().update_deployment(BASE).code is None


def test_a_cluster_that_is_there_gets_no_nodes():
    """`existing` names it in EKS; a kubeconfig names one anywhere."""
    (by_name,) = (need for need in eks(cluster=existing("prod")).requires if hasattr(need, "type"))
    lab = ExistingCluster("lab", context="kind")

    assert by_name.place == Namespace(cluster=ExistingCluster("prod", eks_name="prod"))
    assert eks(cluster=lab).update_deployment(BASE).work_pool.place == Namespace(cluster=lab)
    assert eks(namespace=existing("theirs")).update_deployment(BASE).work_pool.place.name == (
        existing("theirs")
    )


def test_a_group_to_make_comes_with_its_cluster_and_lets_the_runs_in():
    """It is a need of its own; our own programs stay on the main group, unless it is that."""
    group = NodeGroup("gpu", Cluster("big"), gpu=True, taints=(("team", "ml"),))

    builder = eks(gpu=1, node_group=group)

    spec = builder.update_deployment(BASE)
    assert group in builder.requires
    assert spec.work_pool.place == Namespace(
        cluster=Cluster("big"), nodes=NodeGroup(cluster=Cluster("big"))
    )
    assert spec.job_variables["node_selector"] == {"meta-prefect.io/node-group": "gpu"}
    assert [item["key"] for item in spec.job_variables["tolerations"]] == ["nvidia.com/gpu", "team"]
    main = NodeGroup(max_size=9)
    assert eks(node_group=main).update_deployment(BASE).work_pool.place.nodes == main
    with pytest.raises(ValueError, match="in another cluster"):
        eks(node_group=group, cluster=Cluster("other"))


def test_a_group_that_may_be_empty_brings_an_autoscaler_into_a_new_cluster():
    """A team's own cluster has one, or not: nothing is put into it."""
    new = eks(node_group=NodeGroup("runs", min_size=0))
    team = ExistingCluster("team", eks_name="team")
    theirs = eks(node_group=NodeGroup("runs", team, min_size=0))

    assert ClusterAutoscaler(NodeGroup()) in new.requires
    assert not [need for need in theirs.requires if isinstance(need, ClusterAutoscaler)]


def test_code_that_was_said_stays():
    """A place inside of `process` is not overwritten by its default."""
    spec = process().update_deployment(code_git("r").update_deployment(BASE))

    assert spec.code == GitCode("r")


def test_variables_of_ones_own_are_laid_over():
    """`job_variables` says what has no word of its own."""
    spec = job_variables(finished_job_ttl=5).update_deployment(eks(cpu=1).update_deployment(BASE))

    assert spec.job_variables == {"cpu_request": "1000m", "finished_job_ttl": 5}


def test_two_places_on_one_deployment_are_refused():
    """The message names both builders and the flow's place."""
    spec = process().update_deployment(BASE)

    with pytest.raises(MetaPrefectError, match="process and eks both say") as caught:
        eks().update_deployment(spec)

    assert caught.value.diagnostic.where == "f.py line 3"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: process(limit=0), r"process\(limit=0\)"),
        (lambda: eks(cpu=0), r"eks\(cpu=0\)"),
        (lambda: eks(memory=-1), r"eks\(memory=-1\)"),
        (lambda: eks(gpu=0), r"eks\(gpu=0\)"),
        (lambda: eks(cpu=2, cpu_limit=1), r"eks\(cpu=2, cpu_limit=1\)"),
        (lambda: eks(pull_policy="Sometimes"), r'eks\(pull_policy="Sometimes"\)'),
        (lambda: eks(env={"a b": "1"}), "eks: 'a b' is no name"),
        (lambda: docker(memory=0), r"docker\(memory=0\)"),
        (lambda: ecs(cpu=1, memory=1), "the next one is cpu=1, memory=2"),
        (lambda: ecs(cpu=0.3, memory=0.5), "the next one is cpu=0.5, memory=1"),
        (lambda: ecs(cpu=32, memory=1), "more than Fargate has"),
    ],
)
def test_a_value_that_will_not_do_is_refused(make, message):
    """The message names the builder and the value."""
    with pytest.raises(ValueError, match=message):
        make()


def test_a_text_in_place_of_a_list_is_refused():
    """A text is a list of letters to Python."""
    with pytest.raises(TypeError, match=r'docker\(networks="n"\)'):
        docker(networks="n")
    with pytest.raises(TypeError, match="job_variables: a"):
        job_variables(a=object())
