"""
Buckets for results and for code: private, encrypted, versioned, and kept when the stack goes.

One that was kept is taken up again, with all that is in it, when the stack comes back (`kept`).
Settings stand in resources of their own: the bucket's inline ones would undo them at each `up`.
◇ Everything but the bucket's name is changed in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pulumi
import pulumi_aws as aws

from meta_prefect.components.naming import BUCKET, build_name
from meta_prefect.components.platform.account import read_account
from meta_prefect.components.platform.base import (
    Data,
    PlatformComponent,
    Tags,
    Transforms,
    keep_data,
)
from meta_prefect.components.platform.handles import BucketHandle
from meta_prefect.components.platform.kept import make_kept
from meta_prefect.components.platform.policies import deny_plain_http, render_policy

_INCOMPLETE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Expiry:
    """
    When objects go.

    days: of the current version; None: never.
    noncurrent_days: of older versions.
    keep_versions: older ones that stay anyway; None: no such number.
    """

    days: int | None = None
    noncurrent_days: int = 30
    keep_versions: int | None = None


class _Bucket(PlatformComponent):
    """
    Children: `bucket`, `ownership`, `public-access`, `versioning`, `encryption`, `lifecycle`, `policy`.

    handle: for those who use it.
    """  # noqa: E501 - names of children are not broken

    KIND: ClassVar[str] = "bucket"

    def __init__(
        self,
        name: str,
        *,
        path: str = "",
        versioned: bool = True,
        kms_key_arn: str = "",
        expiry: Expiry,
        data: Data = "keep",
        tags: Tags | None = None,
        transforms: Transforms | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Make the bucket.

        path: below which things are put.
        kms_key_arn: of the key that encrypts; empty: the one of S3.
        data: `keep` leaves bucket and settings in the world when the stack goes.
        """
        super().__init__(name, tags=tags, transforms=transforms, opts=opts)
        self._kept = keep_data(data)
        self._bucket = make_kept(
            self,
            "bucket",
            aws.s3.Bucket,
            data=data,
            bucket=_build_bucket_name(self),
            force_destroy=True if data == "delete" else None,
        )
        self._seal()
        self._encrypt(kms_key_arn)
        self._expire(versioned, path, expiry)
        self.handle = BucketHandle(self._bucket.bucket, self._bucket.arn, path, kms_key_arn or None)
        self.finish(
            bucketName=self._bucket.bucket, arn=self._bucket.arn, path=path, url=self.handle.url
        )

    def _seal(self) -> None:
        id = self._bucket.id
        self.make(
            "ownership",
            aws.s3.BucketOwnershipControls,
            bucket=id,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=self._kept,
        )
        access = self.make(
            "public-access",
            aws.s3.BucketPublicAccessBlock,
            bucket=id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._kept,
        )
        self.make(
            "policy",
            aws.s3.BucketPolicy,
            after=[access],  # written at once, S3 answers 409
            bucket=id,
            policy=self._bucket.arn.apply(lambda arn: render_policy(deny_plain_http(arn))),
            opts=self._kept,
        )

    def _encrypt(self, kms_key_arn: str) -> None:
        algorithm = {"sse_algorithm": "aws:kms" if kms_key_arn else "AES256"}
        key = {"kms_master_key_id": kms_key_arn} if kms_key_arn else {}
        self.make(
            "encryption",
            aws.s3.BucketServerSideEncryptionConfiguration,
            bucket=self._bucket.id,
            rules=[
                {
                    "apply_server_side_encryption_by_default": {**algorithm, **key},
                    "bucket_key_enabled": True,
                }
            ],
            opts=self._kept,
        )

    def _expire(self, versioned: bool, path: str, expiry: Expiry) -> None:
        versioning = self.make(
            "versioning",
            aws.s3.BucketVersioning,
            bucket=self._bucket.id,
            versioning_configuration={"status": "Enabled" if versioned else "Suspended"},
            opts=self._kept,
        )
        self.make(
            "lifecycle",
            aws.s3.BucketLifecycleConfiguration,
            after=[versioning],
            bucket=self._bucket.id,
            rules=[_build_rule(path, expiry)],
            opts=self._kept,
        )


class ResultBucket(_Bucket):
    """A bucket for the results of runs; they go after some time."""

    def __init__(self, name: str, *, expiry: Expiry = Expiry(days=90), **options: Any) -> None:
        """Make the bucket; options are those of all buckets."""
        super().__init__(name, expiry=expiry, **options)


class CodeBucket(_Bucket):
    """A bucket for code: nothing in use goes, old versions do."""

    def __init__(
        self, name: str, *, expiry: Expiry = Expiry(keep_versions=20), **options: Any
    ) -> None:
        """Make the bucket; options are those of all buckets."""
        super().__init__(name, expiry=expiry, **options)


class ExistingBucket:
    """
    A bucket of somebody else: nothing is declared, nothing changed.

    handle: for those who use it.
    """

    def __init__(
        self, name: str, path: str = "", kms_key_arn: str = "", partition: str = "aws"
    ) -> None:
        """Name the bucket as S3 does; `partition` is another one in China, for instance."""
        arn = f"arn:{partition}:s3:::{name}"
        self.handle = BucketHandle(name, arn, path, kms_key_arn or None)


def _build_bucket_name(component: PlatformComponent) -> pulumi.Output[str]:
    """Name a bucket for the whole world: with the account, which is asked for."""
    parts = (pulumi.get_project(), pulumi.get_stack(), component.name)
    return read_account(component).apply(lambda account: build_name(BUCKET, *parts, account))


def _build_rule(path: str, expiry: Expiry) -> Mapping[str, Any]:
    old = {
        "noncurrent_days": expiry.noncurrent_days,
        "newer_noncurrent_versions": expiry.keep_versions,
    }
    rule: dict[str, Any] = {
        "id": "meta-prefect",
        "status": "Enabled",
        # Without a filter, or with the older `prefix`, each preview shows a difference.
        "filter": {"prefix": f"{path.strip('/')}/" if path.strip("/") else ""},
        "abort_incomplete_multipart_upload": {"days_after_initiation": _INCOMPLETE_DAYS},
        "noncurrent_version_expiration": {k: v for k, v in old.items() if v is not None},
    }
    return {**rule, "expiration": {"days": expiry.days}} if expiry.days else rule
