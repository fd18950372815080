"""ECS: clusters, what capacity they take, task definitions and services."""

from __future__ import annotations

import json

from botocore.exceptions import ClientError

from tests.support.aws.kind import Kind
from tests.support.aws.shapes import ask, fit, from_pairs, to_pairs, unfit

_GONE = frozenset({"ClusterNotFoundException", "ServiceNotFoundException"})
_KEY = {"key": "key", "value": "value"}


def _pairs(tags):
    return to_pairs(tags, **_KEY)


def _update_tags(call, arn):
    client = call.client("ecs")
    present = from_pairs(client.list_tags_for_resource(resourceArn=arn)["tags"], **_KEY)
    gone = sorted(present.keys() - call.tags.keys())
    if gone:
        client.untag_resource(resourceArn=arn, tagKeys=gone)
    if call.tags:
        client.tag_resource(resourceArn=arn, tags=_pairs(call.tags))


def _find_cluster(call, name):
    answer = call.client("ecs").describe_clusters(
        clusters=[name], include=["TAGS", "SETTINGS", "CONFIGURATIONS"]
    )
    return next((item for item in answer["clusters"] if item["status"] == "ACTIVE"), None)


def create_cluster(call):
    answer = ask(
        call, "ecs", "create_cluster", clusterName=call.inputs["name"], tags=_pairs(call.tags)
    )
    call.id = answer["cluster"]["clusterArn"]


def read_cluster(call):
    found = _find_cluster(call, call.id)
    if found is None:
        return None
    return {
        "name": found["clusterName"],
        "arn": found["clusterArn"],
        "settings": found.get("settings") or None,
        "configuration": unfit(found.get("configuration"), None),
        "tags": from_pairs(found.get("tags"), **_KEY),
    }


def update_cluster(call):
    if call.changed("settings", "configuration"):
        ask(call, "ecs", "update_cluster", cluster=call.id)
    _update_tags(call, call.id)


def delete_cluster(call):
    _ignore_gone(call.client("ecs").delete_cluster, cluster=call.id)


