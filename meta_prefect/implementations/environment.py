"""
Builders of a run's environment: its variables and its packages.

Not to be confused with `project.environment`, which is about the command's own variables.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import Final

from meta_prefect.implementations.checked import checked
from meta_prefect.implementations.checking import check_env
from meta_prefect.interfaces.deployment import DeploymentSpec
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface

_REQUIREMENT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(\[[\w,.-]+\])?([<>=!~]=?=?[^\s;]+)?")


class env(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Set environment variables of a deployment's runs.

        @env("REGION", LOG_LEVEL="debug")  # REGION as it is where `up` is typed
        @local_deployer()
        @flow
        def report() -> None: ...

    Everybody who can read Prefect can read them: keep secrets in blocks.
    """

    @checked
    def __init__(self, *names: str, **values: str) -> None:
        """
        Keep names to read at `up`, and values.

        Raises:
            TypeError: a value is no text.
            ValueError: a name cannot be one.
        """
        check_env("env", dict.fromkeys(names, ""))
        self._names = names
        self._values = check_env("env", values)

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """
        Lay the variables over those that are there.

        Raises:
            ValueError: a variable to read is not set.
        """
        return deployment.with_env({**{name: _read(name) for name in self._names}, **self._values})


class packages(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Install packages before each run, where it gets a container with one of Prefect's images.

        @packages("pandas>=2", "s3fs")
        @eks(cpu=1)
        @flow
        def report() -> None: ...

    Runs of a process pool share their worker's environment: there it is refused at `up`.
    """

    @checked
    def __init__(self, *requirements: str) -> None:
        """
        Keep the requirements, in the words of pip; spaces in them do not matter.

        Raises:
            ValueError: one is not a name with an optional version.
        """
        self._requirements = tuple("".join(item.split()) for item in requirements)
        for item in self._requirements:
            if not _REQUIREMENT.fullmatch(item):
                raise ValueError(f'packages("{item}"): a name, with a version if need be')

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Add the packages to those that are there."""
        wanted = dict.fromkeys((*deployment.packages, *self._requirements))
        return replace(deployment, packages=tuple(wanted))


def _read(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise ValueError(f'env("{name}"): the variable is not set')
    return value
