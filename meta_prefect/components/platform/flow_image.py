"""
An image of the project's files, named after what is in it.

A preview says the name that it would have; only a real `up` builds and pushes, and only when the
registry does not have it yet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pulumi
import pulumi_aws as aws

from meta_prefect.components.platform.base import PlatformComponent
from meta_prefect.components.platform.docker import Build, Login, push_image
from meta_prefect.components.platform.dockerfile import render_dockerfile
from meta_prefect.components.platform.project_files import hash_files

Push = Callable[[Build, Login | None], str]


class FlowImage(PlatformComponent):
    """
    No children.

    image: its name with its tag; in a real run it is in the registry once this is known.
    """

    KIND: ClassVar[str] = "image"

    def __init__(
        self,
        name: str,
        *,
        root: Path,
        repository_url: pulumi.Input[str],
        dockerfile: str = "",
        platform: str = "linux/amd64",
        is_ecr: bool = True,
        push: Push = push_image,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Build the image, if it is to be.

        root: folder with the files.
        dockerfile: path below the root; empty: one is written for the project.
        platform: for which machines, as Docker names them.
        is_ecr: the registry is Amazon's: log in to it first.

        Raises:
            OSError: the Dockerfile cannot be read.
        """
        super().__init__(name, opts=opts)
        text = (root / dockerfile).read_text("utf-8") if dockerfile else render_dockerfile(root)
        tag = hash_files(root, text, platform)
        image = pulumi.Output.concat(repository_url, ":", tag)
        self.image: pulumi.Output[str] = image
        if not pulumi.runtime.is_dry_run():
            login = self._read_login(image) if is_ecr else pulumi.Output.from_input(None)

            def build(values: list[object]) -> object:
                build = Build(str(values[0]), str(root), text, platform)
                login = values[1] if isinstance(values[1], Login) else None
                return asyncio.to_thread(push, build, login)

            # A thread, as the program goes on while Docker builds.
            self.image = pulumi.Output.all(image, login).apply(build)  # type: ignore[arg-type]
        self.finish(image=self.image)

    def _read_login(self, image: pulumi.Output[str]) -> pulumi.Output[Login]:
        found = aws.ecr.get_authorization_token_output(opts=pulumi.InvokeOutputOptions(parent=self))
        login: pulumi.Output[Login] = pulumi.Output.all(
            image, found.user_name, found.password
        ).apply(lambda values: Login(values[0].partition("/")[0], values[1], values[2]))
        return login
