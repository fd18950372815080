"""Images that are built when a flow comes up, with a stand-in for Docker."""

import os

import pytest

from tests.support.fake_world import World

FLOW = """
from prefect import flow

from meta_prefect.implementations.images import built_image
from meta_prefect.implementations.infra import docker
from meta_prefect.interfaces.components import existing


@built_image(registry=existing("r.test/flows"))
@docker()
@flow
def report(): ...  # {remark}
"""


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Give a function that reads what Docker was told; no image is in the registry."""
    log, docker = tmp_path / "told", tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(f'#!/bin/sh\necho "$1" >> {log}\ntest "$1" != manifest\n')
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{docker.parent}{os.pathsep}{os.environ['PATH']}")
    return lambda: log.read_text().split() if log.exists() else []


def test_an_image_is_built_when_up_is_real_and_named_after_the_files(told, tmp_path):
    """A preview builds nothing; other files are another image, and so another deployment."""
    folder = tmp_path / "project"
    folder.mkdir()
    world = World(folder)
    world.write(FLOW.format(remark="first"))

    previewed = world.preview("report"), told()
    world.up("report")
    first = world.deployments["report/dev"]["job_variables"]["image"]
    again = world.preview("report")
    world.write(FLOW.format(remark="second"))
    world.up("report")
    second = world.deployments["report/dev"]["job_variables"]["image"]

    assert previewed[0]["report/deployment"] == "create"
    assert previewed[1] == []
    assert told() == ["manifest", "build", "push"] * 2
    assert first.startswith("r.test/flows:")
    assert again == {}
    assert first != second
    row = world.deployments["report/dev"]
    assert row["pull_steps"][0]["prefect.deployments.steps.set_working_directory"] == {
        "directory": "/opt/flows"
    }
