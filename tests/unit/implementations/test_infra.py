"""Infrastructure: pools, job variables and sizes."""

import pytest

from meta_prefect.implementations.code import code_git
from meta_prefect.implementations.infra import docker, ecs, eks, job_variables, process
from meta_prefect.interfaces.components import Worker, WorkerPool, existing
from meta_prefect.interfaces.deployment import GitCode, LocalCode
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from tests.unit.implementations.specs import BASE


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
            WorkerPool(type="kubernetes"),
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
                pool="heavy",
            ),
            WorkerPool("heavy", "kubernetes"),
            {
                "gpu": 1,
                "tolerations": [
                    {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
                ],
                "image": "i",
                "namespace": "n",
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
            ecs(cpu=1, memory=2, spot=True, family="f", task_role="arn", cluster="c"),
            WorkerPool(type="ecs"),
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
        (eks(pool=existing("theirs")), WorkerPool(existing("theirs"), "kubernetes"), {}),
    ],
)
def test_a_place_is_a_pool_and_job_variables(builder, pool, variables):
    """Sizes are in the words of each kind of worker; what is not given is left to the pool."""
    spec = builder.update_deployment(BASE)

    assert spec.work_pool == pool
    assert spec.job_variables == variables
    assert pool in builder.requires


def test_only_processes_bring_a_worker_and_code():
    """Workers that start containers run where the containers are; code there is elsewhere."""
    assert process(limit=2).requires == {WorkerPool(), Worker(limit=2)}
    assert process().update_deployment(BASE).code == LocalCode()
    assert eks().update_deployment(BASE).code is None
    assert eks().requires == {WorkerPool(type="kubernetes")}


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
