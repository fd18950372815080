"""The double's data sources, by token: functions from a call to an invoke's answer."""

from __future__ import annotations

import json

from botocore.exceptions import ClientError

from meta_prefect.interfaces.provider import CheckFailure, InvokeResponse
from tests.support.aws.kinds import KINDS
from tests.support.aws.shapes import from_pairs, unfit

_PARTITIONS = {"cn": ("aws-cn", "amazonaws.com.cn"), "us-gov": ("aws-us-gov", "amazonaws.com")}


def get_zones(call):
    found = call.client("ec2").describe_availability_zones()["AvailabilityZones"]
    state = call.inputs.get("state")
    zones = [zone for zone in found if state in {None, zone["State"]}]
    return InvokeResponse(
        {
            **call.inputs,
            "id": call.region,
            "names": [zone["ZoneName"] for zone in zones],
            "zoneIds": [zone["ZoneId"] for zone in zones],
            "groupNames": sorted({call.region}),
            "region": call.region,
        }
    )


def get_caller(call):
    found = call.client("sts").get_caller_identity()
    account = found["Account"]
    return InvokeResponse(
        {"id": account, "accountId": account, "arn": found["Arn"], "userId": found["UserId"]}
    )


def get_partition(call):
    names = (value for prefix, value in _PARTITIONS.items() if call.region.startswith(prefix))
    partition, suffix = next(names, ("aws", "amazonaws.com"))
    dns = ".".join(reversed(suffix.split(".")))
    result = {"id": partition, "partition": partition, "dnsSuffix": suffix}
    return InvokeResponse({**result, "reverseDnsPrefix": dns})


def get_region(call):
    region = call.inputs.get("region") or call.region
    return InvokeResponse(
        {
            "id": region,
            "name": region,
            "region": region,
            "description": region,
            "endpoint": f"ec2.{region}.amazonaws.com",
        }
    )


def get_vpc(call):
    ids = [call.inputs["id"]] if call.inputs.get("id") else []
    filters = [
        {"Name": f"tag:{key}", "Values": [value]}
        for key, value in (call.inputs.get("tags") or {}).items()
    ]
    try:
        found = call.client("ec2").describe_vpcs(VpcIds=ids, Filters=filters)["Vpcs"]
    except ClientError as error:
        return InvokeResponse({}, (CheckFailure("id", str(error)),))
    if len(found) != 1:
        return InvokeResponse({}, (CheckFailure("", f"{len(found)} VPCs match, not one"),))
    vpc = found[0]
    tags = from_pairs(vpc.pop("Tags", None))
    spelled = unfit(vpc, None)
    arn = f"arn:aws:ec2:{call.region}:{call.account}:vpc/{vpc['VpcId']}"
    return InvokeResponse({**spelled, "id": vpc["VpcId"], "arn": arn, "tags": tags})


def get_cluster(call):
    """Give an EKS cluster; what a resource has as one object, a data source has as a list."""
    call.id = call.inputs["name"]
    found = KINDS["aws:eks/cluster:Cluster"].read(call)
    if found is None:
        return InvokeResponse({}, (CheckFailure("name", f"there is no cluster {call.id}"),))
    authority = found.pop("certificateAuthority")
    lists = {"accessConfig": "accessConfigs", "kubernetesNetworkConfig": "kubernetesNetworkConfigs"}
    for one, many in lists.items():
        value = found.pop(one, None)
        found[many] = [value] if value else []
    found["upgradePolicies"] = [found.pop("upgradePolicy")] if "upgradePolicy" in found else []
    return InvokeResponse({**found, "id": call.id, "certificateAuthorities": [authority]})


def get_addon(call):
    call.id = f"{call.inputs['clusterName']}:{call.inputs['addonName']}"
    found = KINDS["aws:eks/addon:Addon"].read(call)
    if found is None:
        reason = f"reading EKS Add-On ({call.id}): couldn't find resource"
        return InvokeResponse({}, (CheckFailure("", reason),))
    return InvokeResponse({**found, "id": call.id})


def get_tagged(call):
    """List what of the account has some tags, of some services if asked for."""
    filters = [
        {"Key": item["key"], "Values": item.get("values") or []}
        for item in call.inputs.get("tagFilters") or ()
    ]
    services = call.inputs.get("resourceTypeFilters") or []
    pages = (
        call.client("resourcegroupstaggingapi")
        .get_paginator("get_resources")
        .paginate(TagFilters=filters, ResourceTypeFilters=services)
    )
    found = {
        item["ResourceARN"]: from_pairs(item["Tags"])
        for page in pages
        for item in page["ResourceTagMappingList"]
    }
    if not services or "ecr" in services:
        found |= _list_repositories(call, filters)
    mappings = [
        {"resourceArn": arn, "tags": tags, "complianceDetails": []} for arn, tags in found.items()
    ]
    return InvokeResponse({**call.inputs, "id": call.region, "resourceTagMappingLists": mappings})


def _list_repositories(call, filters):
    """Give tags by ARN of repositories, which moto's tagging service does not know."""
    client = call.client("ecr")
    tags = {
        item["repositoryArn"]: from_pairs(
            client.list_tags_for_resource(resourceArn=item["repositoryArn"])["tags"]
        )
        for item in client.describe_repositories()["repositories"]
    }
    return {
        arn: own
        for arn, own in tags.items()
        if all(own.get(item["Key"]) in item["Values"] for item in filters)
    }


def get_policy_document(call):
    """Write a policy from statements, as the official function does for the common cases."""
    statements = [_build_statement(item) for item in call.inputs.get("statements") or ()]
    document = {"Version": call.inputs.get("version", "2012-10-17"), "Statement": statements}
    id = call.inputs.get("policyId")
    text = json.dumps(document if not id else {**document, "Id": id}, indent=2)
    minified = json.dumps(json.loads(text), separators=(",", ":"))
    return InvokeResponse({**call.inputs, "id": id or "0", "json": text, "minifiedJson": minified})


def _build_statement(item):
    statement = {"Effect": item.get("effect", "Allow")}
    if item.get("sid"):
        statement["Sid"] = item["sid"]
    names = {"actions": "Action", "notActions": "NotAction", "resources": "Resource"}
    for key, name in names.items():
        values = item.get(key)
        if values:
            statement[name] = values[0] if len(values) == 1 else sorted(values)
    for principal in item.get("principals") or ():
        identifiers = principal["identifiers"]
        value = identifiers[0] if len(identifiers) == 1 else sorted(identifiers)
        statement.setdefault("Principal", {})[principal["type"]] = value
    for condition in item.get("conditions") or ():
        values = condition["values"]
        place = statement.setdefault("Condition", {}).setdefault(condition["test"], {})
        place[condition["variable"]] = values[0] if len(values) == 1 else values
    return statement


FUNCTIONS = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": get_zones,
    "aws:index/getCallerIdentity:getCallerIdentity": get_caller,
    "aws:index/getPartition:getPartition": get_partition,
    "aws:index/getRegion:getRegion": get_region,
    "aws:ec2/getVpc:getVpc": get_vpc,
    "aws:eks/getAddon:getAddon": get_addon,
    "aws:eks/getCluster:getCluster": get_cluster,
    "aws:iam/getPolicyDocument:getPolicyDocument": get_policy_document,
    "aws:resourcegroupstaggingapi/getResources:getResources": get_tagged,
}
