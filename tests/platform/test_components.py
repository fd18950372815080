"""Components that no reference program has, on the AWS double: up, nothing to do, down."""

import os

import pulumi
import pytest

from meta_prefect.components.platform.bucket import CodeBucket
from meta_prefect.components.platform.databases import RdsPostgres
from meta_prefect.components.platform.ecs_cluster import EcsCluster
from meta_prefect.components.platform.ecs_pool import EcsWorkPool
from meta_prefect.components.platform.ecs_worker import EcsWorker
from meta_prefect.components.platform.eks_cluster import EksCluster
from meta_prefect.components.platform.namespace import Namespace
from meta_prefect.components.platform.network import Network
from meta_prefect.components.platform.pod_identity import PodIdentity
from meta_prefect.components.platform.policies import allow_code, render_policy
from meta_prefect.components.platform.prefect_server import PrefectServerOnKubernetes
from meta_prefect.components.platform.registry import ContainerRegistry
from meta_prefect.components.platform.task_identity import TaskIdentity
from meta_prefect.engine.embedded.engine import EmbeddedEngine
from meta_prefect.engine.embedded.plugin_finder import PluginPlace
from meta_prefect.interfaces.engine import Outcome
from meta_prefect.provider import sdk
from meta_prefect.provider.provider import PrefectProvider
from tests.support.embedded import EmbeddedBench
from tests.support.fake_prefect import FakePrefect
from tests.support.memory_platform import PlatformCloud

pytest_plugins = ["tests.support.aws.world"]
pytestmark = pytest.mark.e2e

API_URL = "https://prefect.test/api"
POLICY = render_policy(allow_code("arn:aws:s3:::code", "code"))


@pytest.fixture
def bench(aws, tmp_path, monkeypatch):
    """A stack with the AWS double, and a Prefect and clusters in memory."""
    monkeypatch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    place = PluginPlace(
        {**os.environ, **aws.environment}, tmp_path / "home", {}, may_download=False
    )
    made = EmbeddedBench(tmp_path / "state", plugins=place)
    prefect = FakePrefect()

    async def connect(log):
        return PrefectProvider(log, environment={}, transport=prefect.transport)

    providers = {"prefect": connect, "kubernetes": PlatformCloud().connect}
    made.engine = EmbeddedEngine(made.backend, providers, place)
    return made


def in_prefect():
    """Give the options of what lives in Prefect."""
    return pulumi.ResourceOptions(providers=[sdk.Provider("prefect", api_url=API_URL)])


def declare_ecs():
    """A pool on Fargate with its worker, a registry and a bucket for code."""
    network = Network("main", zones=3, nat="per_zone", endpoints=("s3", "ecr.api", "sts"))
    cluster = EcsCluster("main", network=network.handle, spot=True, insights=True)
    pool = EcsWorkPool("tasks", cluster=cluster.handle, api_key="key", opts=in_prefect())
    EcsWorker("tasks", pool=pool, api_url=API_URL)
    ContainerRegistry("flows", data="delete")
    CodeBucket("code", data="delete")
    TaskIdentity("grant", owner="report", policies={"code": POLICY})


def declare_irsa():
    """A cluster with web identities and administrators, and a server with a database in RDS."""
    network = Network("main")
    cluster = EksCluster(
        "main",
        network=network.handle,
        version="1.35",
        admins=("arn:aws:iam::123456789012:role/admin",),
        public_cidrs=("192.0.2.0/24",),
        identity="irsa",
    )
    namespace = Namespace("flows", cluster=cluster.handle)
    PodIdentity("report", namespace=namespace.handle, policies={"code": POLICY})
    PrefectServerOnKubernetes(
        "main",
        namespace=namespace.handle,
        version="3.8.8",
        database=RdsPostgres("pa55word", network.handle, cluster.handle.security_group_id),
    )


@pytest.mark.parametrize("program", [declare_ecs, declare_irsa])
def test_what_is_declared_comes_and_stays(bench, program):
    """Everything is made, and a second `up` finds nothing to do."""
    made = bench.up(program)
    messages = bench.messages
    again = bench.up(program)
    steps = [step for step in bench.steps if step[0] != "same"]

    assert made.outcome is Outcome.SUCCEEDED, messages
    assert (again.outcome, steps) == (Outcome.SUCCEEDED, [])


def test_what_may_go_goes(bench, aws):
    """With `data="delete"` a bucket and a registry go, too; the logs of tasks stay."""
    bench.up(declare_ecs)

    gone = bench.destroy()

    assert gone.outcome is Outcome.SUCCEEDED, bench.messages
    assert aws.client("s3").list_buckets()["Buckets"] == []
    assert aws.client("ecr").describe_repositories()["repositories"] == []
    groups = aws.client("logs").describe_log_groups()["logGroups"]
    assert [group["logGroupName"] for group in groups] == ["/meta-prefect/conf/dev/main"]
