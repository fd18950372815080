"""Docker's real command takes what we tell it, as far as a daemon can see that builds nothing."""

import shutil

import pytest

from meta_prefect.components.platform.docker import DOCKERFILE, Build, Login, push_image
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from tests.support.docker_daemon import run_daemon

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("docker") is None, reason="Docker's command is not installed"),
]


@pytest.fixture
def daemon(tmp_path, monkeypatch):
    """A daemon that Docker's command finds, with a folder of its own for logins."""
    with run_daemon() as found:
        monkeypatch.setenv("DOCKER_HOST", found.url)
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
        monkeypatch.setenv("DOCKER_BUILDKIT", "0")  # BuildKit's own protocol is not spoken here
        yield found


@pytest.fixture
def build(tmp_path):
    """An image of a small project, in a registry that nothing answers for."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "flow.py").write_text("1")
    return Build("127.0.0.1:1/flows:abc", str(tmp_path / "project"), "FROM x\n", "linux/amd64")


def test_an_image_is_built_of_the_files_that_are_sent(daemon, build):
    """Platform, tag and Dockerfile arrive, with the files; then the image is pushed."""
    push_image(build, Login("127.0.0.1:1", "AWS", "pa55"))

    (built,) = daemon.builds
    assert built["files"] == {"flow.py": b"1", DOCKERFILE: b"FROM x\n"}
    assert (built["t"], built["platform"], built["dockerfile"]) == (
        build.image,
        "linux/amd64",
        DOCKERFILE,
    )
    assert daemon.pushes == [("127.0.0.1:1/flows", "abc")]
    assert [(login["username"], login["password"]) for login in daemon.logins] == [("AWS", "pa55")]


def test_a_build_that_fails_says_why(daemon, build):
    """The last words are those of the step that failed, and nothing is pushed."""
    daemon.failure = "The command '/bin/sh -c pip install nothing' returned a non-zero code: 1"

    with pytest.raises(MetaPrefectError, match="MP3101") as caught:
        push_image(build, None)

    assert daemon.failure in caught.value.diagnostic.why
    assert daemon.pushes == []


def test_a_daemon_that_is_not_there_is_said_to_be(daemon, build, monkeypatch, tmp_path):
    """Docker's own message is recognised."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")

    with pytest.raises(MetaPrefectError, match="Docker is not running"):
        push_image(build, None)
