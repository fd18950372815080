"""S3 buckets themselves; what is set on them is in `bucket_settings`."""

from __future__ import annotations

import secrets

from botocore.exceptions import ClientError

from tests.support.aws.kind import Kind
from tests.support.aws.shapes import from_pairs, to_pairs

_FIRST_REGION = "us-east-1"


def create_bucket(call):
    name = call.inputs.get("bucket") or f"{call.inputs['bucketPrefix']}{secrets.token_hex(8)}"
    place = {"LocationConstraint": call.region}
    call.client("s3").create_bucket(
        Bucket=name,
        **({} if call.region == _FIRST_REGION else {"CreateBucketConfiguration": place}),
        **({"ObjectLockEnabledForBucket": True} if call.inputs.get("objectLockEnabled") else {}),
    )
    call.id = name
    write_tags(call)


def write_tags(call):
    client = call.client("s3")
    if call.tags:
        client.put_bucket_tagging(Bucket=call.id, Tagging={"TagSet": to_pairs(call.tags)})
    else:
        client.delete_bucket_tagging(Bucket=call.id)


def read_bucket(call):
    client = call.client("s3")
    try:
        client.head_bucket(Bucket=call.id)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchBucket"}:
            return None
        raise
    domain = f"{call.id}.s3.{call.region}.amazonaws.com"
    return {
        "bucket": call.id,
        "arn": f"arn:aws:s3:::{call.id}",
        "bucketDomainName": f"{call.id}.s3.amazonaws.com",
        "bucketRegionalDomainName": domain,
        "bucketRegion": call.region,
        "hostedZoneId": "Z3AQBSTGFYJSTF",
        "tags": _read_tags(client, call.id),
    }


def _read_tags(client, bucket):
    try:
        return from_pairs(client.get_bucket_tagging(Bucket=bucket)["TagSet"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchTagSet":
            return {}
        raise


def delete_bucket(call):
    """Take a bucket away; what it holds goes with it only when it was said so before."""
    client = call.client("s3")
    try:
        if call.inputs.get("forceDestroy"):
            _empty(client, call.id)
        client.delete_bucket(Bucket=call.id)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise


def _empty(client, bucket):
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for found in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            client.delete_object(Bucket=bucket, Key=found["Key"], VersionId=found["VersionId"])


KINDS = {
    "aws:s3/bucket:Bucket": Kind(
        create_bucket,
        read_bucket,
        delete_bucket,
        write_tags,
        frozenset({"objectLockEnabled"}),
        name="bucket",
        prefix="bucketPrefix",
    ),
}
