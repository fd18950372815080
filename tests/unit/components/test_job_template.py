"""What is laid over the templates of pools."""

import asyncio
import json
import re

import pytest

from meta_prefect.components.job_template import find_overlay
from meta_prefect.components.job_template import find_template as find_vendored
from meta_prefect.implementations.infra import docker, ecs, eks, process
from meta_prefect.provider.templates import (
    find_faults,
    find_template,
    lay_over,
    read_packaged_metadata,
)
from tests.unit.implementations.specs import BASE

PLACEHOLDER = re.compile(r"{{ \w+ }}")
EVERYTHING = (
    process(env={"A": "1"}, working_dir="/d"),
    eks(
        cpu=1,
        cpu_limit=1,
        memory=1,
        gpu=1,
        image="i",
        namespace="n",
        service_account="s",
        node_group="g",
        env={"A": "1"},
        pull_policy="Always",
    ),
    docker(image="i", memory=1, networks=["n"], volumes=["/a:/b"], pull_policy="Always"),
    ecs(cpu=1, memory=2, image="i", spot=True, family="f", task_role="t", execution_role="e"),
)


def read_template(type):
    """Give the template that a pool of this type gets."""
    template = find_vendored(type) or find_template(read_packaged_metadata(), type)
    overlay = find_overlay(type)
    return lay_over(template, overlay) if overlay else template


@pytest.mark.parametrize("builder", EVERYTHING, ids=lambda builder: type(builder).__name__)
def test_every_variable_of_a_builder_is_one_of_the_template(builder):
    """Prefect ignores unknown variables without a word, so ours must all be known."""
    spec = builder.update_deployment(BASE)
    template = read_template(spec.work_pool.type)

    assert spec.job_variables.keys() <= template["variables"]["properties"].keys()
    assert list(find_faults(template)) == []


def test_the_overlay_adds_and_drops_nothing():
    """Every placeholder of the original template is still in the manifest."""
    before = find_vendored("kubernetes")["job_configuration"]
    after = read_template("kubernetes")["job_configuration"]

    original, ours = (set(PLACEHOLDER.findall(json.dumps(item))) for item in (before, after))
    assert ours - original == {
        "{{ gpu }}",
        "{{ node_selector }}",
        "{{ tolerations }}",
        "{{ priority_class_name }}",
        "{{ ephemeral_storage_request }}",
    }
    assert original <= ours


def test_the_files_are_the_templates_of_the_installed_workers():
    """A new version of a worker's library shows here first."""
    from prefect_aws.workers import ECSWorker
    from prefect_kubernetes import KubernetesWorker

    assert find_vendored("kubernetes") == KubernetesWorker.get_default_base_job_template()
    assert find_vendored("ecs") == ECSWorker.get_default_base_job_template()
    assert find_vendored("process") is None


def test_defaults_are_laid_over_known_and_unknown_variables():
    """A default keeps what is said about the variable; nothing given, nothing added."""
    overlay = find_overlay("kubernetes", {"gpu": 1, "namespace": "flows", "image": None})

    assert overlay["variables"]["gpu"]["type"] == "integer"
    assert overlay["variables"]["gpu"]["default"] == 1
    assert overlay["variables"]["namespace"] == {"default": "flows"}
    assert "image" not in overlay["variables"]
    assert find_overlay("ecs", {"image": None}) is None


async def render(variables):
    """Give the Job that the installed worker makes of our template."""
    from prefect_kubernetes.worker import KubernetesWorkerJobConfiguration

    return await KubernetesWorkerJobConfiguration.from_template_and_values(
        read_template("kubernetes"),
        variables,
        client=object(),  # nothing here is a reference to something in Prefect
    )


def test_the_worker_renders_the_job_that_a_builder_means():
    """Resources, node, priority and disk land in the pod; what is not given leaves no key."""
    builder = eks(cpu=0.8, memory=1.5, gpu=2, node_group="big", env={"A": "1"})
    variables = {**builder.update_deployment(BASE).job_variables, "priority_class_name": "high"}

    configuration = asyncio.run(render(variables))
    configuration._populate_env_in_manifest()

    pod = configuration.job_manifest["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["resources"] == {
        "limits": {"memory": "1536Mi", "nvidia.com/gpu": 2},
        "requests": {"cpu": "800m", "memory": "1536Mi"},
    }
    assert pod["nodeSelector"] == {"meta-prefect.io/node-group": "big"}
    assert pod["priorityClassName"] == "high"
    assert [item["key"] for item in pod["tolerations"]] == ["nvidia.com/gpu"]
    first, *fields = container["env"]
    assert first == {"name": "A", "value": "1"}
    assert {item["name"]: item["valueFrom"]["fieldRef"]["fieldPath"] for item in fields} == {
        "META_PREFECT_POD_NAME": "metadata.name",
        "META_PREFECT_POD_UID": "metadata.uid",
        "META_PREFECT_NAMESPACE": "metadata.namespace",
        "META_PREFECT_SERVICE_ACCOUNT": "spec.serviceAccountName",
    }
