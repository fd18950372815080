"""Images of a project: which files, which Dockerfile, which commands of Docker."""

import io
import os
import tarfile
from importlib.metadata import version

import pulumi
import pytest

from meta_prefect.components.platform.docker import (
    DOCKERFILE,
    Build,
    Login,
    push_image,
    run_process,
)
from meta_prefect.components.platform.dockerfile import render_dockerfile
from meta_prefect.components.platform.flow_image import FlowImage
from meta_prefect.components.platform.project_files import (
    hash_files,
    list_files,
    pack_files,
)
from meta_prefect.interfaces.diagnostics import MetaPrefectError
from tests.support.recording import record

INSTALL = "RUN pip install --no-cache-dir "
IMAGE = "r.test/flows:1"
PLATFORM = "linux/amd64"
LOGIN = Login("r.test", "AWS", "pa55")
BUILD_WORDS = f"build --platform {PLATFORM} --tag {IMAGE} --file .meta-prefect.Dockerfile -"


class Docker:
    """Stands for Docker's command: notes what it is told, and fails where it should."""

    def __init__(self, *failing, says="no {}"):
        self.told = []
        self.given = []
        self._failing = failing
        self._says = says

    def __call__(self, command, given):
        assert command[0] == "/bin/docker"
        self.told.append(" ".join(command[1:]))
        self.given.append(given)
        return command[1] not in self._failing, self._says.format(command[1])

    def push(self, root, login=None):
        """Push an image of a folder."""
        build = Build(IMAGE, str(root), "FROM x\n", PLATFORM)
        return push_image(build, login, self, lambda name: f"/bin/{name}")


def read_archive(archive):
    """Give the entries of an archive by name, with their content."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        return {
            item.name: (item, packed.extractfile(item).read() if item.isfile() else item.linkname)
            for item in packed
        }


@pytest.fixture
def project(tmp_path):
    """A folder with files of which some do not belong to the project."""
    for name in ("flows/a.py", "b.py", ".git/x", ".venv/pyvenv.cfg", "__pycache__/c", "data/big"):
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "project" / ".dockerignore").write_text("# data\ndata/\n")
    return tmp_path / "project"


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


def test_a_file_that_can_be_run_is_another_one(project):
    """Links are what they point to; a pipe belongs to nobody's project."""
    os.mkfifo(project / "pipe")
    (project / "link").symlink_to("b.py")
    before = hash_files(project)

    (project / "b.py").chmod(0o755)
    executable = hash_files(project)
    (project / "link").unlink()
    (project / "link").symlink_to("nowhere")

    assert len({before, executable, hash_files(project)}) == 3


def test_docker_is_sent_what_was_hashed(project):
    """Modes count, times and owners do not; the Dockerfile is among the files."""
    (project / "b.py").chmod(0o755)
    (project / "link").symlink_to("b.py")

    packed = pack_files(project, Dockerfile="FROM x")
    found = read_archive(packed)

    assert list(found) == ["b.py", "link", "flows/a.py", "Dockerfile"]
    assert found["flows/a.py"][1] == b"flows/a.py"
    assert found["link"][1] == "b.py"
    assert [found[name][0].mode for name in ("b.py", "flows/a.py")] == [0o755, 0o644]
    os.utime(project / "b.py", (1, 1))
    assert pack_files(project, Dockerfile="FROM x") == packed


def test_a_dockerfile_is_written_for_a_project_without_one(project):
    """It has what flows with our builders import, and the files."""
    first, folder, install, files = render_dockerfile(project).splitlines()

    assert first.startswith("FROM prefecthq/prefect:3.")
    assert (folder, files) == ("WORKDIR /opt/flows", "COPY . .")
    assert install == f"{INSTALL}'meta-prefect[dask]=={version('meta-prefect')}' prefect-aws"


