"""Objects in S3 buckets, of which code is uploaded; their content is an asset of the program."""

from __future__ import annotations

from pathlib import Path

from botocore.exceptions import ClientError

from meta_prefect.interfaces.values import Asset
from tests.support.aws.kind import Kind
from tests.support.aws.shapes import to_pairs


def write_object(call):
    call.client("s3").put_object(
        Bucket=call.inputs["bucket"],
        Key=call.inputs["key"],
        Body=_read_content(call.inputs),
        Tagging="&".join(f"{pair['Key']}={pair['Value']}" for pair in to_pairs(call.tags)),
    )
    call.id = call.inputs["key"]


def _read_content(inputs):
    match inputs.get("source"):
        case Asset(path=path) if path:
            return Path(path).read_bytes()
        case Asset(text=text):
            return text.encode()
    return str(inputs.get("content") or "").encode()


def read_object(call):
    try:
        found = call.client("s3").head_object(Bucket=call.find("bucket"), Key=call.find("key"))
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
        call.client("s3").delete_object(Bucket=call.inputs["bucket"], Key=call.inputs["key"])
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
