"""The builder of images."""

import pytest

from meta_prefect.implementations.images import built_image
from meta_prefect.interfaces.components import FlowImage, Registry, existing
from meta_prefect.interfaces.deployment import ImageCode
from tests.unit.implementations.specs import BASE


def test_an_image_is_a_need_and_holds_the_code():
    """Flows that say the same share it."""
    builder = built_image(dockerfile="docker/Dockerfile", registry=existing("r.test/flows"))

    assert built_image().requires == {FlowImage(Registry("flows"))}
    assert builder.requires == {FlowImage(Registry(existing("r.test/flows")), "docker/Dockerfile")}
    assert built_image().update_deployment(BASE).code == ImageCode("/opt/flows")


def test_a_registry_has_a_name():
    """The message names the builder."""
    with pytest.raises(ValueError, match="built_image"):
        built_image(registry="")
