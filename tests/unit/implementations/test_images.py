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


def test_an_image_is_for_the_machines_of_the_runs():
    """A laptop with another processor builds for them all the same."""
    assert FlowImage().platform == "linux/amd64"
    assert built_image(platform="linux/arm64").requires == {FlowImage(platform="linux/arm64")}


@pytest.mark.parametrize("given", [{"registry": ""}, {"platform": "windows"}, {"platform": ""}])
def test_a_value_that_will_not_do_is_refused(given):
    """The message names the builder."""
    with pytest.raises(ValueError, match="built_image"):
        built_image(**given)
