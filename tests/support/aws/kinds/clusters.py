"""
EKS clusters.

Where a cluster's Kubernetes is, moto makes up; tests that have a real API server say where it is by
`META_PREFECT_EKS_ENDPOINT` and `META_PREFECT_EKS_CA` (base64), and every cluster then is that one.
"""

from __future__ import annotations

import os

from tests.support.aws import ec2, eks
from tests.support.aws.kind import Kind
from tests.support.aws.shapes import ask, unfit

# What moto drops, and what it has no call to change.
_KEPT = "eks-cluster"
_KEPT_INPUTS = (
    "accessConfig",
    "bootstrapSelfManagedAddons",
    "deletionProtection",
    "upgradePolicy",
    "version",
    "zonalShiftConfig",
)


def create_cluster(call):
    inputs = call.inputs
    encryption = inputs.get("encryptionConfig")
    ask(
        call,
        "eks",
        "create_cluster",
        resourcesVpcConfig=_build_network(inputs),
        logging=_build_logging(inputs),
        encryptionConfig=[unfit(encryption, None)] if encryption else None,
        tags=call.tags,
    )
    call.id = inputs["name"]
    _keep(call, _create_group(call))


def _create_group(call):
    """Make the cluster's own security group, as EKS does; gives what it adds to the network."""
    client, asked = call.client("ec2"), call.inputs["vpcConfig"]
    vpc = client.describe_subnets(SubnetIds=asked["subnetIds"])["Subnets"][0]["VpcId"]
    answer = client.create_security_group(
        GroupName=f"eks-cluster-sg-{call.id}", Description="EKS created", VpcId=vpc
    )
    return {"vpcId": vpc, "clusterSecurityGroupId": answer["GroupId"]}


def _keep(call, network):
    values = {name: call.inputs[name] for name in _KEPT_INPUTS if name in call.inputs}
    call.kept.write(_KEPT, call.id, {"network": network, "inputs": values})


def _read_kept(call):
    return call.kept.read(_KEPT, call.id) or {"network": {}, "inputs": {}}


def _build_network(inputs):
    names = (
        "subnetIds",
        "securityGroupIds",
        "endpointPublicAccess",
        "endpointPrivateAccess",
        "publicAccessCidrs",
    )
    return {name: inputs["vpcConfig"][name] for name in names if name in inputs["vpcConfig"]}


def _build_logging(inputs):
    types = inputs.get("enabledClusterLogTypes")
    return {"clusterLogging": [{"types": types, "enabled": True}]} if types else None


def read_cluster(call):
    found = eks.find_cluster(call, call.id)
    if found is None:
        return None
    kept = _read_kept(call)
    return {
        "name": found["name"],
        "clusterId": found["name"],
        "arn": found["arn"],
        "roleArn": found["roleArn"],
        "version": found["version"],
        "status": found["status"],
        "platformVersion": found["platformVersion"],
        "createdAt": found["createdAt"].isoformat(),
        "endpoint": os.environ.get("META_PREFECT_EKS_ENDPOINT") or found["endpoint"],
        "certificateAuthority": {
            "data": os.environ.get("META_PREFECT_EKS_CA") or found["certificateAuthority"]["data"]
        },
        "identities": [{"oidcs": [{"issuer": found["identity"]["oidc"]["issuer"]}]}],
        "enabledClusterLogTypes": _read_logging(found),
        "vpcConfig": {**unfit(found["resourcesVpcConfig"], None), **kept["network"]},
        "kubernetesNetworkConfig": unfit(found.get("kubernetesNetworkConfig"), None),
        "tags": found["tags"],
        **kept["inputs"],
    }


def _read_logging(found):
    return [
        type
        for setup in found["logging"]["clusterLogging"]
        if setup["enabled"]
        for type in setup["types"]
    ]


def update_cluster(call):
    client = call.client("eks")
    if call.changed("vpcConfig"):
        client.update_cluster_config(name=call.id, resourcesVpcConfig=_build_network(call.inputs))
    if call.changed("enabledClusterLogTypes"):
        old = call.old_inputs.get("enabledClusterLogTypes") or []
        logging = _build_logging(call.inputs) or {
            "clusterLogging": [{"types": old, "enabled": False}]
        }
        client.update_cluster_config(name=call.id, logging=logging)
    _keep(call, _read_kept(call)["network"])
    eks.update_tags(call, eks.build_arn(call, "cluster", call.id))


def delete_cluster(call):
    eks.ignore_gone(call.client("eks").delete_cluster, name=call.id)
    group = _read_kept(call)["network"].get("clusterSecurityGroupId")
    if group:
        ec2.delete(call, "delete_security_group", GroupId=group)
    call.kept.delete(_KEPT, call.id)


KINDS = {
    "aws:eks/cluster:Cluster": Kind(
        create_cluster,
        read_cluster,
        delete_cluster,
        update_cluster,
        frozenset(
            {
                "roleArn",
                "encryptionConfig",
                "kubernetesNetworkConfig",
                "bootstrapSelfManagedAddons",
                "accessConfig.bootstrapClusterCreatorAdminPermissions",
            }
        ),
        name="name",
    ),
}