def _ignore_gone(function, **parameters):
    try:
        return function(**parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise
        return None


def put_capacity(call):
    call.client("ecs").put_cluster_capacity_providers(
        cluster=call.inputs["clusterName"],
        capacityProviders=call.inputs.get("capacityProviders") or [],
        defaultCapacityProviderStrategy=call.inputs.get("defaultCapacityProviderStrategies") or [],
    )
    call.id = call.inputs["clusterName"]


def read_capacity(call):
    found = _find_cluster(call, call.id)
    if found is None:
        return None
    return {
        "clusterName": call.id,
        "capacityProviders": found.get("capacityProviders") or [],
        "defaultCapacityProviderStrategies": found.get("defaultCapacityProviderStrategy") or [],
    }


def delete_capacity(call):
    if _find_cluster(call, call.id) is not None:
        call.client("ecs").put_cluster_capacity_providers(
            cluster=call.id, capacityProviders=[], defaultCapacityProviderStrategy=[]
        )


def create_task(call):
    answer = ask(
        call,
        "ecs",
        "register_task_definition",
        containerDefinitions=_fit_containers(call),
        tags=_pairs(call.tags),
    )
    # The id is the family, as with the official plugin; which revision it is, the ARN says.
    call.id = call.inputs["family"]
    call.outputs = {"arn": answer["taskDefinition"]["taskDefinitionArn"]}


def _fit_containers(call):
    model = call.client("ecs").meta.service_model.shape_for("ContainerDefinitions")
    return fit(model, json.loads(call.inputs["containerDefinitions"]))


def read_task(call):
    arn = call.outputs.get("arn", call.id)
    try:
        answer = call.client("ecs").describe_task_definition(taskDefinition=arn, include=["TAGS"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "ClientException":
            return None
        raise
    found = answer["taskDefinition"]
    if found["status"] != "ACTIVE":
        return None
    arn = found["taskDefinitionArn"]
    names = (
        "family",
        "revision",
        "taskRoleArn",
        "executionRoleArn",
        "networkMode",
        "cpu",
        "memory",
    )
    return {
        **{name: found.get(name) for name in names},
        "requiresCompatibilities": found.get("requiresCompatibilities"),
        "containerDefinitions": call.inputs.get("containerDefinitions")
        or json.dumps(found["containerDefinitions"]),
        "arn": arn,
        "arnWithoutRevision": arn.rpartition(":")[0],
        "tags": from_pairs(answer.get("tags"), **_KEY),
    }


def update_task(call):
    _update_tags(call, call.outputs["arn"])


def delete_task(call):
    arn = call.outputs.get("arn")
    if arn and not call.inputs.get("skipDestroy"):
        call.client("ecs").deregister_task_definition(taskDefinition=arn)


def _rename_service(call):
    """Give the parameters whose names or forms are not those of the inputs."""
    inputs = call.inputs
    breaker = inputs.get("deploymentCircuitBreaker")
    deployment = {
        "maximumPercent": inputs.get("deploymentMaximumPercent"),
        "minimumHealthyPercent": inputs.get("deploymentMinimumHealthyPercent"),
        "deploymentCircuitBreaker": breaker,
    }
    network = inputs.get("networkConfiguration")
    given = {key: value for key, value in deployment.items() if value is not None}
    return {
        "deploymentConfiguration": given or None,
        "networkConfiguration": _build_network(network) if network else None,
        "capacityProviderStrategy": inputs.get("capacityProviderStrategies"),
    }


def _build_network(network):
    public = "ENABLED" if network.get("assignPublicIp") else "DISABLED"
    subnets, groups = network.get("subnets"), network.get("securityGroups") or []
    return {
        "awsvpcConfiguration": {
            "subnets": subnets,
            "securityGroups": groups,
            "assignPublicIp": public,
        }
    }


def create_service(call):
    answer = ask(
        call,
        "ecs",
        "create_service",
        serviceName=call.inputs["name"],
        tags=_pairs(call.tags),
        **_rename_service(call),
    )
    call.id = answer["service"]["serviceArn"]


def _find_service(call):
    cluster = call.find("cluster", "default")
    answer = _ignore_gone(
        call.client("ecs").describe_services, cluster=cluster, services=[call.id], include=["TAGS"]
    )
    found = answer["services"] if answer else []
    return next((service for service in found if service["status"] == "ACTIVE"), None)


def read_service(call):
    found = _find_service(call)
    if found is None:
        return None
    return {
        "name": found["serviceName"],
        "arn": found["serviceArn"],
        "cluster": found["clusterArn"],
        "desiredCount": found["desiredCount"],
        "taskDefinition": found["taskDefinition"],
        "launchType": found.get("launchType"),
        "tags": from_pairs(found.get("tags"), **_KEY),
    }


def update_service(call):
    ask(
        call,
        "ecs",
        "update_service",
        cluster=call.find("cluster", "default"),
        service=call.id,
        **_rename_service(call),
    )
    _update_tags(call, call.id)


def delete_service(call):
    if _find_service(call) is not None:
        call.client("ecs").delete_service(
            cluster=call.find("cluster", "default"), service=call.id, force=True
        )


KINDS = {
    "aws:ecs/cluster:Cluster": Kind(
        create_cluster, read_cluster, delete_cluster, update_cluster, name="name"
    ),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": Kind(
        put_capacity, read_capacity, delete_capacity, put_capacity, frozenset({"clusterName"})
    ),
    "aws:ecs/taskDefinition:TaskDefinition": Kind(
        create_task,
        read_task,
        delete_task,
        update_task,
        frozenset(
            {
                "containerDefinitions",
                "cpu",
                "ephemeralStorage",
                "executionRoleArn",
                "family",
                "ipcMode",
                "memory",
                "networkMode",
                "pidMode",
                "placementConstraints",
                "requiresCompatibilities",
                "runtimePlatform",
                "taskRoleArn",
                "volumes",
            }
        ),
    ),
    "aws:ecs/service:Service": Kind(
        create_service,
        read_service,
        delete_service,
        update_service,
        frozenset({"cluster", "launchType", "schedulingStrategy"}),
        name="name",
    ),
}
