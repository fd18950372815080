"""What a stack on AWS keeps when it goes is what it has when it comes back."""

import json

import pytest

from meta_prefect.components.platform.bucket import ResultBucket
from meta_prefect.components.platform.ecs_cluster import EcsCluster
from meta_prefect.components.platform.network import ExistingNetwork
from meta_prefect.components.platform.registry import ContainerRegistry
from meta_prefect.interfaces.engine import Outcome
from tests.support.aws.stack import build_embedded, build_pulumi
from tests.support.pulumi_cli import NEEDS_PULUMI

pytest_plugins = ["tests.support.aws.world"]
pytestmark = pytest.mark.e2e

BUCKET, REPOSITORY = "bucket/results/bucket", "registry/flows/repository"
LOGS = "ecs-cluster/main/logs"


@pytest.fixture
def build(aws, tmp_path, monkeypatch):
    """Makes a stack on an engine, with the AWS of this test."""
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    return lambda build_stack: build_stack(aws, tmp_path / "state")


@pytest.fixture
def stack(build):
    """A stack on the embedded engine."""
    return build(build_embedded)


def declare():
    """A bucket for results, a registry, and a cluster with its log group."""
    ResultBucket("results")
    ContainerRegistry("flows")
    EcsCluster("main", network=ExistingNetwork("vpc-1", ["subnet-a", "subnet-b"]).handle)


def find_bucket(aws):
    """Give the name of the only bucket."""
    (found,) = aws.client("s3").list_buckets()["Buckets"]
    return found["Name"]


@pytest.mark.parametrize(
    "engine",
    [build_embedded, pytest.param(build_pulumi, marks=NEEDS_PULUMI)],
    ids=["embedded", "pulumi"],
)
def test_what_was_kept_is_taken_up_again(build, aws, engine):
    """Bucket, registry and logs are imported with what is in them, and then nothing is to do."""
    s3, stack = aws.client("s3"), build(engine)
    stack.up(declare)
    bucket = find_bucket(aws)
    again, steps_again = stack.up(declare), stack.steps
    s3.delete_bucket_policy(Bucket=bucket)  # it denies what comes without TLS
    s3.put_object(Bucket=bucket, Key="a/result", Body=b"42")
    stack.destroy()

    looked, steps_looked = stack.preview(declare), stack.steps
    back, steps_back = stack.up(declare), stack.steps
    still, steps_still = stack.up(declare), stack.steps

    runs = (again, looked, back, still)
    assert [run.outcome for run in runs] == [Outcome.SUCCEEDED] * 4, stack.messages
    for steps in (steps_looked, steps_back):
        assert {name: op for name, op in steps.items() if op != "create"} == {
            BUCKET: "import",
            REPOSITORY: "import",
            LOGS: "import",
        }
    assert (steps_again, steps_still) == ({}, {})
    assert find_bucket(aws) == bucket
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    assert json.loads(policy)["Statement"][0]["Effect"] == "Deny"
    assert s3.list_object_versions(Bucket=bucket)["Versions"][0]["Key"] == "a/result"


def test_a_bucket_of_somebody_else_is_not_taken(stack, aws):
    """One of the same name that no stack of this name kept is refused, and stays as it was."""
    stack.up(lambda: ResultBucket("results"))
    bucket = find_bucket(aws)
    stack.destroy()
    s3 = aws.client("s3")
    tags = [{"Key": "meta-prefect:kept-by", "Value": "shop/prod/bucket/results/bucket"}]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})

    result = stack.up(lambda: ResultBucket("results"))

    assert result.outcome is Outcome.FAILED
    assert "BucketAlreadyOwnedByYou" in str(stack.messages)
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags


def test_another_name_is_another_bucket(stack, aws):
    """Of two buckets that a stack kept, the one of the name is meant; the other stays apart."""
    other = {"bucket": lambda given: {"bucket": "team-results"}}
    stack.up(lambda: ResultBucket("results"))
    first = find_bucket(aws)
    stack.destroy()

    made = stack.up(lambda: ResultBucket("results", transforms=other))
    stack_steps = stack.steps
    back = stack.up(lambda: ResultBucket("results"))

    names = {item["Name"] for item in aws.client("s3").list_buckets()["Buckets"]}
    assert (made.outcome, stack_steps[BUCKET]) == (Outcome.SUCCEEDED, "create")
    assert names == {first, "team-results"}
    assert (back.outcome, stack.steps[BUCKET]) == (Outcome.SUCCEEDED, "import-replacement")
