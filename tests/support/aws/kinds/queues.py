"""SQS queues and their policies."""

from __future__ import annotations

import json
import secrets

from botocore.exceptions import ClientError

from tests.support.aws.kind import Kind

_GONE = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})

# Attributes by the inputs that say them.
_ATTRIBUTES = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deduplicationScope": "DeduplicationScope",
    "delaySeconds": "DelaySeconds",
    "fifoQueue": "FifoQueue",
    "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "policy": "Policy",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "redrivePolicy": "RedrivePolicy",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}


def _build_attributes(inputs):
    return {
        attribute: _write(inputs[name])
        for name, attribute in _ATTRIBUTES.items()
        if inputs.get(name) is not None
    }


def _write(value):
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, dict) else str(value)


def _get_attributes(call):
    try:
        answer = call.client("sqs").get_queue_attributes(QueueUrl=call.id, AttributeNames=["All"])
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            return None
        raise
    return answer.get("Attributes", {})


def create_queue(call):
    name = call.inputs.get("name") or f"{call.inputs['namePrefix']}{secrets.token_hex(8)}"
    answer = call.client("sqs").create_queue(
        QueueName=name, Attributes=_build_attributes(call.inputs), tags=call.tags
    )
    call.id = answer["QueueUrl"]


def read_queue(call):
    found = _get_attributes(call)
    if found is None:
        return None
    arn = found["QueueArn"]
    texts = {"policy", "redrivePolicy", "redriveAllowPolicy", "kmsMasterKeyId"}
    outputs = {name: found.get(attribute) for name, attribute in _ATTRIBUTES.items()}
    numbers = {
        name: int(value)
        for name, value in outputs.items()
        if value and value.isdecimal() and name not in texts
    }
    switches = {
        name: value == "true" for name, value in outputs.items() if value in {"true", "false"}
    }
    tags = call.client("sqs").list_queue_tags(QueueUrl=call.id).get("Tags", {})
    name = arn.rpartition(":")[2]
    return {
        **outputs,
        **numbers,
        **switches,
        "name": name,
        "arn": arn,
        "url": call.id,
        "tags": tags,
    }


def update_queue(call):
    client = call.client("sqs")
    client.set_queue_attributes(QueueUrl=call.id, Attributes=_build_attributes(call.inputs))
    present = client.list_queue_tags(QueueUrl=call.id).get("Tags", {})
    gone = sorted(present.keys() - call.tags.keys())
    if gone:
        client.untag_queue(QueueUrl=call.id, TagKeys=gone)
    if call.tags:
        client.tag_queue(QueueUrl=call.id, Tags=call.tags)


def delete_queue(call):
    try:
        call.client("sqs").delete_queue(QueueUrl=call.id)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise


def put_policy(call):
    call.id = call.inputs["queueUrl"]
    policy = _write(call.inputs["policy"])
    call.client("sqs").set_queue_attributes(QueueUrl=call.id, Attributes={"Policy": policy})


def read_policy(call):
    policy = (_get_attributes(call) or {}).get("Policy")
    return {"queueUrl": call.id, "policy": policy} if policy else None


def delete_policy(call):
    if _get_attributes(call) is not None:
        call.client("sqs").set_queue_attributes(QueueUrl=call.id, Attributes={"Policy": ""})


KINDS = {
    "aws:sqs/queue:Queue": Kind(
        create_queue,
        read_queue,
        delete_queue,
        update_queue,
        frozenset({"fifoQueue"}),
        name="name",
        prefix="namePrefix",
    ),
    "aws:sqs/queuePolicy:QueuePolicy": Kind(
        put_policy, read_policy, delete_policy, put_policy, frozenset({"queueUrl"})
    ),
}
