"""
The image of a project that has no Dockerfile: Prefect's, packages, the project's files.

Pure but for reading what the project says about its packages. What flows with any of our builders
import is there; who wants less writes a Dockerfile. It runs as the user of Prefect's image, which
may install further packages when a run starts.
"""

from __future__ import annotations

import shlex
import sys
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

WORK_FOLDER: Final = "/opt/flows"
_REQUIREMENTS: Final = "requirements.txt"
_INSTALL: Final = "pip install --no-cache-dir"
_FILES: Final = "COPY . ."


def render_dockerfile(root: Path) -> str:
    """
    Write a Dockerfile for a project.

    Packages come from `requirements.txt`, else from `pyproject.toml`. They come before the files,
    so that a change of a flow builds in seconds. A project that can be built is installed as well.

    Raises:
        tomllib.TOMLDecodeError: `pyproject.toml` is none.
    """
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    lines = [
        f"FROM prefecthq/prefect:{version('prefect')}-python{python}",
        f"WORKDIR {WORK_FOLDER}",
    ]
    own = (f"meta-prefect[dask]=={version('meta-prefect')}", "prefect-aws")
    if (root / _REQUIREMENTS).is_file():
        lines += _render_requirements((root / _REQUIREMENTS).read_text("utf-8"), own)
    else:
        lines += _render_project(_read_project(root), own)
    return "\n".join([*lines, ""])


def _render_requirements(text: str, own: Iterable[str]) -> list[str]:
    copied = _FILES if _needs_files(text) else f"COPY {_REQUIREMENTS} ./"
    install = _render_install((*own, "-r", _REQUIREMENTS))
    return list(dict.fromkeys((copied, install, _FILES)))


def _needs_files(text: str) -> bool:
    """Say whether requirements name other files of the project, by an option or by a path."""
    lines = (line.strip() for line in text.splitlines())
    return any(
        line.startswith(("-r", "-c", "-e", "--req", "--con", "--edi", ".")) for line in lines
    )


def _render_project(project: Mapping[str, Any], own: Iterable[str]) -> list[str]:
    described = project.get("project", {})
    lines = [_render_install((*own, *described.get("dependencies", ()))), _FILES]
    if "build-system" not in project:
        return lines
    is_complete = "dependencies" not in described.get("dynamic", ())
    return [*lines, _render_install(("--no-deps", ".") if is_complete else (".",))]


def _render_install(words: Iterable[str]) -> str:
    return f"RUN {_INSTALL} {shlex.join(words)}"


def _read_project(root: Path) -> Mapping[str, Any]:
    file = root / "pyproject.toml"
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
