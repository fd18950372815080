"""RDS instances and the subnets they may be in."""

from __future__ import annotations

import secrets

from botocore.exceptions import ClientError

from meta_prefect.interfaces.provider import ProviderError
from tests.support.aws.kind import Kind
from tests.support.aws.shapes import ask, from_pairs, spell, to_pairs

_GONE = frozenset({"DBInstanceNotFound", "DBInstanceNotFoundFault", "DBSubnetGroupNotFoundFault"})


def _ignore_gone(function, **parameters):
    try:
        return function(**parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise
        return None


def create_instance(call):
    inputs = call.inputs
    name = inputs.get("identifier") or f"{inputs['identifierPrefix']}{secrets.token_hex(8)}"
    answer = ask(
        call, "rds", "create_db_instance", **_rename(inputs, name), Tags=to_pairs(call.tags)
    )
    call.id = answer["DBInstance"]["DbiResourceId"]


def _rename(inputs, name):
    """Give the parameters whose names are not those of the inputs."""
    return {
        "DBInstanceIdentifier": name,
        "DBInstanceClass": inputs["instanceClass"],
        "MasterUsername": inputs.get("username"),
        "MasterUserPassword": inputs.get("password"),
        "EnableIAMDatabaseAuthentication": inputs.get("iamDatabaseAuthenticationEnabled"),
    }


def _find(call):
    answer = call.client("rds").describe_db_instances()
    for found in answer["DBInstances"]:
        if found["DbiResourceId"] == call.id:
            return found
    return None


def read_instance(call):
    found = _find(call)
    if found is None:
        return None
    endpoint = found.pop("Endpoint", {})
    address, port = endpoint.get("Address", ""), endpoint.get("Port")
    tags = from_pairs(found.pop("TagList", None))
    subnets = found.pop("DBSubnetGroup", None) or {}
    groups = found.pop("VpcSecurityGroups", None) or []
    # Another one at every look: not a property of the resource.
    found.pop("LatestRestorableTime", None)
    return {
        **spell(call, found),
        "identifier": found["DBInstanceIdentifier"],
        "instanceClass": found["DBInstanceClass"],
        "dbName": found.get("DBName"),
        "username": found.get("MasterUsername"),
        "arn": found["DBInstanceArn"],
        "resourceId": found["DbiResourceId"],
        "status": found["DBInstanceStatus"],
        "engineVersionActual": found["EngineVersion"],
        "address": address,
        "port": port,
        "endpoint": f"{address}:{port}",
        "dbSubnetGroupName": subnets.get("DBSubnetGroupName"),
        "vpcSecurityGroupIds": [group["VpcSecurityGroupId"] for group in groups] or None,
        "tags": tags,
    }


def update_instance(call):
    found = _find(call)
    parameters = _rename(call.inputs, found["DBInstanceIdentifier"])
    parameters["MasterUsername"] = None
    ask(call, "rds", "modify_db_instance", ApplyImmediately=True, **parameters)
    _update_tags(call, found["DBInstanceArn"])


def delete_instance(call):
    """
    Take a database away, with a last snapshot unless it was said to need none.

    Raises:
        ProviderError: nothing says which of the two.
    """
    found = _find(call)
    if found is None:
        return
    last = {"SkipFinalSnapshot": True}
    if not call.inputs.get("skipFinalSnapshot"):
        name = call.inputs.get("finalSnapshotIdentifier")
        if not name:
            raise ProviderError("finalSnapshotIdentifier is required unless skipFinalSnapshot")
        last = {"SkipFinalSnapshot": False, "FinalDBSnapshotIdentifier": name}
    _ignore_gone(
        call.client("rds").delete_db_instance,
        DBInstanceIdentifier=found["DBInstanceIdentifier"],
        **last,
    )


def create_group(call):
    name = (
        call.id or call.inputs.get("name") or f"{call.inputs['namePrefix']}{secrets.token_hex(8)}"
    )
    ask(
        call,
        "rds",
        "create_db_subnet_group",
        DBSubnetGroupName=name,
        DBSubnetGroupDescription=call.inputs.get("description", "Managed by Pulumi"),
        Tags=to_pairs(call.tags),
    )
    call.id = name


def read_group(call):
    answer = _ignore_gone(call.client("rds").describe_db_subnet_groups, DBSubnetGroupName=call.id)
    if answer is None:
        return None
    found = answer["DBSubnetGroups"][0]
    arn = found["DBSubnetGroupArn"]
    tags = call.client("rds").list_tags_for_resource(ResourceName=arn)["TagList"]
    return {
        "name": call.id,
        "arn": arn,
        "vpcId": found["VpcId"],
        "description": found["DBSubnetGroupDescription"],
        "subnetIds": [subnet["SubnetIdentifier"] for subnet in found["Subnets"]],
        "tags": from_pairs(tags),
    }


def delete_group(call):
    _ignore_gone(call.client("rds").delete_db_subnet_group, DBSubnetGroupName=call.id)


def update_group(call):
    # moto 5.2 loses a group that is modified: `subnet_groups.pop` in its `rds/models.py`.
    delete_group(call)
    create_group(call)


def _update_tags(call, arn):
    client = call.client("rds")
    present = from_pairs(client.list_tags_for_resource(ResourceName=arn)["TagList"])
    gone = sorted(present.keys() - call.tags.keys())
    if gone:
        client.remove_tags_from_resource(ResourceName=arn, TagKeys=gone)
    client.add_tags_to_resource(ResourceName=arn, Tags=to_pairs(call.tags))


KINDS = {
    "aws:rds/instance:Instance": Kind(
        create_instance,
        read_instance,
        delete_instance,
        update_instance,
        frozenset(
            {
                "availabilityZone",
                "characterSetName",
                "dbName",
                "dbSubnetGroupName",
                "engine",
                "kmsKeyId",
                "storageEncrypted",
                "username",
            }
        ),
        name="identifier",
        prefix="identifierPrefix",
    ),
    "aws:rds/subnetGroup:SubnetGroup": Kind(
        create_group,
        read_group,
        delete_group,
        update_group,
        name="name",
        prefix="namePrefix",
    ),
}
