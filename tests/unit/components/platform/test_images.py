"""Images of a project: which files, which Dockerfile, which commands of Docker."""

import pulumi
import pytest

from meta_prefect.components.platform.docker import Build, Login, push_image, run_process
from meta_prefect.components.platform.dockerfile import render_dockerfile
from meta_prefect.components.platform.flow_image import FlowImage
from meta_prefect.components.platform.project_files import hash_files, list_files
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from tests.support.recording import record

BUILD = Build("r.test/flows:1", "/project", "FROM x\n")
LOGIN = Login("r.test", "AWS", "pa55")
DOCKER = """#!/bin/sh
read -r text
echo "$* <$text" >> "$LOG"
case "$1" in {failing}) echo "no $1" >&2; exit 1;; esac
"""


@pytest.fixture
def project(tmp_path):
    """A folder with files of which some do not belong to the project."""
    for name in ("flows/a.py", "b.py", ".git/x", ".venv/pyvenv.cfg", "__pycache__/c", "data/big"):
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "project" / ".dockerignore").write_text("# data\ndata/\n")
    return tmp_path / "project"


@pytest.fixture
def docker(tmp_path, monkeypatch):
    """Give a function that pushes with a stand-in for Docker, and gives what that was told."""
    log, path = tmp_path / "log", tmp_path / "docker"
    monkeypatch.setenv("LOG", str(log))

    def push(build=BUILD, login=None, failing="manifest"):
        path.write_text(DOCKER.format(failing=failing))
        path.chmod(0o755)
        try:
            push_image(build, login, run_process, lambda _: str(path))
        finally:
            told = log.read_text().splitlines()
        return told

    return push


def test_files_of_the_project_are_those_that_a_team_wrote(project):
    """Hidden folders, caches, environments and what is ignored stay out."""
    assert [path.relative_to(project).as_posix() for path in list_files(project)] == [
        "b.py",
        "flows/a.py",
    ]


def test_the_hash_is_of_what_is_in_the_image(project):
    """Another content or Dockerfile is another hash; a file that stays out is none."""
    before = hash_files(project, "FROM x")
    (project / "data" / "big").write_text("bigger")

    assert hash_files(project, "FROM x") == before
    assert hash_files(project, "FROM y") != before
    (project / "b.py").write_text("changed")
    assert hash_files(project, "FROM x") != before


def test_a_dockerfile_is_written_for_a_project_without_one(project):
    """Packages come before files, so that a change of a flow does not install them again."""
    bare = render_dockerfile(project)
    (project / "pyproject.toml").touch()
    installed = render_dockerfile(project)
    (project / "requirements.txt").touch()
    lines = render_dockerfile(project).splitlines()

    assert "RUN" not in bare
    assert installed.splitlines()[-1] == "RUN pip install --no-cache-dir ."
    assert lines[0].startswith("FROM prefecthq/prefect:3.")
    assert lines[1:] == [
        "WORKDIR /opt/flows",
        "COPY requirements.txt ./",
        "RUN pip install --no-cache-dir -r requirements.txt",
        "COPY . .",
    ]


def test_an_image_that_is_not_there_is_built_and_pushed(docker):
    """Login, a look, build, push; the password is on the input, in no argument."""
    assert docker(login=LOGIN) == [
        "login --username AWS --password-stdin r.test <pa55",
        "manifest inspect r.test/flows:1 <",
        "build --tag r.test/flows:1 --file - /project <FROM x",
        "push r.test/flows:1 <",
    ]


def test_an_image_that_is_there_is_not_built_again(docker):
    """An unchanged project builds and pushes nothing."""
    assert docker(failing="nothing") == ["manifest inspect r.test/flows:1 <"]


def test_a_failure_is_dockers_own_word(docker):
    """The message says which command failed, and why."""
    with pytest.raises(MetaPrefectError, match="MP3101") as caught:
        docker(failing="manifest|build")

    assert caught.value.diagnostic.why == "no build"


def test_without_docker_there_is_another_way():
    """The message names it."""
    with pytest.raises(MetaPrefectError, match="MP2124") as caught:
        push_image(BUILD, None, run_process, lambda _: None)

    assert "code_git" in caught.value.diagnostic.fixes[1]


def test_a_real_run_pushes_with_what_opens_the_registry(project):
    """The login comes from AWS, and the image is what runs use."""
    pushed, images = [], []

    def push(build, login):
        pushed.append((build, login))
        return build.image

    def program():
        image = FlowImage("flows", root=project, repository_url="1.ecr.test/flows", push=push)
        image.image.apply(images.append)

    record(program)

    ((build, login),) = pushed
    assert images == [build.image]
    assert build.image == f"1.ecr.test/flows:{hash_files(project, build.dockerfile)}"
    assert login == Login("1.ecr.test", "AWS", "token")


def test_a_preview_builds_nothing_and_says_the_name(project):
    """Docker is not asked at all."""
    names = []

    def program():
        assert pulumi.runtime.is_dry_run()
        image = FlowImage(
            "flows", root=project, repository_url="r.test/flows", is_ecr=False, push=None
        )
        image.image.apply(names.append)

    record(program, preview=True)

    assert names[0].startswith("r.test/flows:")
