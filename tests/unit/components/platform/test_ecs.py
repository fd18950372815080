"""What the components of Amazon ECS declare; checked against the SDK."""

import json

from meta_prefect.components.platform.ecs_cluster import EcsCluster
from meta_prefect.components.platform.ecs_pool import EcsWorkPool
from meta_prefect.components.platform.ecs_worker import EcsWorker
from meta_prefect.components.platform.network import ExistingNetwork
from tests.support.recording import record


def pool(**options):
    """Declare a pool in a cluster of its own."""
    network = ExistingNetwork("vpc-1", ["subnet-a", "subnet-b"]).handle
    return EcsWorkPool("tasks", cluster=EcsCluster("main", network=network).handle, **options)


def test_a_cluster_runs_on_fargate_and_keeps_its_logs():
    """Both kinds of capacity, and a log group that stays."""
    made = record(pool)

    capacity = made["ecs-cluster/main/capacity"].inputs
    assert capacity["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    logs = made["ecs-cluster/main/logs"]
    assert logs.inputs["name"] == "/meta-prefect/shop/dev/main"
    assert logs.request.retainOnDelete


def test_a_pool_fills_in_roles_network_and_logs():
    """What every run needs is a default; the key is the ARN of a secret, not the key."""
    made = record(lambda: pool(image="i", api_key="k3y"))

    item = made["work-pool/tasks/pool"].inputs
    variables = item["templateOverlay"]["variables"]
    assert {"task_role_arn", "execution_role_arn", "cluster", "image"} <= variables.keys()
    assert variables["network_configuration"]["default"]["securityGroups"] == [
        "id-of-work-pool/tasks/security-group"
    ]
    assert variables["family"]["default"] == "shop-dev-tasks"
    assert variables.keys() <= item["baseJobTemplate"]["variables"]["properties"].keys()
    assert "k3y" not in str(item)
    policy = json.loads(made["work-pool/tasks/execution-secret"].inputs["policy"])
    assert policy["Statement"][0]["Resource"] == [
        "arn:aws:test:eu-west-1:123456789012:work-pool/tasks/api-key"
    ]


def test_a_worker_hears_from_a_queue_of_its_own_and_waits_for_its_rights():
    """Service after policy; the rule hears one cluster, and only it may write to the queue."""
    made = record(lambda: EcsWorker("tasks", pool=pool(api_key="k"), api_url="https://p/api"))

    service = made["worker/tasks/service"]
    assert "worker/tasks/worker-policy" in service.dependencies
    assert service.inputs["deploymentMinimumHealthyPercent"] == 0
    assert service.inputs["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    pattern = json.loads(made["worker/tasks/events-rule"].inputs["eventPattern"])
    assert pattern["detail"] == {
        "clusterArn": ["arn:aws:test:eu-west-1:123456789012:ecs-cluster/main/cluster"]
    }
    (container,) = json.loads(made["worker/tasks/task"].inputs["containerDefinitions"])
    settings = {item["name"]: item["value"] for item in container["environment"]}
    assert settings["PREFECT_INTEGRATIONS_AWS_ECS_OBSERVER_SQS_QUEUE_NAME"] == (
        "shop-dev-tasks-events"
    )
    assert container["secrets"][0]["name"] == "PREFECT_API_KEY"
    assert made["worker/tasks/task"].inputs["skipDestroy"] is True


def test_a_worker_passes_the_roles_of_its_pool_only():
    """The policy as it is declared names the ARNs that the pool gave."""
    made = record(lambda: EcsWorker("tasks", pool=pool(), api_url="https://p/api"))

    policy = json.loads(made["worker/tasks/worker-policy"].inputs["policy"])
    statements = {item["Sid"]: item for item in policy["Statement"]}
    account = "arn:aws:test:eu-west-1:123456789012"
    assert set(statements["Pass"]["Resource"]) == {
        f"{account}:work-pool/tasks/execution-role",
        f"{account}:work-pool/tasks/task-role",
        "arn:aws:iam::123456789012:role/meta-prefect/shop-dev-*",
    }
