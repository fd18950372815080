"""
Builders of storage for results.

Not to be confused with `implementations.code`, which is about the flow's file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Hashable
from collections.abc import Set as AbstractSet
from pathlib import Path, PurePath
from typing import Any, Final, Self

from meta_prefect.implementations.checked import checked
from meta_prefect.implementations.checking import check_text
from meta_prefect.interfaces.components import Bucket, Existing, ResultStorage
from meta_prefect.interfaces.deployment import DeploymentSpec
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface

RESULTS_VARIABLE: Final = "META_PREFECT_RESULTS"
BLOCK_VARIABLE: Final = "META_PREFECT_RESULT_BLOCK"
_TYPE: Final = "s3-bucket"
_RUN_VARIABLE: Final = "PREFECT__FLOW_RUN_ID"  # set by Prefect's workers for each run


class S3Filesystem(str, FlowBuilderInterface):  # noqa: SLOT000 - builders have a dictionary
    """
    Keep the results of a flow's runs in an S3 bucket.

        @eks(cpu=1)
        @flow(result_storage=S3Filesystem(type="s3", bucket="results", path="my_flow"))
        def my_flow() -> int: ...

        @S3Filesystem(bucket=existing("team-results"), path="my_flow")  # a bucket that is there
        @eks(cpu=1)
        @flow
        def my_flow() -> int: ...

    The stack makes the bucket, a block of Prefect without any keys, and lets the flow's runs at
    that path and nowhere else. It is the name of the block, `s3-bucket/NAME`, and a text, so
    Prefect takes it without asking a server. Called as plain Python the flow keeps its results on
    this machine, unless `META_PREFECT_RESULTS=remote`.

    bucket, path: where the results go.
    """

    bucket: str
    path: str

    @checked
    def __new__(
        cls,
        *,
        bucket: str | Existing | Bucket,
        path: str = "",
        type: str = "s3",
        block: str | Existing = "",
        region: str = "",
    ) -> Self:
        """
        Name the place.

        bucket: what the project calls it; `existing(...)`: one of somebody else; a record for one
            with a key of its own, or one that goes with its data.
        block: name of the block; empty: made of bucket and path; `existing(...)`: one of somebody
            else, who also made the bucket and let the runs at it.
        region: of the bucket; empty: that of the run.

        Raises:
            ValueError: a value is not allowed.
        """
        record = bucket if isinstance(bucket, Bucket) else Bucket(bucket)
        name = record.name.name if isinstance(record.name, Existing) else record.name
        check_text("S3Filesystem", bucket=name)
        if type != "s3":
            raise ValueError(f'S3Filesystem(type="{type}"): only "s3"')
        given = block.name if isinstance(block, Existing) else block
        slug = given or re.sub(r"[^a-z0-9]+", "-", f"{name}-{path}".lower()).strip("-")
        made = super().__new__(cls, f"{_TYPE}/{slug}")
        made.bucket = name
        made.path = path
        made._storage = (
            None if isinstance(block, Existing) else ResultStorage(slug, record, path, region)
        )
        return made

    _storage: ResultStorage | None

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """Be the name of the block where a flow's tasks run."""
        return str, (str(self),)

    @property
    def requires(self) -> AbstractSet[Hashable]:
        """The bucket and the block."""
        return set() if self._storage is None else {self._storage, self._storage.bucket}

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Tell runs what the block is called in this stack."""
        if self._storage is None:
            return deployment
        block = f"{_TYPE}/{self._storage.name_in(deployment.stack)}"
        return deployment.with_env({BLOCK_VARIABLE: block})

    def prepare_flow(self, flow: Any) -> None:
        """Keep results in the bucket for a run that a worker started, else on this machine."""
        if os.environ.get(_RUN_VARIABLE) or os.environ.get(RESULTS_VARIABLE) == "remote":
            flow.result_storage = os.environ.get(BLOCK_VARIABLE) or self
            flow.persist_result = True
        else:
            flow.result_storage = None


class LocalFilesystem(FlowBuilderInterface):
    """
    Keep the results of a flow's runs in a folder of the machine on which they happen.

        @LocalFilesystem("/srv/results")
        @local_deployer()
        @flow
        def my_flow() -> int: ...

    No block is needed. Called as plain Python the flow keeps its results there, too.
    """

    @checked
    def __init__(self, folder: str) -> None:
        """
        Choose the folder; runs make it.

        Raises:
            ValueError: the path is not absolute: runs start in folders of their own.
        """
        if not PurePath(folder).is_absolute():
            raise ValueError(f'LocalFilesystem("{folder}"): an absolute path')
        self._folder = folder

    def prepare_flow(self, flow: Any) -> None:
        """Keep results in the folder."""
        flow.result_storage = Path(self._folder)
        flow.persist_result = True
