"""
Builders of metadata: tags and version.

They read their environment variables when a deployment is built, not when the flow file is
imported, so a worker that imports the file is not affected by them.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Final

from meta_prefect.interfaces.deployment import DeploymentSpec
from meta_prefect.interfaces.flow_builder_interface import FlowBuilderInterface

TAGS_VARIABLE: Final = "META_PREFECT__TAGS"
VERSION_VARIABLE: Final = "META_PREFECT__VERSION"


class tags_resolver(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Tag the deployment with what `META_PREFECT__TAGS` says: comma separated, trimmed.

        flow = tags_resolver()(flow)
    """

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Add the tags to those that are there."""
        return deployment.with_tags(parse_tags(os.environ.get(TAGS_VARIABLE, "")))


class versioneer(FlowBuilderInterface):  # noqa: N801 - used as a decorator
    """
    Give the deployment the version that `META_PREFECT__VERSION` says.

    Without the variable a version that the flow has of its own stays; a flow without one gets the
    content hash of its source, so that a preview shows when code changed.

        flow = versioneer()(flow)
    """

    def update_deployment(self, deployment: DeploymentSpec) -> DeploymentSpec:
        """Set the version."""
        wanted = os.environ.get(VERSION_VARIABLE, "").strip()
        version = wanted or deployment.version or deployment.source.content_hash
        return replace(deployment, version=version)


def parse_tags(text: str) -> tuple[str, ...]:
    """Split a comma separated list: trimmed, nothing empty, nothing twice, sorted."""
    return tuple(sorted({tag.strip() for tag in text.split(",")} - {""}))
