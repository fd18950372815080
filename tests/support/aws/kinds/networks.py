"""VPCs and what lies in them: subnets, gateways, addresses and endpoints."""

from __future__ import annotations

from tests.support.aws import ec2
from tests.support.aws.kind import Kind
from tests.support.aws.shapes import ask

_VPC_SWITCHES = ("enableDnsSupport", "enableDnsHostnames")


def create_vpc(call):
    answer = ask(call, "ec2", "create_vpc", TagSpecifications=ec2.build_tags(call, "vpc"))
    call.id = answer["Vpc"]["VpcId"]
    update_vpc(call)


def update_vpc(call):
    for name in _VPC_SWITCHES:
        if call.inputs.get(name) is not None:
            parameter = {name[:1].upper() + name[1:]: {"Value": call.inputs[name]}}
            call.client("ec2").modify_vpc_attribute(VpcId=call.id, **parameter)
    ec2.update_tags(call)


def read_vpc(call):
    outputs = ec2.describe(call, "describe_vpcs", "VpcIds", "Vpcs")
    if outputs is None:
        return None
    client = call.client("ec2")
    for name in _VPC_SWITCHES:
        answer = client.describe_vpc_attribute(VpcId=call.id, Attribute=name)
        outputs[name] = answer[name[:1].upper() + name[1:]]["Value"]
    mine = [{"Name": "vpc-id", "Values": [call.id]}]
    groups = client.describe_security_groups(
        Filters=[*mine, {"Name": "group-name", "Values": ["default"]}]
    )["SecurityGroups"]
    tables = client.describe_route_tables(
        Filters=[*mine, {"Name": "association.main", "Values": ["true"]}]
    )["RouteTables"]
    table = tables[0]["RouteTableId"] if tables else None
    return {
        **outputs,
        "arn": ec2.build_arn(call, "vpc", call.id),
        "defaultSecurityGroupId": groups[0]["GroupId"] if groups else None,
        "mainRouteTableId": table,
        "defaultRouteTableId": table,
    }


def create_subnet(call):
    answer = ask(call, "ec2", "create_subnet", TagSpecifications=ec2.build_tags(call, "subnet"))
    call.id = answer["Subnet"]["SubnetId"]
    update_subnet(call)


def update_subnet(call):
    public = call.inputs.get("mapPublicIpOnLaunch")
    if public is not None:
        call.client("ec2").modify_subnet_attribute(
            SubnetId=call.id, MapPublicIpOnLaunch={"Value": public}
        )
    ec2.update_tags(call)


def create_internet_gateway(call):
    tags = ec2.build_tags(call, "internet-gateway")
    answer = ask(call, "ec2", "create_internet_gateway", TagSpecifications=tags)
    call.id = answer["InternetGateway"]["InternetGatewayId"]
    if call.inputs.get("vpcId"):
        call.client("ec2").attach_internet_gateway(
            InternetGatewayId=call.id, VpcId=call.inputs["vpcId"]
        )


def read_internet_gateway(call):
    outputs = ec2.describe(
        call, "describe_internet_gateways", "InternetGatewayIds", "InternetGateways"
    )
    if outputs is None:
        return None
    attached = outputs.pop("attachments", [])
    vpc = attached[0]["vpcId"] if attached else ""
    return {**outputs, "vpcId": vpc, "arn": ec2.build_arn(call, "internet-gateway", call.id)}


def update_internet_gateway(call):
    client = call.client("ec2")
    if call.changed("vpcId"):
        if call.old_inputs.get("vpcId"):
            client.detach_internet_gateway(
                InternetGatewayId=call.id, VpcId=call.old_inputs["vpcId"]
            )
        client.attach_internet_gateway(InternetGatewayId=call.id, VpcId=call.inputs["vpcId"])
    ec2.update_tags(call)


def delete_internet_gateway(call):
    if call.inputs.get("vpcId"):
        ec2.delete(
            call,
            "detach_internet_gateway",
            InternetGatewayId=call.id,
            VpcId=call.inputs["vpcId"],
        )
    ec2.delete(call, "delete_internet_gateway", InternetGatewayId=call.id)


def create_address(call):
    tags = ec2.build_tags(call, "elastic-ip")
    answer = call.client("ec2").allocate_address(
        Domain=call.inputs.get("domain", "vpc"), **({"TagSpecifications": tags} if tags else {})
    )
    call.id = answer["AllocationId"]


