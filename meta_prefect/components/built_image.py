"""
A deployment whose image the stack builds: its spec with the name of that image.

Not to be confused with `platform.flow_image`, which builds it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from meta_prefect.interfaces.components import FlowImage
from meta_prefect.interfaces.deployment import IMAGE_VARIABLE, DeploymentSpec


def with_built_image(spec: DeploymentSpec, resources: Mapping[Hashable, Any]) -> DeploymentSpec:
    """
    Let runs use the image that the deployment needs, if it needs one.

    resources: the components for what it needs.
    """
    for need, component in resources.items():
        if isinstance(need, FlowImage):
            image = {IMAGE_VARIABLE: component.image}
            spec = spec.with_job_variables({"image": component.image}).with_env(image)
    return spec
