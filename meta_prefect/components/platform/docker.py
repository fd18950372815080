"""
Docker's command: build an image and push it, unless it is there.

Runs processes, when an `up` is real and never in a preview. Who runs them is an argument. Each
command is one that both of Docker's builders know, with BuildKit and without.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from meta_prefect.components.platform.project_files import pack_files
from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError

DOCKERFILE: Final = ".meta-prefect.Dockerfile"  # in the archive that Docker is sent
_LAST_LINES: Final = 12
_FIXES: Final[Mapping[str, str]] = {
    "login": "aws sts get-caller-identity  # who asks for the registry's password",
    "build": 'built_image(dockerfile="Dockerfile")  # in place of the one that is written',
    "push": "docker login  # to a registry that is not this stack's",
}
_NOT_RUNNING: Final = re.compile(r"connect to the docker (daemon|api) at ", re.IGNORECASE)


class Run(Protocol):
    """Runs a command with bytes on its input; gives whether it succeeded, and what it said."""

    def __call__(self, command: list[str], given: bytes) -> tuple[bool, str]: ...


@dataclass(frozen=True, slots=True)
class Login:
    """What opens a registry; the password reaches Docker on its input."""

    host: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Build:
    """
    An image to have.

    image: with its tag.
    root: folder with the files.
    dockerfile: its text.
    platform: for which machines, `OS/ARCHITECTURE`.
    """

    image: str
    root: str
    dockerfile: str
    platform: str


def run_process(command: list[str], given: bytes) -> tuple[bool, str]:
    """Run a command; what it says is in the order in which it said it."""
    done = subprocess.run(  # noqa: S603 - ours, no shell
        command,
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.returncode == 0, done.stdout.decode(errors="replace").strip()


def push_image(
    build: Build,
    login: Login | None,
    run: Run = run_process,
    find: Callable[[str], str | None] = shutil.which,
) -> str:
    """
    Make sure that an image is in its registry; gives its name.

    login: None: Docker is logged in.

    Raises:
        MetaPrefectError: Docker is not there, or one of its commands failed.
    """
    docker = find("docker")
    if docker is None:
        raise _no_docker(build.image, "there is no Docker here to build an image with", ())
    if login is not None:
        words = ["login", "--username", login.user, "--password-stdin", login.host]
        _demand(run, [docker, *words], login.password.encode(), build.image)
    is_there, _ = run([docker, "manifest", "inspect", build.image], b"")
    if not is_there:
        made = ["build", "--platform", build.platform, "--tag", build.image, "--file", DOCKERFILE]
        files = pack_files(Path(build.root), **{DOCKERFILE: build.dockerfile})
        _demand(run, [docker, *made, "-"], files, build.image)
        _demand(run, [docker, "push", build.image], b"", build.image)
    return build.image


def _demand(run: Run, command: list[str], given: bytes, image: str) -> None:
    succeeded, said = run(command, given)
    if succeeded:
        return
    if _NOT_RUNNING.search(said):
        raise _no_docker(image, "Docker is not running here", ("start Docker",))
    raise MetaPrefectError(
        "MP3101",
        f"docker {command[1]} failed",
        where=image,
        why="\n".join(said.splitlines()[-_LAST_LINES:]),
        fixes=(_FIXES[command[1]],),
    )


def _no_docker(image: str, summary: str, first: tuple[str, ...]) -> MetaPrefectError:
    return MetaPrefectError(
        "MP2124",
        summary,
        why=f"{image} is made of this project's files",
        fixes=(
            *first,
            "remove built_image(): on AWS the code then goes into a bucket",
            '@code_git("https://...")  # in place of built_image()',
        ),
        exit_code=ExitCode.USAGE,
    )