def read_address(call):
    outputs = ec2.describe(call, "describe_addresses", "AllocationIds", "Addresses")
    arn = ec2.build_arn(call, "elastic-ip", call.id)
    return None if outputs is None else {**outputs, "arn": arn}


def create_nat_gateway(call):
    tags = ec2.build_tags(call, "natgateway")
    answer = ask(call, "ec2", "create_nat_gateway", TagSpecifications=tags)
    call.id = answer["NatGateway"]["NatGatewayId"]


def read_nat_gateway(call):
    outputs = ec2.describe(call, "describe_nat_gateways", "NatGatewayIds", "NatGateways")
    if outputs is None or outputs["state"] in {"deleting", "deleted"}:
        return None
    addresses = outputs.pop("natGatewayAddresses", [])
    address = addresses[0] if addresses else {}
    return {
        **outputs,
        "allocationId": address.get("allocationId"),
        "publicIp": address.get("publicIp"),
        "privateIp": address.get("privateIp"),
    }


def create_endpoint(call):
    answer = ask(
        call,
        "ec2",
        "create_vpc_endpoint",
        PolicyDocument=call.inputs.get("policy"),
        TagSpecifications=ec2.build_tags(call, "vpc-endpoint"),
    )
    call.id = answer["VpcEndpoint"]["VpcEndpointId"]


def read_endpoint(call):
    outputs = ec2.describe(call, "describe_vpc_endpoints", "VpcEndpointIds", "VpcEndpoints")
    if outputs is None or outputs.get("state") in {"deleting", "deleted"}:
        return None
    groups = [group["groupId"] for group in outputs.pop("groups", [])]
    return {
        **outputs,
        "securityGroupIds": groups or None,
        "policy": outputs.get("policyDocument"),
        "arn": ec2.build_arn(call, "vpc-endpoint", call.id),
    }


def update_endpoint(call):
    lists = {"routeTableIds": "RouteTableIds", "subnetIds": "SubnetIds"}
    lists["securityGroupIds"] = "SecurityGroupIds"
    parameters = {}
    for name, parameter in lists.items():
        old = set(call.old_inputs.get(name) or ())
        new = set(call.inputs.get(name) or ())
        parameters[f"Add{parameter}"] = sorted(new - old)
        parameters[f"Remove{parameter}"] = sorted(old - new)
    if call.changed("policy"):
        parameters["PolicyDocument"] = call.inputs.get("policy")
    given = {key: value for key, value in parameters.items() if value}
    if given:
        call.client("ec2").modify_vpc_endpoint(VpcEndpointId=call.id, **given)
    ec2.update_tags(call)


KINDS = {
    "aws:ec2/vpc:Vpc": Kind(
        create_vpc,
        read_vpc,
        lambda call: ec2.delete(call, "delete_vpc", VpcId=call.id),
        update_vpc,
        frozenset({"cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"}),
    ),
    "aws:ec2/subnet:Subnet": Kind(
        create_subnet,
        lambda call: ec2.describe(call, "describe_subnets", "SubnetIds", "Subnets"),
        lambda call: ec2.delete(call, "delete_subnet", SubnetId=call.id),
        update_subnet,
        frozenset({"vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId"}),
    ),
    "aws:ec2/internetGateway:InternetGateway": Kind(
        create_internet_gateway,
        read_internet_gateway,
        delete_internet_gateway,
        update_internet_gateway,
    ),
    "aws:ec2/eip:Eip": Kind(
        create_address,
        read_address,
        lambda call: ec2.delete(call, "release_address", AllocationId=call.id),
        ec2.update_tags,
        frozenset({"domain", "networkBorderGroup", "publicIpv4Pool"}),
    ),
    "aws:ec2/natGateway:NatGateway": Kind(
        create_nat_gateway,
        read_nat_gateway,
        lambda call: ec2.delete(call, "delete_nat_gateway", NatGatewayId=call.id),
        ec2.update_tags,
        frozenset({"allocationId", "subnetId", "connectivityType", "privateIp"}),
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Kind(
        create_endpoint,
        read_endpoint,
        lambda call: ec2.delete(call, "delete_vpc_endpoints", VpcEndpointIds=[call.id]),
        update_endpoint,
        frozenset({"vpcId", "serviceName", "vpcEndpointType"}),
    ),
}
