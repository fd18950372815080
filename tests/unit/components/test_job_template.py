"""What is laid over the templates of pools."""

import json
import re

import pytest

from meta_prefect.components.job_template import find_overlay
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
    template = find_template(read_packaged_metadata(), type)
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
    before = find_template(read_packaged_metadata(), "kubernetes")["job_configuration"]
    after = read_template("kubernetes")["job_configuration"]

    original, ours = (set(PLACEHOLDER.findall(json.dumps(item))) for item in (before, after))
    assert ours - original == {"{{ gpu }}", "{{ node_selector }}", "{{ tolerations }}"}
    assert original <= ours
