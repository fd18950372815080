"""CloudWatch log groups."""

from __future__ import annotations

import secrets

from botocore.exceptions import ClientError

from tests.support.aws.kind import Kind


def create_group(call):
    name = call.inputs.get("name") or f"{call.inputs['namePrefix']}{secrets.token_hex(8)}"
    given = {"tags": call.tags} if call.tags else {}
    if call.inputs.get("kmsKeyId"):
        given["kmsKeyId"] = call.inputs["kmsKeyId"]
    call.client("logs").create_log_group(logGroupName=name, **given)
    call.id = name
    _put_retention(call)


def _put_retention(call):
    client, days = call.client("logs"), call.inputs.get("retentionInDays")
    if days:
        client.put_retention_policy(logGroupName=call.id, retentionInDays=days)
    else:
        client.delete_retention_policy(logGroupName=call.id)


def _find(call):
    client = call.client("logs")
    groups = client.describe_log_groups(logGroupNamePrefix=call.id)["logGroups"]
    return next((group for group in groups if group["logGroupName"] == call.id), None)


def read_group(call):
    found = _find(call)
    if found is None:
        return None
    return {
        "name": call.id,
        "arn": found["arn"].removesuffix(":*"),
        "retentionInDays": found.get("retentionInDays", 0),
        "kmsKeyId": found.get("kmsKeyId"),
        "tags": call.client("logs").list_tags_log_group(logGroupName=call.id)["tags"],
    }


def update_group(call):
    client = call.client("logs")
    _put_retention(call)
    present = client.list_tags_log_group(logGroupName=call.id)["tags"]
    gone = sorted(present.keys() - call.tags.keys())
    if gone:
        client.untag_log_group(logGroupName=call.id, tags=gone)
    if call.tags:
        client.tag_log_group(logGroupName=call.id, tags=call.tags)


def delete_group(call):
    if call.inputs.get("skipDestroy"):
        return
    try:
        call.client("logs").delete_log_group(logGroupName=call.id)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise


KINDS = {
    "aws:cloudwatch/logGroup:LogGroup": Kind(
        create_group,
        read_group,
        delete_group,
        update_group,
        frozenset({"logGroupClass"}),
        name="name",
        prefix="namePrefix",
    ),
}
