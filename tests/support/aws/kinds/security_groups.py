"""Security groups and their rules, one resource each."""

from __future__ import annotations

import secrets

from botocore.exceptions import ClientError

from tests.support.aws import ec2
from tests.support.aws.kind import Kind
from tests.support.aws.shapes import from_pairs

_DESCRIPTION = "Managed by Pulumi"
_ALL = "-1"
_NO_PORT = -1


def create_group(call):
    name = call.inputs.get("name") or f"{call.inputs['namePrefix']}{secrets.token_hex(8)}"
    tags = ec2.build_tags(call, "security-group")
    answer = call.client("ec2").create_security_group(
        GroupName=name,
        Description=call.inputs.get("description", _DESCRIPTION),
        **({"VpcId": call.inputs["vpcId"]} if call.inputs.get("vpcId") else {}),
        **({"TagSpecifications": tags} if tags else {}),
    )
    call.id = answer["GroupId"]
    # AWS lets everything out; the official provider starts from nothing.
    call.client("ec2").revoke_security_group_egress(
        GroupId=call.id,
        IpPermissions=[{"IpProtocol": _ALL, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    )


def read_group(call):
    outputs = ec2.describe(call, "describe_security_groups", "GroupIds", "SecurityGroups")
    if outputs is None:
        return None
    return {
        "name": outputs["groupName"],
        "description": outputs["description"],
        "vpcId": outputs.get("vpcId"),
        "ownerId": outputs["ownerId"],
        "tags": outputs["tags"],
        "arn": ec2.build_arn(call, "security-group", call.id),
    }


def _build_permission(call):
    inputs = call.inputs
    permission = {"IpProtocol": str(inputs["ipProtocol"])}
    if permission["IpProtocol"] != _ALL:
        permission |= {"FromPort": inputs["fromPort"], "ToPort": inputs["toPort"]}
    said = {"Description": inputs["description"]} if inputs.get("description") else {}
    if inputs.get("cidrIpv4"):
        permission["IpRanges"] = [{"CidrIp": inputs["cidrIpv4"], **said}]
    if inputs.get("cidrIpv6"):
        permission["Ipv6Ranges"] = [{"CidrIpv6": inputs["cidrIpv6"], **said}]
    if inputs.get("prefixListId"):
        permission["PrefixListIds"] = [{"PrefixListId": inputs["prefixListId"], **said}]
    if inputs.get("referencedSecurityGroupId"):
        other = {"GroupId": inputs["referencedSecurityGroupId"], **said}
        permission["UserIdGroupPairs"] = [other]
    return permission


def _create_rule(call, operation):
    tags = ec2.build_tags(call, "security-group-rule")
    answer = getattr(call.client("ec2"), operation)(
        GroupId=call.inputs["securityGroupId"],
        IpPermissions=[_build_permission(call)],
        **({"TagSpecifications": tags} if tags else {}),
    )
    call.id = answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]


def read_rule(call):
    try:
        answer = call.client("ec2").describe_security_group_rules(SecurityGroupRuleIds=[call.id])
    except ClientError as error:
        if ec2.is_gone(error):
            return None
        raise
    rules = [r for r in answer["SecurityGroupRules"] if r["SecurityGroupRuleId"] == call.id]
    if not rules:
        return None
    rule = rules[0]
    return {
        "securityGroupRuleId": call.id,
        "securityGroupId": rule["GroupId"],
        "ipProtocol": rule["IpProtocol"],
        "fromPort": rule.get("FromPort"),
        "toPort": rule.get("ToPort"),
        "cidrIpv4": rule.get("CidrIpv4"),
        "cidrIpv6": rule.get("CidrIpv6"),
        "prefixListId": rule.get("PrefixListId"),
        "description": rule.get("Description"),
        "arn": ec2.build_arn(call, "security-group-rule", call.id),
        "tags": from_pairs(rule.get("Tags")),
    }


def _build_rule(create, revoke):
    return Kind(
        lambda call: _create_rule(call, create),
        read_rule,
        lambda call: ec2.delete(
            call, revoke, GroupId=call.inputs["securityGroupId"], SecurityGroupRuleIds=[call.id]
        ),
        update_rule,
        frozenset({"securityGroupId"}),
    )


def update_rule(call):
    rule = _build_permission(call)
    flat = {
        "IpProtocol": rule["IpProtocol"],
        "FromPort": rule.get("FromPort", _NO_PORT),
        "ToPort": rule.get("ToPort", _NO_PORT),
        "CidrIpv4": call.inputs.get("cidrIpv4"),
        "CidrIpv6": call.inputs.get("cidrIpv6"),
        "PrefixListId": call.inputs.get("prefixListId"),
        "ReferencedGroupId": call.inputs.get("referencedSecurityGroupId"),
        "Description": call.inputs.get("description"),
    }
    given = {key: value for key, value in flat.items() if value is not None}
    call.client("ec2").modify_security_group_rules(
        GroupId=call.inputs["securityGroupId"],
        SecurityGroupRules=[{"SecurityGroupRuleId": call.id, "SecurityGroupRule": given}],
    )
    ec2.update_tags(call)


KINDS = {
    "aws:ec2/securityGroup:SecurityGroup": Kind(
        create_group,
        read_group,
        lambda call: ec2.delete(call, "delete_security_group", GroupId=call.id),
        ec2.update_tags,
        frozenset({"vpcId", "description"}),
        name="name",
        prefix="namePrefix",
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _build_rule(
        "authorize_security_group_ingress", "revoke_security_group_ingress"
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _build_rule(
        "authorize_security_group_egress", "revoke_security_group_egress"
    ),
}
