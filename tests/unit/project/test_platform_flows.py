"""Flows on a platform, from their file to what is in AWS, in a cluster and in Prefect."""

import json

import pytest

from tests.support.fake_world import World

FLOWS = '''
from prefect import flow

from meta_prefect.implementations.code import code_image
from meta_prefect.implementations.filesystem import S3Filesystem
from meta_prefect.implementations.infra import eks
from meta_prefect.implementations.task_runner import dask_k8s
from meta_prefect.interfaces.components import NodeGroup

RUNS = NodeGroup("{group}", max_size={size})


@code_image()
@eks(cpu=0.8, memory=1.5, image="i", node_group=RUNS)
@dask_k8s(num_workers=5)
@flow(result_storage=S3Filesystem(type="s3", bucket="my-bucket", path="my-path"))
def squares(x: int, y: int) -> int:
    """Add two numbers x and y."""


@code_image()
@eks(cpu=2, node_group=RUNS)
@flow
def letters(text: str) -> int: ...
'''


def write(world, group="runs", size=5):
    """Write the flow file."""
    world.write(FLOWS.format(group=group, size=size))


@pytest.fixture
def world(tmp_path):
    """A project with two flows that share a platform; nothing is up."""
    made = World(tmp_path)
    write(made)
    return made


def created(world, *names):
    """Give the places of creations among all calls."""
    calls = [name for method, name in world.platform.calls if method == "create"]
    return [calls.index(name) for name in names]


def test_a_flow_brings_its_platform_in_the_order_of_its_needs(world):
    """Network, cluster, nodes, addons, worker, identity; then the deployment; then nothing."""
    world.up("squares")

    order = created(
        world,
        "network/main/vpc",
        "network/main/private-0-default",
        "cluster/main/cluster",
        "cluster/main/addon-vpc-cni",
        "node-group/main/group",
        "cluster-addons/main/addon-coredns",
        "worker/kubernetes/deployment",
    )
    assert order == sorted(order)
    assert "bucket/my-bucket/bucket" in dict(map(reversed, world.platform.calls))
    row = world.deployments["squares/dev"]
    assert row["work_pool_name"] == "shop-dev-kubernetes"
    assert row["job_variables"]["service_account_name"] == "squares-deployment-grant"
    assert row["job_variables"]["node_selector"] == {"meta-prefect.io/node-group": "runs"}
    assert world.preview("squares") == {}


def test_preview_shows_the_whole_platform_and_makes_nothing(world):
    """Every resource is named before anything is touched."""
    steps = world.preview("squares")

    assert {
        "cluster/main/cluster",
        "node-group/runs/group",
        "bucket/my-bucket/policy",
        "dask-operator/flows/deployment",
        "result-storage/my-bucket-my-path/block",
        "squares/deployment/grant/association",
    } <= steps.keys()
    assert world.platform.objects == {}


def test_results_stand_behind_a_block_without_keys(world):
    """The block names bucket and path, and refers to credentials in which nothing is."""
    world.up("squares")

    blocks = {row["name"]: row["data"] for row in world.prefect.block_documents.values()}
    assert blocks["my-bucket-my-path-dev"]["bucket_folder"] == "my-path"
    assert blocks["my-bucket-my-path-dev"]["bucket_name"].startswith("shop-dev-my-bucket-")
    assert blocks["my-bucket-my-path-dev-credentials"] == {}


def test_flows_share_a_platform_and_own_what_they_may_do(world):
    """A second flow adds its own resources only; what one leaves behind the other still has."""
    world.up("squares")
    second = world.up("letters")
    gone = world.destroy("squares")

    assert {name.partition("/")[0] for name in second} == {"letters"}
    assert gone["squares/deployment/grant/role"] == "delete"
    assert gone["dask-operator/flows/deployment"] == "delete"
    assert not [name for name in gone if name.startswith(("cluster/", "worker/", "network/"))]
    assert world.preview("letters") == {}


def test_the_last_flow_takes_all_but_what_is_kept(world):
    """Bucket and logs stay in the world, and the operation says so beforehand."""
    world.up("letters", "squares")

    operation = world.prepare_destroy()
    world.destroy()

    kept = [line for line in operation.kept if "marked to be kept" in line]
    assert [line for line in kept if line.startswith("bucket/my-bucket/bucket with its settings")]
    assert len(kept) == 3
    left = {name.rpartition("-")[0] for name in world.platform.objects}
    assert "bucket/my-bucket/bucket" in left
    assert "cluster/main/logs" in left
    assert not {name for name in left if "node-group" in name or name.endswith("/cluster")}


def test_more_nodes_are_a_change_in_place(world):
    """Nothing but the size of the group is touched, and the versions of the changed file."""
    world.up()
    write(world, size=9)

    assert world.up() == {
        "node-group/runs/group": "update",
        "squares/deployment": "update",
        "letters/deployment": "update",
    }


def test_a_group_of_another_name_is_there_before_the_old_one_goes(world):
    """The pool is never without nodes, and the runs choose the new ones."""
    world.up()
    write(world, group="jobs")

    world.up()

    calls = world.platform.calls
    made = calls.index(("create", "node-group/jobs/group"))
    gone = calls.index(("delete", "node-group/runs/group"))
    assert made < gone
    row = world.deployments["letters/dev"]
    assert row["job_variables"]["node_selector"] == {"meta-prefect.io/node-group": "jobs"}


def test_a_bucket_with_a_key_of_its_own_lets_the_flow_use_it(world):
    """The key of the bucket, through S3 only, in a policy of the flow's own role."""
    key = "arn:aws:kms:eu-west-1:123456789012:key/k"
    text = FLOWS.format(group="runs", size=5)
    record = f'Bucket("my-bucket", kms_key_arn="{key}")'
    text = text.replace('"my-bucket"', record).replace(
        "import NodeGroup", "import Bucket, NodeGroup"
    )
    world.write(text)

    world.up("squares")

    found = dict(world.platform.objects)
    (policy,) = (item["policy"] for name, item in found.items() if "my-path-key" in name)
    (statement,) = json.loads(policy)["Statement"]
    assert statement["Resource"] == [key]
    assert statement["Condition"] == {
        "StringEquals": {"kms:ViaService": ["s3.eu-west-1.amazonaws.com"]}
    }


def test_runs_may_have_no_nodes_while_nothing_runs(world):
    """A group that may be empty comes with what starts its machines, and its size is that one's."""
    world.write(FLOWS.format(group="runs", size="5, min_size=0"))

    steps = world.preview("letters")

    assert steps["cluster-autoscaler/main/deployment"] == "create"
    assert steps["node-group/runs/group"] == "create"


def test_the_workers_of_dask_may_have_nodes_of_their_own(world):
    """The group is made, and what starts its machines where it may have none."""
    text = FLOWS.format(group="runs", size="5")
    dask = 'dask_k8s(num_workers=5, node_group=NodeGroup("dask", min_size=0))'
    assert "dask_k8s(num_workers=5)" in text
    world.write(text.replace("dask_k8s(num_workers=5)", dask))

    steps = world.preview("squares")

    assert steps["node-group/dask/group"] == "create"
    assert steps["cluster-autoscaler/main/deployment"] == "create"
