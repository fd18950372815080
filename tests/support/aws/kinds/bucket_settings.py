"""
What is set on an S3 bucket, one resource a setting, all alike: put, get, delete.

Each has the bucket's name as its id, and another bucket means another object.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from threading import Lock

from botocore.exceptions import ClientError

from tests.support.aws.kind import Kind
from tests.support.aws.shapes import fit, unfit

POLICIES = Lock()  # of buckets: `bucket_objects` lifts them for a moment
_GONE = frozenset(
    {
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)


@dataclass(frozen=True, slots=True)
class Setting:
    """
    The calls of a setting.

    operation: what comes after `put_`, `get_` and `delete_`.
    argument: the put call's parameter; also the key of the get call's answer.
    key: where the inputs are under the argument; empty when they are the argument itself.
    input: the one input that holds all; empty when all inputs but the bucket do.
    single: the input is the one member of what AWS has as a list.
    undone: what is put when there is no way to delete it.
    """

    operation: str
    argument: str
    key: str = ""
    input: str = ""
    single: bool = False
    undone: dict = field(default_factory=dict)


def _put(call, setting):
    call.id = call.inputs["bucket"]
    client = call.client("s3")
    model = client.meta.service_model.operation_model(
        client.meta.method_to_api_mapping[f"put_{setting.operation}"]
    )
    value = call.inputs.get(setting.input) if setting.input else call.inputs
    value = [value] if setting.single else value
    value = {setting.key: value} if setting.key else value
    fitted = fit(model.input_shape.members[setting.argument], value)
    getattr(client, f"put_{setting.operation}")(Bucket=call.id, **{setting.argument: fitted})


def _get(call, setting):
    client = call.client("s3")
    try:
        answer = getattr(client, f"get_{setting.operation}")(Bucket=call.id)
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            return None
        raise
    answer.pop("ResponseMetadata", None)
    found = answer.get(setting.argument, answer)
    if not found:
        return None
    found = found.get(setting.key) if setting.key else found
    found = found[0] if setting.single else found
    spelled = unfit(found, call.inputs.get(setting.input) if setting.input else call.inputs)
    outputs = {setting.input: spelled} if setting.input else spelled
    return {**outputs, "bucket": call.id}


def _delete(call, setting):
    client = call.client("s3")
    try:
        if setting.undone:
            getattr(client, f"put_{setting.operation}")(
                Bucket=call.id, **{setting.argument: setting.undone}
            )
        else:
            getattr(client, f"delete_{setting.operation}")(Bucket=call.id)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise


def _build(setting, delete=None):
    return Kind(
        lambda call: _put(call, setting),
        lambda call: _get(call, setting),
        delete or (lambda call: _delete(call, setting)),
        lambda call: _put(call, setting),
        frozenset({"bucket", "expectedBucketOwner"}),
    )


def _one_at_a_time(kind):
    def locked(function):
        def run(call):
            with POLICIES:
                return function(call)

        return run

    names = ("create", "read", "delete", "update")
    return replace(kind, **{name: locked(getattr(kind, name)) for name in names})


def _delete_lifecycle(call):
    try:
        call.client("s3").delete_bucket_lifecycle(Bucket=call.id)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise


KINDS = {
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _build(
        Setting("bucket_ownership_controls", "OwnershipControls", "Rules", "rule", single=True)
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _build(
        Setting("public_access_block", "PublicAccessBlockConfiguration")
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _build(
        Setting(
            "bucket_versioning",
            "VersioningConfiguration",
            input="versioningConfiguration",
            undone={"Status": "Suspended"},
        )
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        _build(
            Setting(
                "bucket_encryption",
                "ServerSideEncryptionConfiguration",
                "Rules",
                "rules",
            )
        )
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _build(
        Setting(
            "bucket_lifecycle_configuration",
            "LifecycleConfiguration",
            "Rules",
            "rules",
        ),
        _delete_lifecycle,
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _one_at_a_time(
        _build(Setting("bucket_policy", "Policy", input="policy"))
    ),
}