@pytest.mark.parametrize(
    ("requirements", "order"),
    [
        ("pandas>=2\n", ["COPY requirements.txt ./", "RUN", "COPY . ."]),
        ("pandas\n-c limits.txt\n", ["COPY . .", "RUN"]),
        ("-e .\n", ["COPY . .", "RUN"]),
        ("./lib\n", ["COPY . .", "RUN"]),
    ],
)
def test_packages_come_before_files(project, requirements, order):
    """A change of a flow installs nothing again, unless requirements are about files."""
    (project / "requirements.txt").write_text(requirements)

    lines = render_dockerfile(project).splitlines()[2:]

    assert [line.split(" pip")[0] for line in lines] == order
    assert [line for line in lines if line.endswith(" -r requirements.txt")] != []


def test_a_project_says_its_packages_itself(project):
    """One that can be built is installed as well; one that only has settings of tools is not."""
    file = project / "pyproject.toml"
    file.write_text('[tool.ruff]\n[project]\nname="n"\ndependencies=["pandas>=2"]\n')
    flat = render_dockerfile(project).splitlines()
    file.write_text(file.read_text() + '[build-system]\nrequires=["hatchling"]\n')
    built = render_dockerfile(project).splitlines()
    file.write_text('[build-system]\n[project]\nname="n"\ndynamic=["dependencies"]\n')
    dynamic = render_dockerfile(project).splitlines()

    assert flat[2].endswith(" prefect-aws 'pandas>=2'")
    assert flat[3:] == ["COPY . ."]
    assert built == [*flat, "RUN pip install --no-cache-dir --no-deps ."]
    assert dynamic[-1] == "RUN pip install --no-cache-dir ."


def test_an_image_that_is_not_there_is_built_and_pushed(project):
    """Login, a look, build, push; the password is on the input, in no argument."""
    docker = Docker("manifest")

    image = docker.push(project, LOGIN)

    assert image == IMAGE
    assert docker.told == [
        "login --username AWS --password-stdin r.test",
        f"manifest inspect {IMAGE}",
        BUILD_WORDS,
        f"push {IMAGE}",
    ]
    assert docker.given[0] == b"pa55"
    assert read_archive(docker.given[2])[DOCKERFILE][1] == b"FROM x\n"


def test_an_image_that_is_there_is_not_built_again(project):
    """An unchanged project builds and pushes nothing."""
    docker = Docker()

    docker.push(project)

    assert docker.told == [f"manifest inspect {IMAGE}"]


@pytest.mark.parametrize("failing", ["login", "build", "push"])
def test_a_failure_is_dockers_own_word(project, failing):
    """The message says which command failed, why, and what to look at; never the password."""
    with pytest.raises(MetaPrefectError, match=f"MP3101 docker {failing} failed") as caught:
        Docker("manifest", failing).push(project, LOGIN)

    assert caught.value.diagnostic.why == f"no {failing}"
    assert len(caught.value.diagnostic.fixes) == 1
    assert "pa55" not in repr(caught.value.diagnostic)


def test_without_docker_there_is_another_way(project):
    """The message names it."""
    build = Build(IMAGE, str(project), "", PLATFORM)
    with pytest.raises(MetaPrefectError, match="MP2124") as caught:
        push_image(build, None, run_process, lambda _: None)

    assert "code_git" in caught.value.diagnostic.fixes[1]


@pytest.mark.parametrize(
    "says",
    [
        "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?",
        "failed to connect to the docker API at unix:///x; check if the daemon is running",
    ],
)
def test_a_docker_that_is_not_running_is_told_from_a_build_that_fails(project, says):
    """The first way out is to start it."""
    with pytest.raises(MetaPrefectError, match="MP2124 Docker is not running") as caught:
        Docker("manifest", "build", says=says).push(project)

    assert caught.value.diagnostic.fixes[0] == "start Docker"


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
    assert build.image == f"1.ecr.test/flows:{hash_files(project, build.dockerfile, PLATFORM)}"
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
