"""A cluster of somebody else, on the AWS double: does it give pods their roles?"""

import pulumi_aws
import pytest

from meta_prefect.components.platform.existing_cluster import ExistingCluster
from meta_prefect.components.platform.namespace import ExistingNamespace
from meta_prefect.components.platform.pod_identity import PodIdentity
from meta_prefect.components.platform.policies import allow_results, render_policy
from meta_prefect.interfaces.engine import Failure, Outcome
from tests.support.aws.stack import build_embedded
from tests.support.memory_platform import PlatformCloud

pytest_plugins = ["tests.support.aws.world"]
pytestmark = pytest.mark.e2e

AGENT = "eks-pod-identity-agent"
POLICIES = {"results": render_policy(allow_results("arn:aws:s3:::results", "results"))}


@pytest.fixture
def stack(aws, tmp_path, monkeypatch):
    """A stack with the AWS of this test, in which somebody has a cluster."""
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    aws.client("eks").create_cluster(
        name="theirs",
        roleArn="arn:aws:iam::123456789012:role/theirs",
        resourcesVpcConfig={"subnetIds": ["subnet-1", "subnet-2"]},
    )
    return build_embedded(aws, tmp_path / "state", kubernetes=PlatformCloud().connect)


def declare(policies, identity="pod-identity"):
    """An account in their cluster."""
    cluster = ExistingCluster("prod", eks_name="theirs", identity=identity)
    namespace = ExistingNamespace("flows", cluster.handle).handle
    PodIdentity("report", namespace=namespace, policies=policies)


def test_a_cluster_without_the_agent_is_refused_once(stack):
    """Both ways out are said, before anything is made; asked is where pods need roles only."""
    refused = stack.up(lambda: declare(POLICIES))
    plain = stack.preview(lambda: declare({}))
    web = stack.preview(lambda: declare(POLICIES, "irsa"))

    (said,) = refused.diagnostics
    assert (refused.failure, said.code) == (Failure.PROGRAM, "MP2125")
    assert said.summary.startswith("cluster theirs has no agent")
    assert said.fixes == (
        "aws eks create-addon --cluster-name theirs --addon-name eks-pod-identity-agent",
        'by OpenID Connect instead: ExistingCluster(..., identity="irsa")',
    )
    assert [run.outcome for run in (plain, web)] == [Outcome.SUCCEEDED] * 2, stack.messages


def test_a_cluster_with_the_agent_is_used(stack):
    """The account is tied to its role, a second `up` finds nothing to do, and nothing is said."""
    stack.up(lambda: pulumi_aws.eks.Addon("theirs", cluster_name="theirs", addon_name=AGENT))

    def program():
        pulumi_aws.eks.Addon("theirs", cluster_name="theirs", addon_name=AGENT)
        declare(POLICIES)

    made, steps = stack.up(program), stack.steps
    again = stack.up(program)

    assert (made.outcome, again.outcome) == (Outcome.SUCCEEDED, Outcome.SUCCEEDED)
    assert steps["identity/report/association"] == "create"
    assert (stack.steps, stack.messages) == ({}, [])
