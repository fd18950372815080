"""Nodes change, and pods always have some: a cluster with a group of nodes on the AWS double."""

import pulumi
import pytest

from meta_prefect.components.platform.existing_cluster import ExistingCluster
from meta_prefect.components.platform.network import ExistingNetwork
from meta_prefect.components.platform.node_group import NODE_GROUP_LABEL, NodeGroup, NodeSize
from meta_prefect.interfaces.engine import Outcome
from tests.support.aws.stack import build_embedded
from tests.support.memory_platform import PlatformCloud

pytest_plugins = ["tests.support.aws.world"]
pytestmark = pytest.mark.e2e

SUBNETS = ["subnet-1", "subnet-2"]
GROUP = "node-group/runs/group"


@pytest.fixture
def stack(aws, tmp_path, monkeypatch):
    """A stack with the AWS of this test, in which somebody has a cluster."""
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    aws.client("eks").create_cluster(
        name="theirs",
        roleArn="arn:aws:iam::123456789012:role/theirs",
        resourcesVpcConfig={"subnetIds": SUBNETS},
    )
    return build_embedded(aws, tmp_path / "state", kubernetes=PlatformCloud().connect)


def declare(name="runs", opts=None, **size):
    """A group of nodes in their cluster."""
    network = ExistingNetwork("vpc-1", SUBNETS).handle
    cluster = ExistingCluster("prod", eks_name="theirs", network=network)
    NodeGroup(name, cluster=cluster.handle, size=NodeSize(**size), opts=opts)


def list_groups(aws):
    """Give the groups of the cluster as EKS tells of them."""
    eks = aws.client("eks")
    names = eks.list_nodegroups(clusterName="theirs")["nodegroups"]
    return [
        eks.describe_nodegroup(clusterName="theirs", nodegroupName=name)["nodegroup"]
        for name in names
    ]


def count_while(stack, aws, program):
    """Bring a program up; gives the result, and how many groups there were at each event."""
    counts = []
    stack.watch = lambda _: counts.append(len(list_groups(aws)))
    result = stack.up(program)
    stack.watch = lambda _: None
    return result, counts


def test_more_nodes_are_the_same_group(stack, aws):
    """Another size changes the group in place."""
    stack.up(declare)
    (before,) = list_groups(aws)

    result = stack.up(lambda: declare(max_size=7))

    (after,) = list_groups(aws)
    assert (result.outcome, stack.steps) == (Outcome.SUCCEEDED, {GROUP: "update"})
    assert after["nodegroupName"] == before["nodegroupName"]
    assert (before["scalingConfig"]["maxSize"], after["scalingConfig"]["maxSize"]) == (3, 7)


@pytest.mark.parametrize(
    ("program", "op"),
    [
        (lambda: declare(instance_types=("m6i.xlarge",)), "create-replacement"),
        (lambda: declare("batch"), "delete"),
        (
            lambda: declare("batch", pulumi.ResourceOptions(aliases=[ALIAS])),
            "create-replacement",
        ),
    ],
    ids=["another machine", "another name", "another name by an alias"],
)
def test_pods_have_nodes_while_a_group_is_replaced(stack, aws, program, op):
    """The new group is there before the old one goes, and carries the label that pods choose by."""
    stack.up(declare)
    (before,) = list_groups(aws)

    result, counts = count_while(stack, aws, program)

    (after,) = list_groups(aws)
    assert result.outcome is Outcome.SUCCEEDED, stack.messages
    assert (min(counts), max(counts)) == (1, 2)
    assert after["nodegroupName"] != before["nodegroupName"]
    name = after["nodegroupName"].removeprefix("shop-dev-").partition("-")[0]
    assert after["labels"] == {NODE_GROUP_LABEL: name}
    assert op in stack.steps.values()


ALIAS = pulumi.Alias(name="node-group/runs")
