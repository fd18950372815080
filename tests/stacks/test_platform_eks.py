"""The reference platform on AWS, in front of a Prefect in memory, with both doubles."""

import os
from pathlib import Path

import pytest

from meta_prefect.interfaces.engine import ConfigValue, Outcome
from tests.support.healthy import build_healthy_image
from tests.support.memory_platform import PlatformCloud
from tests.support.prefect_server import find_free_port
from tests.support.stack_world import API_URL, StackWorld

pytest_plugins = ["tests.support.aws.world", "tests.support.kubernetes.world"]

PROGRAM = Path(__file__).parents[2] / "stacks" / "platform_eks"
NAMESPACE = "reference-platform-dev-flows"
WORKER = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/kubernetes-worker"


@pytest.fixture(autouse=True)
def _prefect(monkeypatch):
    """A Prefect that workers in a cluster could reach, and AWS's own policies in moto."""
    monkeypatch.setenv("PREFECT_API_URL", API_URL)
    monkeypatch.setenv("META_PREFECT_ENGINE", "embedded")
    monkeypatch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")


@pytest.fixture
def cloud():
    """Clusters that refuse nothing."""
    return PlatformCloud()


@pytest.fixture
def world(aws, cloud, tmp_path):
    """The program with the AWS double, and clusters in memory."""
    return StackWorld(PROGRAM, tmp_path, aws.environment, {"kubernetes": cloud.connect})


def test_a_platform_comes_up_stays_and_goes_but_for_what_is_kept(world, aws):
    """Up, nothing to do, nothing to do after a look at the world; down but for bucket and logs."""
    made = world.up()
    size = world.size
    again = world.up()
    steps_again = world.steps
    gone = world.destroy()

    assert [run.outcome for run in (made, again, gone)] == [Outcome.SUCCEEDED] * 3, world.messages
    assert size == world.promised_size
    assert steps_again == {}
    assert [
        line for line in world.kept if line.startswith("bucket/results/bucket with its settings")
    ]
    buckets = aws.client("s3").list_buckets()["Buckets"]
    assert [item["Name"].startswith("reference-platform-dev-results-") for item in buckets] == [
        True
    ]
    assert aws.client("eks").list_clusters()["clusters"] == []
    assert [vpc for vpc in aws.client("ec2").describe_vpcs()["Vpcs"] if not vpc["IsDefault"]] == []


@pytest.mark.e2e
def test_what_somebody_changed_in_aws_is_seen_and_mended(world, aws):
    """A policy that somebody opened is closed, and nodes that somebody deleted are there again."""
    world.up()
    s3, eks = aws.client("s3"), aws.client("eks")
    (bucket,) = (item["Name"] for item in s3.list_buckets()["Buckets"])
    before = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    s3.put_bucket_policy(Bucket=bucket, Policy=before.replace("Deny", "Allow"))
    cluster = "reference-platform-dev-main"
    groups = eks.list_nodegroups(clusterName=cluster)["nodegroups"]
    (runs,) = (name for name in groups if "runs" in name)
    eks.delete_nodegroup(clusterName=cluster, nodegroupName=runs)

    world.refresh()
    seen = (
        "Allow" in world.stored["bucket/results/policy"].outputs["policy"],
        "node-group/runs/group" in world.stored,
    )
    world.up()

    mended = {name: op for name, op in world.steps.items() if not name.endswith("/account")}
    assert seen == (True, False)
    assert mended["bucket/results/policy"] == "update"
    assert mended["node-group/runs/group"] == "create"
    assert "Deny" in s3.get_bucket_policy(Bucket=bucket)["Policy"]
    assert len(eks.list_nodegroups(clusterName=cluster)["nodegroups"]) == 2


@pytest.mark.e2e
def test_a_flow_alone_keeps_the_platform(world):
    """The program without the flow on Dask loses that flow and the operator, and nothing else."""
    world.up()
    world.up({"reference-platform:flows": ConfigValue('["letters"]')})

    gone = {name.partition("/")[0] for name, op in world.steps.items() if op == "delete"}
    assert gone == {"squares", "dask-operator", "result-storage"}


@pytest.mark.e2e
def test_a_platform_with_a_real_api_server_in_its_cluster(eks, kubernetes, start_node, tmp_path):
    """What is declared inside is taken by Kubernetes; a scaled worker is scaled back."""
    start_node(
        {
            name: build_healthy_image(8080, find_free_port())
            for name in ("prefecthq/prefect:*", "ghcr.io/dask/*")
        }
    )
    world = StackWorld(PROGRAM, tmp_path, eks)

    made = world.up()
    again = world.up()
    steps_again = world.steps
    kubernetes.patch(WORKER, {"spec": {"replicas": 2}})
    world.refresh()
    seen = world.stored["worker/kubernetes/deployment"].outputs["spec"]["replicas"]
    world.up()
    steps = world.steps
    gone = world.destroy()

    assert [run.outcome for run in (made, again, gone)] == [Outcome.SUCCEEDED] * 3, world.messages
    assert steps_again == {}
    assert (seen, steps) == (2, {"worker/kubernetes/deployment": "update"})
    assert kubernetes.get(f"/api/v1/namespaces/{NAMESPACE}") is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["region"], ["No valid credential sources found"]),
        (["keys"], ["missing region"]),
        ([], ["missing region", "No valid credential sources found"]),
    ],
    ids=["credentials", "region", "both"],
)
def test_what_is_missing_is_said_once(tmp_path, aws, cloud, monkeypatch, given, said):
    """A preview of the whole platform is one line for each missing thing, and no stack trace."""
    kept = {"PATH": aws.environment["PATH"], "META_PREFECT_AWS_KEPT": str(tmp_path / "kept")}
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    things = {
        "region": {"AWS_REGION": "eu-west-1"},
        "keys": {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"},
    }
    environment = {**kept, "AWS_EC2_METADATA_DISABLED": "true", "HOME": str(tmp_path)}
    for name in given:
        environment |= things[name]
    world = StackWorld(PROGRAM, tmp_path, environment, {"kubernetes": cloud.connect})

    result = world.preview()

    assert len(result.diagnostics) == len(said)
    for diagnostic, text in zip(result.diagnostics, said, strict=True):
        assert text in diagnostic.summary
    assert "Traceback" not in str(world.messages)
    assert cloud.objects == {}
