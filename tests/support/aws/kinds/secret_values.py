"""Secrets Manager: secrets, and the versions that hold their values."""

from __future__ import annotations

import secrets

from botocore.exceptions import ClientError

from tests.support.aws.kind import Kind
from tests.support.aws.shapes import ask, from_pairs, to_pairs

_GONE = frozenset({"ResourceNotFoundException", "InvalidRequestException"})
_WINDOW_DAYS = 30


def _ignore_gone(function, **parameters):
    try:
        return function(**parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise
        return None


def create_secret(call):
    name = call.inputs.get("name") or f"{call.inputs['namePrefix']}{secrets.token_hex(8)}"
    answer = ask(call, "secretsmanager", "create_secret", Name=name, Tags=to_pairs(call.tags))
    call.id = answer["ARN"]


def read_secret(call):
    found = _ignore_gone(call.client("secretsmanager").describe_secret, SecretId=call.id)
    if found is None or found.get("DeletedDate"):
        return None
    return {
        "name": found["Name"],
        "arn": found["ARN"],
        "description": found.get("Description"),
        "kmsKeyId": found.get("KmsKeyId"),
        "tags": from_pairs(found.get("Tags")),
    }


def update_secret(call):
    client = call.client("secretsmanager")
    ask(
        call,
        "secretsmanager",
        "update_secret",
        SecretId=call.id,
        Description=call.inputs.get("description", ""),
    )
    present = client.describe_secret(SecretId=call.id).get("Tags", [])
    gone = sorted({tag["Key"] for tag in present} - call.tags.keys())
    if gone:
        client.untag_resource(SecretId=call.id, TagKeys=gone)
    if call.tags:
        client.tag_resource(SecretId=call.id, Tags=to_pairs(call.tags))


def delete_secret(call):
    """Take a secret away, now or after its window, in which its name stays taken."""
    days = call.inputs.get("recoveryWindowInDays", _WINDOW_DAYS)
    when = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
    _ignore_gone(call.client("secretsmanager").delete_secret, SecretId=call.id, **when)


def put_version(call):
    answer = ask(call, "secretsmanager", "put_secret_value")
    call.id = f"{answer['ARN']}|{answer['VersionId']}"


def read_version(call):
    secret, _, version = call.id.partition("|")
    found = _ignore_gone(
        call.client("secretsmanager").get_secret_value, SecretId=secret, VersionId=version
    )
    if found is None:
        return None
    return {
        "arn": found["ARN"],
        "secretArn": found["ARN"],
        "versionId": found["VersionId"],
        "secretString": found.get("SecretString"),
        "versionStages": found["VersionStages"],
    }


KINDS = {
    "aws:secretsmanager/secret:Secret": Kind(
        create_secret,
        read_secret,
        delete_secret,
        update_secret,
        name="name",
        prefix="namePrefix",
    ),
    # A version is never changed and never deleted: AWS drops the oldest that nothing points to.
    "aws:secretsmanager/secretVersion:SecretVersion": Kind(
        put_version, read_version, lambda call: None
    ),
}
