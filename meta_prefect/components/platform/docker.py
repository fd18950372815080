"""
Docker's command: build an image and push it, unless it is there.

Runs processes, when an `up` is real and never in a preview. Who runs them is an argument.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from meta_prefect.interfaces.diagnostics import ExitCode, MetaPrefectError


class Run(Protocol):
    """Runs a command with a text on its input; gives whether it succeeded, and what it said."""

    def __call__(self, command: list[str], text: str) -> tuple[bool, str]: ...


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
    root: folder that is sent to Docker.
    dockerfile: its text.
    """

    image: str
    root: str
    dockerfile: str


def run_process(command: list[str], text: str) -> tuple[bool, str]:
    """Run a command."""
    done = subprocess.run(  # noqa: S603 - ours, no shell
        command, input=text, capture_output=True, text=True, check=False
    )
    return done.returncode == 0, done.stderr.strip() or done.stdout.strip()


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
        raise _no_docker(build.image)
    if login is not None:
        words = ["login", "--username", login.user, "--password-stdin", login.host]
        _demand(run, [docker, *words], login.password)
    is_there, _ = run([docker, "manifest", "inspect", build.image], "")
    if not is_there:
        made = [docker, "build", "--tag", build.image, "--file", "-", build.root]
        _demand(run, made, build.dockerfile)
        _demand(run, [docker, "push", build.image], "")
    return build.image


def _demand(run: Run, command: list[str], text: str) -> None:
    succeeded, said = run(command, text)
    if not succeeded:
        raise MetaPrefectError(
            "MP3101",
            f"docker {command[1]} failed",
            why="\n".join(said.splitlines()[-10:]),
            fixes=(f"docker {' '.join(command[1:])}",),
        )


def _no_docker(image: str) -> MetaPrefectError:
    return MetaPrefectError(
        "MP2124",
        "there is no Docker here to build an image with",
        why=f"{image} is made of this project's files",
        fixes=(
            "remove built_image(): on AWS the code then goes into a bucket",
            '@code_git("https://...")  # in place of built_image()',
        ),
        exit_code=ExitCode.USAGE,
    )
