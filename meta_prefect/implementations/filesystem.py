"""
Builders of storage for results.

Not to be confused with `implementations.code`, which is about the flow's file.
"""

from __future__ import annotations

import os
import re
from typing import Any, Final, Self

from meta_prefect.implementations.checking import check_text
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface

RESULTS_VARIABLE: Final = "META_PREFECT_RESULTS"
_RUN_VARIABLE: Final = "PREFECT__FLOW_RUN_ID"  # set by Prefect's workers for each run


class S3Filesystem(str, FlowBuilderInterface):  # noqa: SLOT000 - builders have a dictionary
    """
    Keep the results of a flow's runs in an S3 bucket.

        @local_deployer()
        @flow(result_storage=S3Filesystem(type="s3", bucket="my-bucket", path="results"))
        def my_flow() -> int: ...

        @S3Filesystem(bucket="my-bucket", path="results")  # the same
        @local_deployer()
        @flow
        def my_flow() -> int: ...

    It is the name of a block in Prefect, `s3-bucket/NAME`, and a text, so Prefect takes it without
    asking a server. Called as plain Python the flow keeps its results on this machine, unless
    `META_PREFECT_RESULTS=remote`.

    bucket, path: where the results go.
    """

    bucket: str
    path: str

    def __new__(cls, *, bucket: str, path: str = "", type: str = "s3", block: str = "") -> Self:
        """
        Name the place.

        block: name of the block; empty: made of bucket and path.

        Raises:
            ValueError: a value is not allowed.
        """
        check_text("S3Filesystem", bucket=bucket)
        if type != "s3":
            raise ValueError(f'S3Filesystem(type="{type}"): only "s3"')
        name = block or re.sub(r"[^a-z0-9]+", "-", f"{bucket}-{path}".lower()).strip("-")
        made = super().__new__(cls, f"s3-bucket/{name}")
        made.bucket = bucket
        made.path = path
        return made

    def prepare_flow(self, flow: Any) -> None:
        """Keep results in the bucket for a run that a worker started, else on this machine."""
        if os.environ.get(_RUN_VARIABLE) or os.environ.get(RESULTS_VARIABLE) == "remote":
            flow.result_storage = self
            flow.persist_result = True
        else:
            flow.result_storage = None
