"""What resource types of EC2 share: tags at birth and afterwards, and things that are gone."""

from __future__ import annotations

from botocore.exceptions import ClientError

from tests.support.aws.shapes import from_pairs, spell, to_pairs


def build_tags(call, type):
    """Write the tags that an object is born with; None when it has none."""
    return [{"ResourceType": type, "Tags": to_pairs(call.tags)}] if call.tags else None


def update_tags(call):
    """Make an object's tags those of the call."""
    client = call.client("ec2")
    gone = [{"Key": key} for key in sorted(read_tags(call).keys() - call.tags.keys())]
    if gone:
        client.delete_tags(Resources=[call.id], Tags=gone)
    if call.tags:
        client.create_tags(Resources=[call.id], Tags=to_pairs(call.tags))


def read_tags(call):
    """Give the tags of the object with the call's id."""
    filters = [{"Name": "resource-id", "Values": [call.id]}]
    return from_pairs(call.client("ec2").describe_tags(Filters=filters)["Tags"])


def describe(call, operation, parameter, key, **more):
    """Give the outputs of the one object with the call's id; None when it is gone."""
    try:
        answer = getattr(call.client("ec2"), operation)(**{parameter: [call.id]})
    except ClientError as error:
        if is_gone(error):
            return None
        raise
    found = answer[key]
    return describe_one(call, found[0], **more) if found else None


def describe_one(call, found, **more):
    """Give outputs of an answer's object, its tags among them."""
    tags = from_pairs(found.pop("Tags", None))
    return spell(call, found, tags=tags, **more)


def delete(call, operation, **parameters):
    """Call an operation that takes an object away; fine when it is gone already."""
    try:
        getattr(call.client("ec2"), operation)(**parameters)
    except ClientError as error:
        if not is_gone(error):
            raise


def is_gone(error):
    """Say whether an error means that an object does not exist."""
    code = error.response["Error"]["Code"]
    return "NotFound" in code or code in {"NatGatewayMalformed", "InvalidRoute.NotFound"}


def build_arn(call, kind, id):
    """Give the ARN of an EC2 object."""
    return f"arn:aws:ec2:{call.region}:{call.account}:{kind}/{id}"
