"""Route tables, their routes, and which subnets use them."""

from __future__ import annotations

import zlib

from botocore.exceptions import ClientError

from tests.support.aws import ec2
from tests.support.aws.kind import Kind
from tests.support.aws.shapes import ask, unfit

_DESTINATIONS = {
    "destinationCidrBlock": "DestinationCidrBlock",
    "destinationIpv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}


def create_table(call):
    tags = ec2.build_tags(call, "route-table")
    answer = call.client("ec2").create_route_table(
        VpcId=call.inputs["vpcId"], **({"TagSpecifications": tags} if tags else {})
    )
    call.id = answer["RouteTable"]["RouteTableId"]


def read_table(call):
    outputs = ec2.describe(call, "describe_route_tables", "RouteTableIds", "RouteTables")
    if outputs is None:
        return None
    # Routes are resources of their own: those in the table are not the table's inputs.
    outputs.pop("routes", None)
    return {**outputs, "arn": ec2.build_arn(call, "route-table", call.id)}


def create_route(call):
    ask(call, "ec2", "create_route")
    name = next(name for name in _DESTINATIONS if call.inputs.get(name))
    table = call.inputs["routeTableId"]
    call.id = f"r-{table}{zlib.crc32(call.inputs[name].encode())}"


def read_route(call):
    table = call.find("routeTableId")
    try:
        tables = call.client("ec2").describe_route_tables(RouteTableIds=[table])["RouteTables"]
    except ClientError as error:
        if ec2.is_gone(error):
            return None
        raise
    for route in tables[0]["Routes"] if tables else ():
        if any(
            call.find(name) and route.get(parameter) == call.find(name)
            for name, parameter in _DESTINATIONS.items()
        ):
            return {**unfit(route, call.inputs), "routeTableId": table}
    return None


def delete_route(call):
    destination = {
        parameter: call.inputs[name]
        for name, parameter in _DESTINATIONS.items()
        if call.inputs.get(name)
    }
    ec2.delete(call, "delete_route", RouteTableId=call.inputs["routeTableId"], **destination)


def create_association(call):
    call.id = ask(call, "ec2", "associate_route_table")["AssociationId"]


def read_association(call):
    filters = [
        {"Name": "association.route-table-association-id", "Values": [call.id]},
    ]
    tables = call.client("ec2").describe_route_tables(Filters=filters)["RouteTables"]
    for table in tables:
        for association in table["Associations"]:
            if association["RouteTableAssociationId"] == call.id:
                return unfit(association, call.inputs)
    return None


KINDS = {
    "aws:ec2/routeTable:RouteTable": Kind(
        create_table,
        read_table,
        lambda call: ec2.delete(call, "delete_route_table", RouteTableId=call.id),
        ec2.update_tags,
        frozenset({"vpcId"}),
    ),
    "aws:ec2/route:Route": Kind(
        create_route,
        read_route,
        delete_route,
        lambda call: ask(call, "ec2", "replace_route"),
        frozenset({"routeTableId", *_DESTINATIONS}),
    ),
    # An association's id changes with its table, and an update keeps the id: so all replaces here.
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Kind(
        create_association,
        read_association,
        lambda call: ec2.delete(call, "disassociate_route_table", AssociationId=call.id),
    ),
}
