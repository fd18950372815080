"""EKS managed node groups."""

from __future__ import annotations

import secrets

from tests.support.aws import eks
from tests.support.aws.kind import Kind
from tests.support.aws.shapes import ask, unfit

# What moto cannot change once a group is made; neither can it change the tags.
_KEPT = "eks-node-group"
_KEPT_INPUTS = ("launchTemplate", "releaseVersion", "updateConfig", "version")


def create_group(call):
    inputs = call.inputs
    name = inputs.get("nodeGroupName") or f"{inputs['nodeGroupNamePrefix']}{secrets.token_hex(8)}"
    ask(
        call,
        "eks",
        "create_nodegroup",
        nodegroupName=name,
        nodeRole=inputs["nodeRoleArn"],
        subnets=inputs["subnetIds"],
        launchTemplate=_build_template(inputs),
        tags=call.tags,
    )
    call.id = f"{inputs['clusterName']}:{name}"
    _keep(call)


def _build_template(inputs):
    template = inputs.get("launchTemplate")
    return {key: str(value) for key, value in template.items()} if template else None


def _keep(call):
    values = {name: call.inputs[name] for name in _KEPT_INPUTS if name in call.inputs}
    call.kept.write(_KEPT, call.id, {**values, "tags": call.tags})


def _read(call):
    cluster, _, name = call.id.partition(":")
    answer = eks.ignore_gone(
        call.client("eks").describe_nodegroup, clusterName=cluster, nodegroupName=name
    )
    return answer["nodegroup"] if answer else None


def read_group(call):
    found = _read(call)
    if found is None:
        return None
    tags = found.pop("tags", {})
    labels = found.pop("labels", None)
    groups = [{"name": group["name"]} for group in found["resources"].get("autoScalingGroups", ())]
    return {
        **unfit(found, call.inputs),
        "arn": found["nodegroupArn"],
        "nodeGroupName": found["nodegroupName"],
        "nodeRoleArn": found["nodeRole"],
        "subnetIds": found["subnets"],
        "labels": labels,
        "tags": tags,
        "taints": unfit(found.get("taints"), None),
        "resources": [{"autoscalingGroups": groups}],
        **(call.kept.read(_KEPT, call.id) or {}),
    }


def update_group(call):
    cluster, _, name = call.id.partition(":")
    config = {}
    if call.changed("scalingConfig"):
        config["scalingConfig"] = call.inputs["scalingConfig"]
    if call.changed("labels"):
        old, new = (x.get("labels") or {} for x in (call.old_inputs, call.inputs))
        gone = sorted(old.keys() - new.keys())
        config["labels"] = {"addOrUpdateLabels": new, "removeLabels": gone}
    if call.changed("taints"):
        old, new = (x.get("taints") or [] for x in (call.old_inputs, call.inputs))
        gone = [taint for taint in old if taint not in new]
        config["taints"] = {"addOrUpdateTaints": new, "removeTaints": gone}
    if config:
        call.client("eks").update_nodegroup_config(
            clusterName=cluster, nodegroupName=name, **config
        )
    _keep(call)


def delete_group(call):
    cluster, _, name = call.id.partition(":")
    eks.ignore_gone(call.client("eks").delete_nodegroup, clusterName=cluster, nodegroupName=name)
    call.kept.delete(_KEPT, call.id)


KINDS = {
    "aws:eks/nodeGroup:NodeGroup": Kind(
        create_group,
        read_group,
        delete_group,
        update_group,
        frozenset(
            {
                "clusterName",
                "instanceTypes",
                "amiType",
                "capacityType",
                "diskSize",
                "subnetIds",
                "nodeRoleArn",
                "launchTemplate.id",
                "launchTemplate.name",
                "remoteAccess",
            }
        ),
        name="nodeGroupName",
        prefix="nodeGroupNamePrefix",
    ),
}
