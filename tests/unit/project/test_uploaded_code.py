"""Code of flows on AWS of which no builder says where it is."""

import pytest

from tests.support.fake_world import World

FLOWS = """
from helpers_of_uploads import add
from prefect import flow

from meta_prefect.implementations.deployments import deployment
from meta_prefect.implementations.infra import eks
from meta_prefect.implementations.metadata import versioneer


@deployment("day")
@deployment("night")
@eks(cpu=1{more})
@versioneer(version="1")
@flow
def count(): ...
"""
PULL = "prefect_aws.deployments.steps.pull_from_s3"


@pytest.fixture
def world(tmp_path):
    """A project with a flow and a module that it imports; nothing is up."""
    (tmp_path / "helpers_of_uploads.py").write_text("def add(): ...\n")
    (tmp_path / "unrelated.py").write_text("")
    world = World(tmp_path)
    world.write(FLOWS.format(more=""))
    return world


def objects(world):
    """Give the keys of the objects in buckets."""
    return sorted(item["key"] for item in world.platform.objects.values() if "key" in item)


def test_code_is_put_where_its_runs_find_it(world):
    """The flow's file and what it imports are in a bucket, once for both deployments."""
    steps = world.up("count")

    row = world.deployments["count/day-dev"]
    (step,) = row["pull_steps"]
    folder = step[PULL]["folder"]
    assert step[PULL]["bucket"].startswith("shop-dev-code-")
    assert objects(world) == [f"{folder}/{world.file.name}", f"{folder}/helpers_of_uploads.py"]
    assert row["job_variables"]["env"]["EXTRA_PIP_PACKAGES"].startswith("meta-prefect==")
    assert f"count/code/{world.file.name}" in steps
    assert world.deployments["count/night-dev"]["pull_steps"] == row["pull_steps"]
    assert world.preview("count") == {}


def test_runs_may_read_the_flows_code_and_no_others(world):
    """The role's policy names the flow's folder in the bucket."""
    world.up("count")

    policies = [item["policy"] for item in world.platform.objects.values() if "policy" in item]
    assert any('"s3:GetObject"' in text and '/count/*"' in text for text in policies)


def test_changed_code_has_a_folder_of_its_own(world):
    """Deployments point to the new folder, and the old objects go after that."""
    world.up("count")
    before = world.deployments["count/day-dev"]["pull_steps"]

    (world.folder / "helpers_of_uploads.py").write_text("def add(): return 1\n")
    world.write(FLOWS.format(more=", image='team/flows:1'"))
    world.up("count")

    row = world.deployments["count/day-dev"]
    assert row["pull_steps"] != before
    assert {key.rpartition("/")[0] for key in objects(world)} == {
        row["pull_steps"][0][PULL]["folder"]
    }
    assert "EXTRA_PIP_PACKAGES" not in row["job_variables"]["env"]
