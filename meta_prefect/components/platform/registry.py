"""
A repository of images, kept with what is in it when the stack goes.

◇ Name and encryption replace it; tag mutability and scanning are changed in place.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

import pulumi
import pulumi_aws as aws

from meta_prefect.components.naming import REPOSITORY
from meta_prefect.components.platform.base import (
    Data,
    PlatformComponent,
    Tags,
    Transforms,
    keep_data,
)
from meta_prefect.components.platform.handles import RegistryHandle
from meta_prefect.components.platform.kept import make_kept
from meta_prefect.components.platform.policies import allow_push, render_policy


class ContainerRegistry(PlatformComponent):
    """
    Children: `repository`, `lifecycle`.

    handle: for those who use it.
    push_policy: what somebody needs to push to it, as JSON; for the role of a team's CI.
    """

    KIND: ClassVar[str] = "registry"

    def __init__(
        self,
        name: str,
        *,
        immutable: bool = True,
        scan: bool = True,
        untagged_days: int = 14,
        keep_images: int = 100,
        data: Data = "keep",
        tags: Tags | None = None,
        transforms: Transforms | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """
        Make the repository.

        immutable: a tag never means another image; ours are hashes of what was built.
        scan: for known vulnerabilities, on each push.
        keep_images: the newest ones; older ones go.
        """
        super().__init__(name, tags=tags, transforms=transforms, opts=opts)
        repository = make_kept(
            self,
            "repository",
            aws.ecr.Repository,
            data=data,
            name=self.physical_name(REPOSITORY),
            image_tag_mutability="IMMUTABLE" if immutable else "MUTABLE",
            image_scanning_configuration={"scan_on_push": scan},
            force_delete=True if data == "delete" else None,
        )
        self.make(
            "lifecycle",
            aws.ecr.LifecyclePolicy,
            repository=repository.name,
            policy=_render_lifecycle(untagged_days, keep_images),
            opts=keep_data(data),
        )
        self.handle = RegistryHandle(repository.repository_url, repository.arn)
        self.push_policy: pulumi.Output[str] = repository.arn.apply(
            lambda arn: render_policy(allow_push(arn))
        )
        self.finish(repositoryUrl=repository.repository_url, arn=repository.arn)


class ExistingRegistry:
    """
    A repository of somebody else, in any registry: nothing is declared, nothing changed.

    handle: for those who use it.
    """

    def __init__(self, repository_url: str) -> None:
        """Name the repository by its address, without a tag."""
        self.handle = RegistryHandle(repository_url, None)


def _render_lifecycle(untagged_days: int, keep_images: int) -> str:
    untagged = {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": untagged_days,
    }
    many = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": keep_images}
    rules: list[dict[str, Any]] = [
        {"rulePriority": number, "selection": selection, "action": {"type": "expire"}}
        for number, selection in enumerate((untagged, many), start=1)
    ]
    return json.dumps({"rules": rules}, sort_keys=True)
