"""
A block of Prefect with which runs keep their results in a bucket.

It holds no keys: whoever uses it has an identity of its own, in the cluster or on a laptop.
"""

from __future__ import annotations

from typing import ClassVar

import pulumi

from meta_prefect.components.platform.base import PlatformComponent, Transforms
from meta_prefect.components.platform.handles import BucketHandle
from meta_prefect.provider import sdk


class ResultStorage(PlatformComponent):
    """
    Children: `credentials`, `block`.

    bucket: where results go; `path` below which.
    """

    KIND: ClassVar[str] = "result-storage"

    def __init__(
        self,
        name: str,
        *,
        bucket: BucketHandle,
        block_name: str,
        path: str = "",
        region: str = "",
        transforms: Transforms | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Make the block.

        block_name: in Prefect.
        region: empty: the one in which a run is.
        """
        super().__init__(name, transforms=transforms, opts=opts)
        self.bucket = bucket
        self.path = path
        credentials = self.make(
            "credentials",
            sdk.BlockDocument,
            block_type_slug="aws-credentials",
            name=f"{block_name}-credentials",
            data={"region_name": region} if region else {},
        )
        self.block: sdk.BlockDocument = self.make(
            "block",
            sdk.BlockDocument,
            block_type_slug="s3-bucket",
            name=block_name,
            data={
                "bucket_name": bucket.bucket_name,
                "bucket_folder": path,
                "credentials": {"$ref": {"block_document_id": credentials.id}},
            },
        )
        self.finish(blockName=self.block.name)
