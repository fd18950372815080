"""EventBridge rules and where they send events."""

from __future__ import annotations

import secrets

from botocore.exceptions import ClientError

from tests.support.aws.kind import Kind
from tests.support.aws.shapes import ask, from_pairs, to_pairs, unfit

_GONE = "ResourceNotFoundException"


def _ignore_gone(function, **parameters):
    try:
        return function(**parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] != _GONE:
            raise
        return None


def put_rule(call):
    inputs = call.inputs
    name = call.id or inputs.get("name") or f"{inputs['namePrefix']}{secrets.token_hex(8)}"
    tags = {} if call.id else {"Tags": to_pairs(call.tags)}
    ask(call, "events", "put_rule", Name=name, **tags)
    call.id = name
    if tags:
        return
    client, arn = call.client("events"), call.outputs["arn"]
    present = from_pairs(client.list_tags_for_resource(ResourceARN=arn)["Tags"])
    gone = sorted(present.keys() - call.tags.keys())
    if gone:
        client.untag_resource(ResourceARN=arn, TagKeys=gone)
    client.tag_resource(ResourceARN=arn, Tags=to_pairs(call.tags))


def read_rule(call):
    client = call.client("events")
    found = _ignore_gone(client.describe_rule, Name=call.id)
    if found is None:
        return None
    found.pop("ResponseMetadata", None)
    tags = client.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"]
    return {**unfit(found, call.inputs), "tags": from_pairs(tags)}


def put_target(call):
    inputs = call.inputs
    id = call.id.partition("-")[2] or inputs.get("targetId") or secrets.token_hex(8)
    more = {name: inputs.get(key) for name, key in _TARGET_INPUTS.items()}
    target = {"Id": id, **{name: value for name, value in more.items() if value is not None}}
    call.client("events").put_targets(Rule=inputs["rule"], Targets=[target])
    call.id = f"{inputs['rule']}-{id}"


_TARGET_INPUTS = {
    "Arn": "arn",
    "Input": "input",
    "InputPath": "inputPath",
    "RoleArn": "roleArn",
}


def _find_target(call):
    rule = call.find("rule")
    answer = _ignore_gone(call.client("events").list_targets_by_rule, Rule=rule)
    for target in answer["Targets"] if answer else ():
        if f"{rule}-{target['Id']}" == call.id:
            return target
    return None


def read_target(call):
    target = _find_target(call)
    if target is None:
        return None
    outputs = {key: target.get(name) for name, key in _TARGET_INPUTS.items()}
    return {**outputs, "targetId": target["Id"], "rule": call.find("rule")}


def delete_target(call):
    target = _find_target(call)
    if target is not None:
        call.client("events").remove_targets(Rule=call.inputs["rule"], Ids=[target["Id"]])


KINDS = {
    "aws:cloudwatch/eventRule:EventRule": Kind(
        put_rule,
        read_rule,
        lambda call: _ignore_gone(call.client("events").delete_rule, Name=call.id),
        put_rule,
        frozenset({"eventBusName"}),
        name="name",
        prefix="namePrefix",
    ),
    # Only what the queue of a worker needs is sent; other inputs of a target are kept as asked.
    "aws:cloudwatch/eventTarget:EventTarget": Kind(
        put_target,
        read_target,
        delete_target,
        put_target,
        frozenset({"rule", "targetId", "eventBusName"}),
    ),
}
