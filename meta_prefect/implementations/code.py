"""
Builders of code: where a worker finds the flow's file.

Putting it there (a push, an upload, an image) is done before `up`, by whoever builds the project.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Any, Final

from meta_prefect.implementations.checked import checked
from meta_prefect.implementations.checking import check_json, check_text
from meta_prefect.interfaces.deployment import (
    BucketCode,
    Code,
    DeploymentSpec,
    GitCode,
    ImageCode,
    InstalledCode,
    LocalCode,
)
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface

_BLOCK: Final = re.compile(r"[a-z0-9-]+/[a-z0-9-]+")
_COMMIT: Final = re.compile(r"[0-9a-f]{7,64}")
_ENTRYPOINT: Final = re.compile(r"[^:]+:[A-Za-z_][\w.]*|[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
_STEP: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")


class _Code(FlowBuilderInterface):
    """What the places have in common: the outermost one wins."""

    def __init__(self, code: Code) -> None:
        self._code = code

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Say where the code is."""
        return replace(deployment, code=self._code)


class code_local(_Code):  # noqa: N801 - used as a decorator
    """
    Take the code from a folder of the worker's own machine.

        @code_local("/srv/flows")  # pins it; without a path it is the project's folder
        @process()
        @flow
        def report() -> None: ...
    """

    @checked
    def __init__(self, path: str = "") -> None:
        """
        Choose the folder that stands for the project's root.

        Raises:
            ValueError: the path is not absolute.
        """
        if path:
            _check_absolute("code_local", path)
        super().__init__(LocalCode(path))


class code_image(_Code):  # noqa: N801 - used as a decorator
    """
    Take the code from the image in which the flow runs.

        @code_image("/opt/flows")
        @eks(image="registry.example.com/flows:1.2")
        @flow
        def report() -> None: ...
    """

    @checked
    def __init__(self, path: str = "/opt/prefect") -> None:
        """
        Choose the folder in the image that stands for the project's root.

        Raises:
            ValueError: the path is not absolute.
        """
        _check_absolute("code_image", path)
        super().__init__(ImageCode(path))


class code_installed(_Code):  # noqa: N801 - used as a decorator
    """
    Fetch nothing: the code is where runs start, in an installed package or in their folder.

        @code_installed()
        @entrypoint("team_flows.reports.report")
        @work_pool(existing("shared"))
        @flow
        def report() -> None: ...
    """

    @checked
    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(InstalledCode())


class code_git(_Code):  # noqa: N801 - used as a decorator
    """
    Let the worker clone a repository whose root is the project's.

        @code_git("https://github.com/team/flows", branch="main", credentials="github-credentials/bot")
        @eks(cpu=1)
        @flow
        def report() -> None: ...
    """  # noqa: E501 - an address is not broken

    @checked
    def __init__(
        self,
        repository: str,
        *,
        branch: str = "",
        commit: str = "",
        credentials: str = "",
        submodules: bool = False,
    ) -> None:
        """
        Choose what to clone.

        branch, commit: one of them; neither: the default branch.
        credentials: a block in Prefect that holds them, `TYPE/NAME`.

        Raises:
            ValueError: a value is not allowed, or both branch and commit are given.
        """
        check_text("code_git", repository=repository)
        if branch and commit:
            raise ValueError(f'code_git(branch="{branch}", commit="{commit}"): choose one of them')
        if commit and not _COMMIT.fullmatch(commit):
            raise ValueError(f'code_git(commit="{commit}"): the hash of a commit')
        if credentials and not _BLOCK.fullmatch(credentials):
            raise ValueError(
                f'code_git(credentials="{credentials}"): a block, TYPE/NAME, such as '
                "github-credentials/bot"
            )
        super().__init__(GitCode(repository, branch, commit, credentials, submodules))


class code_s3(_Code):  # noqa: N801 - used as a decorator
    """
    Let the worker copy the code from a folder of an S3 bucket; it needs `prefect-aws`.

        @code_s3("my-bucket", "flows/2026-01-01")
        @ecs(cpu=1, memory=2)
        @flow
        def report() -> None: ...
    """

    @checked
    def __init__(self, bucket: str, folder: str, *, credentials: str = "") -> None:
        """
        Choose the folder that stands for the project's root.

        credentials: name of an `aws-credentials` block; empty: the worker's own identity.

        Raises:
            ValueError: a value is empty.
        """
        check_text("code_s3", bucket=bucket, folder=folder)
        super().__init__(BucketCode(bucket, folder, credentials))


class pull_steps(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Let the worker do steps before a run, after those that fetch the code; as in prefect.yaml.

        @pull_steps({"prefect.deployments.steps.run_shell_script": {"script": "make data"}})
        @local_deployer()
        @flow
        def report() -> None: ...
    """

    @checked
    def __init__(self, *steps: Mapping[str, Mapping[str, Any]]) -> None:
        """
        Keep the steps: each has one key, the step's import path, with its inputs.

        Raises:
            TypeError: inputs have no JSON form.
            ValueError: something is no step.
        """
        for step in steps:
            name = next(iter(step), "")
            if len(step) != 1 or not _STEP.fullmatch(name):
                raise ValueError(f"pull_steps({dict(step)!r}): one key, module.function, per step")
            check_json("pull_steps", step)
        self._steps = steps

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Add the steps to those that are there."""
        return replace(deployment, pull_steps=(*deployment.pull_steps, *self._steps))


class entrypoint(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Say how workers find the flow, where it is not by its file below the project's folder.

        @entrypoint("team_flows.reports.report")  # in a package that is installed where it runs
        @work_pool(existing("shared"))
        @flow
        def report() -> None: ...
    """

    @checked
    def __init__(self, text: str) -> None:
        """
        Take `FILE.py:NAME` or `package.module.NAME`.

        Raises:
            ValueError: it is neither.
        """
        if not _ENTRYPOINT.fullmatch(text):
            raise ValueError(f'entrypoint("{text}"): FILE.py:NAME or package.module.NAME')
        self._text = text

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Set it."""
        return replace(deployment, entrypoint=self._text)


def _check_absolute(builder: str, path: str) -> None:
    if not PurePath(path).is_absolute():
        raise ValueError(f'{builder}("{path}"): an absolute path')
