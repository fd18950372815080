"""
A flow's code in a bucket: its file, and the modules of the project that it imports.

Each content has a folder of its own, so that a run that begins while `up` goes on finds the code
that it was deployed with. Not to be confused with `platform.bucket`, the bucket itself.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi

from meta_prefect.components.naming import build_logical_name
from meta_prefect.interfaces.deployment import FlowSource, UploadedCode


@dataclass(frozen=True, slots=True)
class Upload:
    """
    Code that is put into a bucket.

    bucket_name: in the world.
    objects: what must be there before a run.
    """

    bucket_name: pulumi.Input[str] = ""
    objects: tuple[pulumi.Resource, ...] = ()


def upload_code(
    flow: str, source: FlowSource, code: UploadedCode, bucket: Any, opts: pulumi.ResourceOptions
) -> Upload:
    """
    Declare an object for each file, below the flow's name.

    bucket: the component's handle.
    """
    import pulumi_aws as aws

    root = Path(source.root)
    objects = [
        aws.s3.BucketObjectv2(
            build_logical_name(flow, "code", file),
            bucket=bucket.bucket_name,
            key=f"{code.folder}/{file}",
            source=pulumi.FileAsset(str(root / file)),
            source_hash=hashlib.sha256((root / file).read_bytes()).hexdigest(),
            opts=opts,
        )
        for file in source.files
    ]
    return Upload(bucket.bucket_name, tuple(objects))
