"""
Objects in S3 buckets, as which code is uploaded; their content is an asset of the program.

Moto heeds no condition of a bucket's policy, so that one against plain HTTP denies it everything:
the policy is lifted for a moment.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

from botocore.exceptions import ClientError

from meta_prefect.interfaces.values import Asset
from tests.support.aws.kind import Kind
from tests.support.aws.kinds.bucket_settings import POLICIES
from tests.support.aws.shapes import to_pairs


def write_object(call):
    with _unhindered(call) as (client, place):
        client.put_object(
            **place,
            Body=_read_content(call.inputs),
            Tagging="&".join(f"{pair['Key']}={pair['Value']}" for pair in to_pairs(call.tags)),
        )
    call.id = call.inputs["key"]


@contextmanager
def _unhindered(call):
    """Give a client with a place, the bucket and the key, while the bucket has no policy."""
    client, bucket = call.client("s3"), call.find("bucket")
    with POLICIES:
        policy = _find_policy(client, bucket)
        if policy:
            client.delete_bucket_policy(Bucket=bucket)
        try:
            yield client, {"Bucket": bucket, "Key": call.find("key")}
        finally:
            if policy:
                client.put_bucket_policy(Bucket=bucket, Policy=policy)


def _find_policy(client, bucket):
    try:
        return client.get_bucket_policy(Bucket=bucket)["Policy"]
    except ClientError as error:
        if error.response["Error"]["Code"] in {"NoSuchBucketPolicy", "NoSuchBucket"}:
            return None
        raise


def _read_content(inputs):
    match inputs.get("source"):
        case Asset(path=path) if path:
            return Path(path).read_bytes()
        case Asset(text=text):
            return text.encode()
    return str(inputs.get("content") or "").encode()


def read_object(call):
    try:
        with _unhindered(call) as (client, place):
            found = client.head_object(**place)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchBucket", "NoSuchKey"}:
            return None
        raise
    return {
        "etag": found["ETag"].strip('"'),
        "versionId": found.get("VersionId", ""),
        "contentType": found["ContentType"],
        "arn": f"arn:aws:s3:::{call.find('bucket')}/{call.find('key')}",
    }


def delete_object(call):
    try:
        with _unhindered(call) as (client, place):
            client.delete_object(**place)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise


KINDS = {
    "aws:s3/bucketObjectv2:BucketObjectv2": Kind(
        write_object,
        read_object,
        delete_object,
        write_object,
        frozenset({"bucket", "key"}),
        changing=frozenset({"etag", "versionId"}),
    ),
}
