"""
The builder of images: brings a project's files to where its runs are.

Not to be confused with `implementations.code`, for code that somebody else has put there.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

from meta_prefect.implementations.checked import checked
from meta_prefect.implementations.checking import check_text
from meta_prefect.interfaces.components import Existing, FlowImage, Registry
from meta_prefect.interfaces.deployment import DeploymentSpec, ImageCode
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface

_FOLDER: Final = "/opt/flows"
_PLATFORM: Final = re.compile(r"linux/[a-z0-9]+(/v[0-9]+)?")


class built_image(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Build an image of the project at `up`, push it, and run in it.

        @built_image()
        @eks(cpu=1)
        @flow
        def report() -> None: ...

    It is named after its files: an unchanged project builds and pushes nothing. Hidden files stay
    out, and so does what `.dockerignore` names; a line such as `!.streamlit` brings back. `docker`
    must be there where `up` is typed.
    """

    @checked
    def __init__(
        self,
        *,
        dockerfile: str = "",
        registry: str | Existing = "flows",
        platform: str = "linux/amd64",
    ) -> None:
        """
        Choose how and where.

        dockerfile: below the project's root, with the files in `/opt/flows`; empty: Prefect's
            image with the project's packages and files.
        registry: a repository of Amazon ECR to make; `existing(...)`: the address of another one,
            to which Docker is logged in.
        platform: of the machines on which runs happen, such as `linux/arm64`.

        Raises:
            ValueError: the registry has no name, or the platform is none.
        """
        name = registry.name if isinstance(registry, Existing) else registry
        check_text("built_image", registry=name)
        if not _PLATFORM.fullmatch(platform):
            raise ValueError(f'built_image(platform="{platform}"): such as "linux/amd64"')
        self._image = FlowImage(Registry(registry), dockerfile, platform)

    @property
    def requires(self) -> AbstractSet[Hashable]:
        """The image."""
        return {self._image}

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Take the code from the image; its name is known once it is built."""
        return replace(deployment, code=ImageCode(_FOLDER))
